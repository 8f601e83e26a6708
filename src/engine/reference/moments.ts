/** Weighted moments of the columns per component, in two passes: means first, then scatter around them. */
import type { Moments, Program } from '../../plan/types.js';
import type { RowData } from '../types.js';

/** `responsibilities` is [N, K] row-major, without the row weights. */
export function momentsOf(program: Program, data: RowData, responsibilities: Float64Array): Moments {
  const k = program.components;
  const c = program.columns.length;
  const { rows, columns, weights } = data;
  const pairs = program.plan.pairs.statistics;
  const weight = new Float64Array(k);
  const mean = new Float64Array(k * c);
  const scatter = new Float64Array(pairs === 'none' ? 0 : pairs === 'squares' ? k * c : k * c * c);
  for (let i = 0; i < rows; i++) {
    const w = weights === undefined ? 1 : weights[i];
    if (w === 0) continue;
    for (let j = 0; j < k; j++) {
      const r = w * responsibilities[i * k + j];
      if (r === 0) continue;
      weight[j] = weight[j] + r;
      for (let a = 0; a < c; a++) mean[j * c + a] = mean[j * c + a] + r * columns[a][i];
    }
  }
  for (let j = 0; j < k; j++)
    for (let a = 0; a < c; a++) mean[j * c + a] = weight[j] > 0 ? mean[j * c + a] / weight[j] : 0;
  if (pairs === 'none') return { components: k, columns: c, weight, mean, scatter };
  const d = new Float64Array(c);
  for (let i = 0; i < rows; i++) {
    const w = weights === undefined ? 1 : weights[i];
    if (w === 0) continue;
    for (let j = 0; j < k; j++) {
      const r = w * responsibilities[i * k + j];
      if (r === 0) continue;
      for (let a = 0; a < c; a++) d[a] = columns[a][i] - mean[j * c + a];
      if (pairs === 'squares')
        for (let a = 0; a < c; a++) scatter[j * c + a] = scatter[j * c + a] + r * d[a] * d[a];
      else
        for (let a = 0; a < c; a++) {
          const rd = r * d[a];
          const at = (j * c + a) * c;
          for (let b = a; b < c; b++) scatter[at + b] = scatter[at + b] + rd * d[b];
        }
    }
  }
  if (pairs === 'all')
    for (let j = 0; j < k; j++)
      for (let a = 0; a < c; a++)
        for (let b = 0; b < a; b++) scatter[(j * c + a) * c + b] = scatter[(j * c + b) * c + a]!;
  return { components: k, columns: c, weight, mean, scatter };
}
