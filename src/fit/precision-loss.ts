/** What float32 costs: the log-likelihood of the estimates, by the engine and in float64, on a sample of the rows. */
import { openJavascript } from '../engine/javascript/engine.js';
import { withIncompleteRows } from '../engine/incomplete.js';
import { referenceEngine } from '../engine/reference/engine.js';
import type { Engine } from '../engine/types.js';
import type { Parameters } from '../plan/types.js';
import { drawRows, sampleOf } from './sampled-starts.js';
import type { SearchInput } from './search.js';

export interface PrecisionLoss {
  /** rows that it was measured on */
  readonly rows: number;
  /** log-likelihood by the engine less that in float64, per row (of a `limit`: of what its inertia is made of) */
  readonly perRow: number;
}

const ROWS = 20_000;

/** undefined where the engine computes in float64. */
export async function precisionLoss(
  input: SearchInput,
  parameters: Parameters,
): Promise<PrecisionLoss | undefined> {
  if (input.engine.precision === 'float64') return undefined;
  const { data, options } = input;
  const drawn = data.groups === undefined ? drawRows(data, ROWS, options.seed) : undefined;
  const sample = drawn === undefined ? input : sampleOf(input, drawn);
  const weight = sample.data.weights?.reduce((a, b) => a + b, 0) ?? sample.data.rows;
  const at = async (engine: Engine): Promise<number> => {
    const session = await engine.open(sample.program, sample.data);
    try {
      return (await session.expectation(parameters)).logLikelihood;
    } finally {
      session.dispose();
    }
  };
  const exact = withIncompleteRows(openJavascript({ threads: 1 }).engine ?? referenceEngine);
  return { rows: sample.data.rows, perRow: ((await at(input.engine)) - (await at(exact))) / weight };
}
