/**
 * Kernels for rows that every component sees with cells of its own (missing ones, as it fills them): rows [from, to) of columns
 * as component k sees them. The text is a function body that takes `functions` and returns
 *
 *     logits     the component's logits plus a number, into `r` [N, K]
 *     posterior  responsibilities in place of those logits, and log Σ exp for each combination of the groups' latents
 *     sums       the component's sums under responsibilities that are given, as `kernel.ts` has them; and of each row r times
 *                some numbers, stratum by stratum at these places among its sums: what the filled cells spread
 */
import { columnsBefore, columnsOfRow, indented } from './kernel-shape.js';
import type { KernelShape } from './kernel-shape.js';
import { axisTables, labelCode, labelsBefore, shareCode } from './kernel-softmax.js';
import { LOOPED_COLUMNS, sumsOfComponent, sumsOfRows } from './kernel-sums.js';
import { codeName, hoistSlots, rowCode, SLOTS, supportName } from './row-code.js';

export function componentKernelSource(shape: KernelShape): string {
  const { components, columns } = shape;
  const k = String(components);
  const widest = Math.max(1, ...shape.body.nodes.map((n) => (n.kind === 'squares' ? n.residual.length : 0)));
  return [
    "'use strict';",
    `const A = new Float64Array(${k}), R = new Float64Array(${k});`,
    ...(columns > LOOPED_COLUMNS ? [`const D = new Float64Array(${String(columns)});`] : []),
    ...(widest > 1 ? [`const E = new Float64Array(${String(widest)});`] : []),
    ...axisTables(shape),
    ...logitsKernel(shape),
    'function posterior(n, labels, r, ofRow) {',
    ...indented([
      ...labelsBefore(shape),
      'for (let i = 0; i < n; i++) {',
      ...indented([
        `for (let k = 0; k < ${k}; k++) A[k] = r[i * ${k} + k];`,
        ...labelCode(shape, false),
        ...shareCode(shape),
      ]),
      '}',
    ]),
    '}',
    ...sumsKernel(shape),
    'return { logits, posterior, sums };',
  ].join('\n');
}

function logitsKernel(shape: KernelShape): readonly string[] {
  const strataSizes = shape.strata.map((s) => s.combinations);
  const code = rowCode(shape.body, [shape.logit], strataSizes);
  const own = code.own({ component: 'k', strataSizes });
  const { before, inside } = hoistSlots([...code.shared, ...own], true);
  return [
    `function logits(from, to, columns, codes, supports, ${SLOTS}, k, add, r) {`,
    ...indented([
      ...columnsBefore(code.columns),
      ...code.strata.map((s) => `const codes${String(s)} = codes[${String(s - 1)}];`),
      ...code.supports.map((s) => `const supports${String(s)} = supports[${String(s)}];`),
      ...before,
      'for (let i = from; i < to; i++) {',
      ...indented([
        ...columnsOfRow(code.columns),
        ...code.strata.map((s) => `const ${codeName(s)} = codes${String(s)}[i];`),
        ...code.supports.map((s) => `const ${supportName(s)} = supports${String(s)}[i];`),
        ...inside,
        `r[i * ${String(shape.components)} + k] = ${code.name(shape.logit, 'k')} + add;`,
      ]),
      '}',
    ]),
    '}',
  ];
}

function sumsKernel(shape: KernelShape): readonly string[] {
  const rows = sumsOfRows(shape);
  const share = `${shape.weighted ? 'w * ' : ''}r[i * ${String(shape.components)} + k]`;
  return [
    'function sums(from, to, columns, codes, weights, r, k, at, spread, S, M) {',
    ...indented([
      ...rows.before,
      ...shape.strata.map(
        (_, s) => `const at${String(s)} = at[${String(s)}], C${String(s)} = spread[${String(s)}];`,
      ),
      'for (let i = from; i < to; i++) {',
      ...(shape.weighted ? ['  const w = weights[i];', '  if (w === 0) continue;'] : []),
      ...indented([
        `const q = ${share};`,
        'if (q === 0) continue;',
        ...rows.row,
        ...shape.strata.flatMap((_, s) =>
          sumsOfComponent(shape, s, 'k', 'q', [
            `for (let e = 0; e < at${String(s)}.length; e++) S${String(s)}[base${String(s)} + at${String(s)}[e]] += q * C${String(s)}[e];`,
          ]),
        ),
      ]),
      '}',
    ]),
    '}',
  ];
}
