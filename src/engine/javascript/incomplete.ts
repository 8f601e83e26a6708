/**
 * Rows with missing cells, compiled. Rows that miss the same cells (a pattern) lie side by side: a component has one rule to
 * fill them, so that a row costs about what a complete one does.
 */
import { componentKernelSource } from '../../emit/javascript/component-kernel.js';
import { workOf } from '../../emit/javascript/kernel-shape.js';
import type { Moments, Parameters, Program } from '../../plan/types.js';
import { groupsOf, groupWeight, posteriorsOf } from '../groups.js';
import type { Posteriors } from '../groups.js';
import { gaussianBlocks, startMoments } from '../reference/missing.js';
import { someRows } from '../some-rows.js';
import type { Expectation, RowData, RowPosterior, Session } from '../types.js';
import { fillingOf, independentFilling, openBlock } from './filling.js';
import type { OpenBlock } from './filling.js';
import { openLanes } from './lanes.js';
import type { LaneOptions } from './lanes.js';
import { forEachPair } from './once.js';
import { slotFiller } from './parameter-functions.js';
import { inverse, ordered, patternsOf } from './patterns.js';
import { rowReading } from './row-reading.js';
import { writtenRules } from './rules.js';
import type { Rules } from './rules.js';
import { kernelRows } from './shape.js';
import { summing } from './sums.js';

/**
 * A step leaves out the components of a row that are so far below its best, in nats: beside that one they are less than the
 * rounding of what is there (1e-20).
 */
const NEGLIGIBLE = 46;

export function openIncomplete(program: Program, all: RowData, options: LaneOptions): Session {
  const { components: k } = program;
  const { order, patterns } = patternsOf(program, all);
  const given = someRows(all, order);
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
  const held = lanes.holding(rows * k);

  const rulesAt = (parameters: Parameters): Rules => {
    const known = new Map<string, readonly (readonly OpenBlock[])[]>();
    return patterns.map(({ missing, codes: of }) => {
      const blocks =
        known.get(of.join()) ??
        gaussianBlocks(program, parameters, of).map((own) => own.map((block) => openBlock(block)));
      known.set(of.join(), blocks);
      return blocks.map((own) => fillingOf(own, missing));
    });
  };
  const startRules = (r: Float64Array): Rules => {
    const moments = startMoments(program, data, r);
    return patterns.map(({ missing }) => moments.map((own) => independentFilling(own, missing)));
  };

  const source = componentKernelSource(shape);
  const spans = lanes.copied(Int32Array.from(patterns.flatMap(({ from, to }) => [from, to])));
  const { starts, write } = writtenRules(program, lanes, patterns.length * k);
  const logitsBy = forEachPair((rules: Float64Array, r: Float64Array) =>
    lanes.pass(source, 'logits', [columns, codes, supports, slots, spans, starts, rules, r]),
  );
  const least = lanes.floats(1);
  const posterior = lanes.pass(source, 'posterior', [labels, responsibilities, ofRow, least]);
  const sumsBy = forEachPair((rules: Float64Array, r: Float64Array) =>
    lanes.pass(
      source,
      'sums',
      [columns, codes, weights, r, spans, starts, rules, sums.centres],
      sums.sums.map((own) => [own]),
    ),
  );

  const fillPosteriors = (parameters: Parameters, rules: Float64Array, below: number): Posteriors => {
    fillSlots(parameters, slots);
    least[0] = below;
    logitsBy(rules, responsibilities)();
    posterior();
    return posteriorsOf(program, data, parameters, responsibilities, ofRow);
  };

  const momentsUnder = (r: Float64Array, rules: Float64Array, ofGroups: Float64Array): Moments => ({
    ...sums.moments(sumsBy(rules, r)),
    ...(data.groups === undefined ? {} : { groupWeight: groupWeight(program, ofGroups) }),
    ...readRows(r),
  });

  return {
    expectation: (parameters): Expectation => {
      const rules = write(rulesAt(parameters));
      const { responsibilities: r, logLikelihood, ofGroups } = fillPosteriors(parameters, rules, -NEGLIGIBLE);
      return { moments: momentsUnder(r, rules, ofGroups), logLikelihood };
    },
    momentsOf: (r) => {
      const own = held(ordered(r, order, k));
      return momentsUnder(own, write(startRules(own)), groupsOf(program, data, own));
    },
    posterior: (parameters): RowPosterior => {
      const found = fillPosteriors(parameters, write(rulesAt(parameters)), -Infinity);
      const back = inverse(order);
      return {
        responsibilities: ordered(found.responsibilities, back, k),
        logDensity: ordered(found.logDensity, back, 1),
      };
    },
    dispose: lanes.dispose,
  };
}
