/** Starts that run side by side, over sessions that are made up here, and over one of TensorFlow. */
import { describe, expect, it } from 'vitest';
import { isTensorFlowInstalled } from '../../src/engine/tensorflow/load.js';
import type { Expectation, Session } from '../../src/engine/types.js';
import { eachStart } from '../../src/fit/side-by-side.js';
import type { SymbolName } from '../../src/model/types.js';
import type { Parameters } from '../../src/plan/types.js';
import { expectClose, expectParameters, fitExample, report } from './fits.js';

const START = 'start' as SymbolName;

/** Parameters that say which start asks, and its answer. */
const asked = (start: number): Parameters => new Map([[START, { shape: [], data: Float64Array.of(start) }]]);
const answer = (at: Parameters): Expectation => ({
  moments: {
    components: 1,
    columns: 0,
    weight: new Float64Array(1),
    mean: new Float64Array(),
    scatter: new Float64Array(),
  },
  logLikelihood: at.get(START)!.data[0],
});

/** A session that keeps a list of the starts that were answered at once. */
function listening(fails: (batch: readonly number[]) => boolean = () => false) {
  const batches: (readonly number[])[] = [];
  const answered = (at: readonly Parameters[]): readonly Expectation[] => {
    const batch = at.map((p) => p.get(START)!.data[0]);
    batches.push(batch);
    if (fails(batch)) throw new Error('no answer');
    return at.map(answer);
  };
  const alone: Session = {
    expectation: (at) => answered([at])[0],
    momentsOf: () => answer(asked(0)).moments,
    posterior: () => ({ responsibilities: new Float64Array(), logDensity: new Float64Array() }),
    dispose: () => undefined,
  };
  const seats: number[] = [];
  const session: Session = {
    ...alone,
    together: (starts) => {
      seats.push(starts);
      return (at) => Promise.resolve().then(() => answered(at));
    },
  };
  return { batches, seats, session, alone };
}

/** A start that takes so many steps, and comes to the sum of its answers. */
const taking =
  (steps: (start: number) => number) =>
  async (start: number, session: Session): Promise<number> => {
    let sum = 0;
    for (let n = 0; n < steps(start); n++) sum += (await session.expectation(asked(start))).logLikelihood;
    return sum;
  };
const never = (): boolean => false;

describe('starts side by side', () => {
  it('take each step in one batch, and the last of them alone', async () => {
    const { batches, session } = listening();
    const found = await eachStart(
      3,
      session,
      taking((start) => start),
      never,
    );
    expect(found).toEqual([1, 4, 9]);
    expect(batches).toEqual([[1, 2, 3], [2, 3], [3]]);
  });

  it('make room for those that have not begun', async () => {
    const { batches, seats, session } = listening();
    const found = await eachStart(
      20,
      session,
      taking((start) => (start === 1 ? 3 : 2)),
      never,
    );
    expect(found).toEqual(Array.from({ length: 20 }, (_, at) => (at === 0 ? 3 : 2 * (at + 1))));
    expect(seats).toEqual([16]);
    expect(batches.map((b) => b.length)).toEqual([16, 16, 5, 4]);
    expect([...batches[2]].sort((p, q) => p - q)).toEqual([1, 17, 18, 19, 20]);
  });

  it('begin none after the fit is called off', async () => {
    let off = false;
    const { session } = listening();
    const run = async (start: number, over: Session): Promise<number> => {
      const found = await taking(() => 1)(start, over);
      off = true;
      return found;
    };
    expect((await eachStart(40, session, run, () => off)).length).toBe(16);
  });

  it('fail with what fails in a batch', async () => {
    const { session } = listening((batch) => batch.length < 3);
    await expect(
      eachStart(
        3,
        session,
        taking((start) => start),
        never,
      ),
    ).rejects.toThrow('no answer');
  });

  it('run one after the other where a session takes one at a time', async () => {
    const { batches, alone } = listening();
    expect(
      await eachStart(
        3,
        alone,
        taking((start) => start),
        never,
      ),
    ).toEqual([1, 4, 9]);
    expect(batches).toEqual([[1], [2], [2], [3], [3], [3]]);
  });
});

describe.skipIf(!isTensorFlowInstalled().ok)('starts of TensorFlow in batches', () => {
  it.each(['old-faithful', 'k-means', 'two-curves', 'tied'])(
    'lead where those of the reference lead: %s',
    async (name) => {
      const options = { seed: '3', restarts: 6 } as const;
      const ours = await fitExample(name, { ...options, engine: 'tensorflow' });
      const truth = await fitExample(name, { ...options, engine: 'reference' });
      expect(report(ours).bestRestart).toBe(report(truth).bestRestart);
      expect(report(ours).iterations).toBe(report(truth).iterations);
      expectClose(
        report(ours).logLikelihood ?? report(ours).inertia,
        report(truth).logLikelihood ?? report(truth).inertia,
        1e-11,
      );
      expectParameters(ours.parameters, truth.parameters, 1e-7);
    },
  );
});
