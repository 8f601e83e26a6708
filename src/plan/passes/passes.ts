/**
 * The passes over a plan, in the order in which they run. Each is a function from a plan to a plan with the same answers, in
 * a file of its own that says why it is right; a plan runs with any of them left out.
 *
 * What is done for the rows of a single engine stands beside it: `hoistRows` (`hoist-rows.ts`) works on a row body.
 */
import type { Pass, Plan } from '../types.js';
import { centredSolve } from './centred-solve.js';
import { mergeColumns } from './merge-columns.js';
import { neededProducts } from './needed-products.js';
import { pooledScatter } from './pooled-scatter.js';
import { sharedQuadratic } from './shared-quadratic.js';
import { symmetricProducts } from './symmetric-products.js';

export const passes: readonly Pass[] = [
  mergeColumns,
  symmetricProducts,
  neededProducts,
  sharedQuadratic,
  pooledScatter,
  centredSolve,
];

/** The plan after a pass, its notes added. */
export function afterPass(before: Plan, pass: Pass): Plan {
  const { plan, notes } = pass.apply(before);
  return { ...plan, notes: [...before.notes, ...notes.map((note) => ({ pass: pass.name, note }))] };
}
