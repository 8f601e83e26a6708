/**
 * Rows with missing cells, compiled. Rows that miss the same cells (a pattern) lie side by side: a component has one rule to
 * fill them, so that a row costs about what a complete one does.
 */
import { componentKernelSource } from '../../emit/javascript/component-kernel.js';
import { workOf } from '../../emit/javascript/kernel-shape.js';
import type { Moments, Parameters, Program } from '../../plan/types.js';
import { groupsOf, groupWeight, posteriorsOf } from '../groups.js';
import type { Posteriors } from '../groups.js';
import type { PatternRows } from '../patterns.js';
import { startMoments } from '../reference/missing.js';
import type { Expectation, RowPosterior, Session } from '../types.js';
import { openLanes } from './lanes.js';
import type { LaneOptions } from './lanes.js';
import { slotFiller } from './parameter-functions.js';
import { rowReading } from './row-reading.js';
import { openRules, rulesLength } from './rules.js';
import { kernelRows } from './shape.js';
import { summing } from './sums.js';

/**
 * A step leaves out the components of a row that are so far below its best, in nats: beside that one they are less than the
 * rounding of what is there (1e-20).
 */
const NEGLIGIBLE = 46;

export function openIncomplete(
  program: Program,
  { data: given, patterns }: PatternRows,
  options: LaneOptions,
): Session {
  const k = program.components;
  const c = given.columns.length;
  const { shape, columns: read } = kernelRows(program, given);
  const { body, groupCombinations: combinations } = shape;
  const lanes = openLanes(given.rows, workOf(shape), options);
  const data = lanes.sharedRows(given);
  const { rows, weights, labels, strata: codes = [], supports = [] } = data;
  // missing cells are written by one component after the other
  const columns = read.map((c) => (c.some(Number.isNaN) ? lanes.copied(c) : lanes.shared(c)));
  const slots = lanes.floats(body.slots);
  const fillSlots = slotFiller(body, program);
  const readRows = rowReading(program, data, lanes);
  const sums = summing(program, data, lanes, false);
  const responsibilities = lanes.floats(rows * k);
  const ofRow = lanes.floats(rows * combinations);

  const source = componentKernelSource(shape);
  const spans = lanes.copied(Int32Array.from(patterns.flatMap(({ from, to }) => [from, to])));
  const starts = lanes.ints(patterns.length * k);
  const numbers = lanes.floats(rulesLength(program, patterns));
  // after n and Σ r d, a triangle by its rows
  const rules = openRules(program, patterns, numbers, starts, (pairs, a, b) =>
    pairs === 'all' ? 1 + c + a * c - (a * (a - 1)) / 2 + b - a : 1 + c + a,
  );
  const logits = lanes.pass(source, 'logits', [
    columns,
    codes,
    supports,
    slots,
    spans,
    starts,
    numbers,
    responsibilities,
  ]);
  const least = lanes.floats(1);
  const posterior = lanes.pass(source, 'posterior', [labels, responsibilities, ofRow, least]);
  const sumsOf = lanes.pass(
    source,
    'sums',
    [columns, codes, weights, responsibilities, spans, starts, numbers, sums.centres],
    sums.sums.map((own) => [own]),
  );

  const fillPosteriors = (parameters: Parameters, below: number): Posteriors => {
    rules.write(parameters);
    fillSlots(parameters, slots);
    least[0] = below;
    logits();
    posterior();
    return posteriorsOf(program, data, parameters, responsibilities, ofRow);
  };

  const moments = (ofGroups: Float64Array): Moments => ({
    ...sums.moments(sumsOf),
    ...(data.groups === undefined ? {} : { groupWeight: groupWeight(program, ofGroups) }),
    ...readRows(responsibilities),
  });

  return {
    expectation: (parameters): Expectation => {
      const { logLikelihood, ofGroups } = fillPosteriors(parameters, -NEGLIGIBLE);
      return { moments: moments(ofGroups), logLikelihood };
    },
    momentsOf: (r) => {
      responsibilities.set(r);
      rules.writeStart(startMoments(program, data, r));
      return moments(groupsOf(program, data, r));
    },
    posterior: (parameters): RowPosterior => {
      const found = fillPosteriors(parameters, -Infinity);
      return { responsibilities: found.responsibilities.slice(), logDensity: found.logDensity.slice() };
    },
    dispose: lanes.dispose,
  };
}
