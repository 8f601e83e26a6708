/** Sums over the rows that no moment gives, and points of a median, as JavaScript made for them. */
import type { SumBody } from '../../plan/lower-rows.js';
import { wantedOf } from '../../plan/lower-rows.js';
import { columnsBefore, columnsOfRow, indented } from './kernel-shape.js';
import { hoistSlots, rowCode, SLOTS } from './row-code.js';

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
 * The same for `points(…, P, values, weighting)` of two numbers: the first of each row whose w r is not 0 into `values`, w r
 * times the second into `weighting`, from place `from` on. Returns how many there are.
 */
export function pointKernelSource(sum: SumBody, components: number): string {
  const { name, loop } = rowsOf(sum, components);
  const product = ({ shared, entries }: SumBody['sums'][number]): string =>
    [shared, ...entries].map((id) => name(id)).join(' * ');
  const [value, weight] = sum.sums;
  return loop('points', 'values, weighting', {
    before: ['let m = from;'],
    inside: [`values[m] = ${product(value)};`, `weighting[m++] = w * ${product(weight)};`],
    after: ['return m - from;'],
  });
}

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
