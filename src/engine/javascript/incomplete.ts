/**
 * Rows with missing cells, compiled. Rows that miss the same cells (a pattern) lie side by side: a component has one rule to
 * fill them, so that a row costs about what a complete one does.
 */
import type { Moments, Pairs, Parameters, Program } from '../../plan/types.js';
import { groupsOf, groupWeight, posteriorsOf } from '../groups.js';
import type { Posteriors } from '../groups.js';
import { gaussianBlocks, startMoments } from '../reference/missing.js';
import { someRows } from '../some-rows.js';
import type { Expectation, RowData, RowPosterior, Session } from '../types.js';
import { compileComponentKernels } from './compiled.js';
import { fillCell, fillingOf, independentFilling, openBlock } from './filling.js';
import type { Filling, OpenBlock } from './filling.js';
import { slotFiller } from './parameter-functions.js';
import { inverse, ordered, patternsOf } from './patterns.js';
import type { Pattern } from './patterns.js';
import { rowReading } from './row-reading.js';
import { kernelRows } from './shape.js';
import { summing } from './sums.js';

/** Rows that are filled at a time: what a processor's nearest memory holds. */
const BLOCK = 512;

/** One component's way to fill rows of a pattern, and where what it spreads belongs among the sums, stratum by stratum. */
interface Rule extends Filling {
  readonly places: readonly (readonly number[])[];
  readonly spreads: readonly (readonly number[])[];
}

/** For each pattern those of all components. */
type Rules = readonly (readonly Rule[])[];

export function openIncomplete(program: Program, given: RowData): Session {
  const { components: k, plan } = program;
  const { order, patterns } = patternsOf(program, given);
  const data = someRows(given, order);
  const { shape, columns: read } = kernelRows(program, data);
  const kernels = compileComponentKernels(shape);
  const { body, groupCombinations: combinations } = shape;
  const slots = new Float64Array(body.slots);
  const fillSlots = slotFiller(body, program);
  // missing cells are written by one component after the other
  const columns = read.map((c) => (c.some(Number.isNaN) ? c.slice() : c));
  const codes = data.strata ?? [];
  const supports = data.supports ?? [];
  const readRows = rowReading(program, data);
  const summed = summing(program, data, false);
  const responsibilities = new Float64Array(data.rows * k);

  const rulesOf = (fillings: readonly Filling[]): readonly Rule[] => {
    // the same for all components
    const places = plan.strata.map((s) => placesOf(fillings[0], program.columns.length, s.pairs));
    return fillings.map((filling) => ({
      ...filling,
      places,
      spreads: plan.strata.map((s) => spreadOf(filling, s.pairs)),
    }));
  };
  const rulesAt = (parameters: Parameters): Rules => {
    const known = new Map<string, readonly (readonly OpenBlock[])[]>();
    return patterns.map(({ missing, codes: of }) => {
      const blocks =
        known.get(of.join()) ??
        gaussianBlocks(program, parameters, of).map((own) => own.map((block) => openBlock(block)));
      known.set(of.join(), blocks);
      return rulesOf(blocks.map((own) => fillingOf(own, missing)));
    });
  };
  const startRules = (r: Float64Array): Rules => {
    const moments = startMoments(program, data, r);
    return patterns.map(({ missing }) => rulesOf(moments.map((own) => independentFilling(own, missing))));
  };

  /** Visits rows that one component has filled. */
  const filled = (
    rules: Rules,
    visit: (from: number, to: number, component: number, rule: Rule) => void,
  ): void => {
    patterns.forEach((pattern, p) => {
      for (const [from, to] of blocksOf(pattern))
        for (let j = 0; j < k; j++) {
          for (const cell of rules[p][j].cells) fillCell(cell, columns, from, to);
          visit(from, to, j, rules[p][j]);
        }
    });
  };

  const fillPosteriors = (parameters: Parameters, rules: Rules): Posteriors => {
    fillSlots(parameters, slots);
    filled(rules, (from, to, j, { logVolume }) => {
      kernels.logits(from, to, columns, codes, supports, slots, j, logVolume, responsibilities);
    });
    const ofRow = new Float64Array(data.rows * combinations);
    kernels.posterior(data.rows, data.labels, responsibilities, ofRow);
    return posteriorsOf(program, data, parameters, responsibilities, ofRow);
  };

  const momentsUnder = (r: Float64Array, rules: Rules, ofGroups: Float64Array): Moments => {
    const moments = summed((sums, centres) => {
      filled(rules, (from, to, j, { places, spreads }) => {
        kernels.sums(from, to, columns, codes, data.weights, r, j, places, spreads, sums, centres);
      });
    }, false);
    return {
      ...moments,
      ...(data.groups === undefined ? {} : { groupWeight: groupWeight(program, ofGroups) }),
      ...readRows(r),
    };
  };

  return {
    expectation: (parameters): Expectation => {
      const rules = rulesAt(parameters);
      const { responsibilities: r, logLikelihood, ofGroups } = fillPosteriors(parameters, rules);
      return { moments: momentsUnder(r, rules, ofGroups), logLikelihood };
    },
    momentsOf: (r) => {
      const own = ordered(r, order, k);
      return momentsUnder(own, startRules(own), groupsOf(program, data, own));
    },
    posterior: (parameters): RowPosterior => {
      const found = fillPosteriors(parameters, rulesAt(parameters));
      const back = inverse(order);
      return {
        responsibilities: ordered(found.responsibilities, back, k),
        logDensity: ordered(found.logDensity, back, 1),
      };
    },
    dispose: () => undefined,
  };
}

const blocksOf = ({ from, to }: Pattern): readonly (readonly [number, number])[] =>
  Array.from({ length: Math.ceil((to - from) / BLOCK) }, (_, n) => {
    const start = from + n * BLOCK;
    return [start, Math.min(to, start + BLOCK)] as const;
  });

/** Where the products of filled cells stand among a component's sums: after n and Σ r d. */
function placesOf({ spread }: Filling, columns: number, pairs: Pairs): readonly number[] {
  const places: number[] = [];
  forEachPair(spread, pairs, (a, b) => {
    const [i, j] = [Math.min(a, b), Math.max(a, b)];
    places.push(1 + columns + (pairs === 'all' ? i * columns - (i * (i - 1)) / 2 + j - i : i));
  });
  return places;
}

function spreadOf({ spread }: Filling, pairs: Pairs): readonly number[] {
  const values: number[] = [];
  forEachPair(spread, pairs, (_, __, value) => values.push(value));
  return values;
}

function forEachPair(
  spread: Filling['spread'],
  pairs: Pairs,
  visit: (a: number, b: number, value: number) => void,
): void {
  if (pairs === 'none') return;
  for (const { columns, covariance } of spread)
    for (let i = 0; i < columns.length; i++)
      for (let j = i; j < (pairs === 'all' ? columns.length : i + 1); j++)
        visit(columns[i], columns[j], covariance[i * columns.length + j]);
}
