/** Sums over the rows that no moment gives, and points of a median, as JavaScript made for them. */
import type { SumBody } from '../../plan/lower-rows.js';
import { wantedOf } from '../../plan/lower-rows.js';
import { columnsBefore, columnsOfRow, indented } from './kernel-shape.js';
import { EXP, hoistSlots, rowCode, SLOTS } from './row-code.js';

/**
 * A function body that takes `functions` and returns `sum(from, to, columns, weights, codes, at, r, P, out)`: Σ w r e over rows
 * [from, to), entry by entry of one expression after the other into `out`. Numbers `at` say which: the stratum (all rows where
 * it is 0, else those with its combination), the combination, and whose responsibilities r [N, K] (−1: with 1 for each row).
 */
export function sumKernelSource(sum: SumBody, components: number): string {
  const { name, loop } = rowsOf(sum, components);
  // equal sums are one, as in a symmetric matrix
  const found = new Map<string, number>();
  const places = sum.sums.flatMap(({ shared, entries }) =>
    entries.map((id) => {
      const key = `${String(shared)} ${String(id)}`;
      const place = found.get(key) ?? found.size;
      found.set(key, place);
      return place;
    }),
  );
  const different = [...found].map(([key, place]) => ({ place, ids: key.split(' ').map(Number) }));
  const added = [...new Set(sum.sums.map((s) => s.shared))].flatMap((shared, n) => [
    `const y${String(n)} = w * ${name(shared)};`,
    `if (y${String(n)} !== 0) {`,
    ...different
      .filter(({ ids }) => ids[0] === shared)
      .map(({ place, ids }) => `  s${String(place)} += y${String(n)} * ${name(ids[1])};`),
    '}',
  ]);
  return loop('sum', 'out', {
    before: [`let ${different.map(({ place }) => `s${String(place)} = 0`).join(', ')};`],
    inside: added,
    after: places.map((place, e) => `out[${String(e)}] = s${String(place)};`),
  });
}

/**
 * The same for `points(…, P, values, weighting, own)` of two numbers: where w r times the second is positive, it into
 * `weighting` and the first into `values`, from place `from` on. Returns how many there are, and leaves their number and weight
 * in `own`.
 */
export function pointKernelSource(sum: SumBody, components: number): string {
  const { name, loop } = rowsOf(sum, components);
  const product = ({ shared, entries }: SumBody['sums'][number]): string =>
    [shared, ...entries].map((id) => name(id)).join(' * ');
  const [value, weight] = sum.sums;
  return loop('points', 'values, weighting, own', {
    before: ['let m = from, total = 0;'],
    inside: [
      `const y = w * ${product(weight)};`,
      'if (!(y > 0)) continue;',
      'total += y;',
      `values[m] = ${product(value)};`,
      'weighting[m++] = y;',
    ],
    after: ['own[0] = m - from;', 'own[1] = total;', 'return m - from;'],
  });
}

/**
 * A function body that returns `within(from, to, limits, values, weighting, own)`: of the points that `points` has left, those
 * between two limits move to the front. Returns how many they are, and leaves the weight of those below them, and their own, in
 * `own`.
 */
export const WINDOW_SOURCE = `'use strict';
return function within(from, to, limits, values, weighting, own) {
  const least = limits[0], most = limits[1], end = from + own[0];
  let m = from, below = 0, inside = 0;
  for (let i = from; i < end; i++) {
    const x = values[i], y = weighting[i];
    // as numbers: which side a point is on is not to be foretold
    const isBelow = +(x < least), isInside = +(x >= least) & +(x <= most);
    below += isBelow * y;
    inside += isInside * y;
    values[m] = x;
    weighting[m] = y;
    m += isInside;
  }
  own[2] = below;
  own[3] = inside;
  return m - from;
};`;

interface Loop {
  readonly before: readonly string[];
  readonly inside: readonly string[];
  readonly after: readonly string[];
}

/** A function that goes through the rows whose weight is not 0. */
function rowsOf(sum: SumBody, components: number) {
  const { body } = sum;
  const code = rowCode(body, wantedOf(sum), [1]);
  const { before, inside } = hoistSlots(code.shared);
  const widest = Math.max(1, ...body.nodes.map((n) => (n.kind === 'squares' ? n.residual.length : 0)));
  const loop = (called: string, more: string, rows: Loop): string =>
    [
      "'use strict';",
      EXP,
      ...(widest > 1 ? [`const E = new Float64Array(${String(widest)});`] : []),
      `return function ${called}(from, to, columns, weights, codes, at, r, ${SLOTS}, ${more}) {`,
      '  const code = at[0] > 0 ? codes[at[0] - 1] : undefined, combination = at[1], component = at[2];',
      ...indented([...columnsBefore(code.columns), ...before, ...rows.before]),
      '  for (let i = from; i < to; i++) {',
      '    if (code !== undefined && code[i] !== combination) continue;',
      '    let w = weights === undefined ? 1 : weights[i];',
      `    if (component >= 0) w *= r[i * ${String(components)} + component];`,
      '    if (w === 0) continue;',
      ...indented(indented([...columnsOfRow(code.columns), ...inside, ...rows.inside])),
      '  }',
      ...indented(rows.after),
      '};',
    ].join('\n');
  return { name: (id: SumBody['sums'][number]['shared']): string => code.name(id, '0'), loop };
}
