/**
 * Many starts over one session: one after the other, or, where it takes the steps of several in one batch, side by side. Then a
 * step waits until every start that is under way has come to its own, and starts that end make room for those that have not begun.
 */
import { host } from '../host/host.js';
import type { Expectation, Session, StepsTogether } from '../engine/types.js';
import type { Parameters } from '../plan/types.js';

/** Starts that are under way at a time at most: more make a step hardly cheaper. */
const SEATS = 16;

/**
 * Runs starts 1 to `count`, each over the session that it is given, and returns what they came to, in their order. None is begun
 * any more once `isOver`.
 */
export async function eachStart<T>(
  count: number,
  session: Session,
  run: (restart: number, session: Session) => Promise<T>,
  isOver: () => boolean,
): Promise<readonly T[]> {
  const found: T[] = [];
  let next = 1;
  const begin = async (over: Session): Promise<void> => {
    while (next <= count && !(next > 1 && isOver())) {
      const restart = next++;
      if (restart > 1) await host.rest();
      found[restart - 1] = await run(restart, over);
    }
  };
  const seats = Math.min(SEATS, count);
  const together = seats > 1 ? session.together?.(seats) : undefined;
  if (together === undefined) await begin(session);
  else {
    const batches = openBatches(session, together, seats);
    await Promise.all(Array.from({ length: seats }, () => begin(batches.session).finally(batches.leave)));
  }
  return found;
}

interface Waiting {
  readonly parameters: Parameters;
  readonly resolve: (expectation: Expectation | PromiseLike<Expectation>) => void;
  readonly reject: (reason: unknown) => void;
}

interface Batches {
  /** the session whose steps wait for those of the others */
  readonly session: Session;
  /** one of those under way has ended */
  readonly leave: () => void;
}

function openBatches(session: Session, together: StepsTogether, seats: number): Batches {
  let underWay = seats;
  let waiting: Waiting[] = [];
  const go = async (): Promise<void> => {
    if (waiting.length === 0 || waiting.length < underWay) return;
    const all = waiting;
    waiting = [];
    try {
      const found =
        all.length === 1
          ? [await session.expectation(all[0].parameters)]
          : await together(all.map((w) => w.parameters));
      all.forEach((w, n) => {
        w.resolve(found[n]);
      });
    } catch (error) {
      for (const w of all) w.reject(error);
    }
  };
  return {
    session: {
      ...session,
      expectation: (parameters) =>
        new Promise((resolve, reject) => {
          waiting.push({ parameters, resolve, reject });
          void go();
        }),
    },
    leave: () => {
      underWay--;
      void go();
    },
  };
}
