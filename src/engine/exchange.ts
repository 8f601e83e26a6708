/**
 * Two engines for one fit. The first leaves out what weighs nothing, and says how much was left (`Expectation.active`); the
 * second computes everything, faster where there is little to leave out, and is opened when that has shown for some steps.
 * Parameters are all that EM carries from step to step, so engines may take turns at any of them.
 */
import type { Engine, Expectation, Session } from './types.js';

/**
 * Share of the pairs of rows and components above which TensorFlow computes all of them instead. Up to a half of them it was
 * measured to take two to five times as long; where nothing can be left out, processors differ.
 */
const DENSE = 0.9;
/** Dense steps in succession before the second engine is opened: loading TensorFlow costs as much as some of them. */
const PATIENCE = 4;
/** Steps of the second engine before the first measures again. */
const TURN = 8;

/** `second` is asked for once, when it is wanted; undefined where it cannot be had, and then the first does all. */
export const exchanging = (first: Engine, second: () => Promise<Engine | undefined>): Engine => ({
  ...first,
  open: async (program, data) => {
    const session = await first.open(program, data);
    return takingTurns(session, async () => (await second())?.open(program, data));
  },
});

function takingTurns(first: Session, open: () => Promise<Session | undefined>): Session {
  let dense = 0;
  let left = 0;
  let second: Promise<Session | undefined> | undefined;
  return {
    ...first,
    expectation: async (parameters): Promise<Expectation> => {
      const other = left > 0 ? await second : undefined;
      if (other !== undefined) {
        left--;
        return other.expectation(parameters);
      }
      const found = await first.expectation(parameters);
      dense = (found.active ?? 0) > DENSE ? dense + 1 : 0;
      if (dense >= PATIENCE) {
        second ??= open();
        left = TURN;
      }
      return found;
    },
    dispose: () => {
      first.dispose();
      void second?.then((session) => session?.dispose());
    },
  };
}
