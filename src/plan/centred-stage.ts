/** Least squares around the means, as `passes/centred-solve.ts` decides it. */
import { solveSymmetric } from './evaluate-float64.js';
import type { Frame, Value } from './evaluate-float64.js';
import { atMean, spreadEntry } from './frame.js';
import { affineRows } from './matrices.js';
import type { Moments, PlannedUpdate, Program } from './types.js';

/**
 * Least squares with an intercept, solved around the weighted means so that covariates far from zero lose nothing
 * (`passes/centred-solve.ts`). Gives undefined where the update is not of that form.
 */
export function solveCentred(
  update: PlannedUpdate,
  program: Program,
  moments: Moments,
  frame: Frame,
): Value | undefined {
  const { value: e, centred } = update;
  if (centred === undefined || e.kind !== 'solve' || e.matrix.kind !== 'symbol' || e.right.kind !== 'symbol')
    return undefined;
  const { matrix, right } = e;
  const b = program.plan.statistics.find((s) => s.name === right.name)?.reading;
  const group = program.plan.groups[centred.group];
  if (b?.kind !== 'second' || group.kind !== 'derived') return undefined;
  const { constant } = centred;
  const index = matrix.indices[0];
  const k = index?.kind === 'running' ? frame.indices[index.index] : 0;
  const n = moments.weight[k];
  const start = program.groupStart[centred.group];
  const p = group.elements.length;
  const c = moments.columns;
  const mean = (j: number): number => moments.mean[k * c + start + j];
  const level = mean(constant);
  const normal = new Float64Array(p * p);
  for (let i = 0; i < p; i++)
    for (let j = 0; j < p; j++)
      normal[i * p + j] =
        i === constant || j === constant
          ? i === j
            ? n * level * level
            : 0
          : moments.scatter[(k * c + start + i) * c + start + j];
  const y = affineRows(b.right, program, frame);
  const phi = affineRows(b.left, program, frame);
  const yMean = atMean(y, k, moments);
  const target = new Float64Array(p * y.rows);
  for (let i = 0; i < p; i++)
    for (let j = 0; j < y.rows; j++)
      target[i * y.rows + j] = i === constant ? n * level * yMean[j] : spreadEntry(phi, y, i, j, k, moments);
  const solution = solveSymmetric({ shape: [p, p], data: normal }, { shape: [p, y.rows], data: target });
  if (solution === undefined) {
    frame.fail(e);
    return { shape: [p], data: new Float64Array(p * y.rows).fill(NaN) };
  }
  const data = Float64Array.from(solution.data);
  for (let j = 0; j < y.rows; j++)
    for (let i = 0; i < p; i++)
      if (i !== constant)
        data[constant * y.rows + j] =
          data[constant * y.rows + j] - (solution.data[i * y.rows + j] * mean(i)) / level;
  return { shape: b.right.shape.length === 0 ? [p] : [p, y.rows], data };
}
