/**
 * Kernels for rows that every component sees with cells of its own (missing ones, as it fills them): one component at a time.
 * The text is a function body that takes `functions` and returns
 *
 *     logits     of component k at rows whose columns are as it sees them, plus a number, into `r` [N, K]
 *     posterior  responsibilities in place of those logits, and log Σ exp for each combination of the groups' latents
 *     moments    sums under responsibilities that are given (`kernel.ts`)
 */
import { columnsBefore, columnsOfRow, indented } from './kernel-shape.js';
import type { KernelShape } from './kernel-shape.js';
import { axisTables, labelCode, labelsBefore, shareCode } from './kernel-softmax.js';
import { momentsKernel } from './kernel.js';
import { codeName, hoistSlots, rowCode, SLOTS, supportName } from './row-code.js';
import { LOOPED_COLUMNS } from './kernel-sums.js';

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
    ...momentsKernel(shape),
    'return { logits, posterior, moments };',
  ].join('\n');
}

function logitsKernel(shape: KernelShape): readonly string[] {
  const strataSizes = shape.strata.map((s) => s.combinations);
  const code = rowCode(shape.body, [shape.logit], strataSizes);
  const own = code.own({ component: 'k', strataSizes });
  const { before, inside } = hoistSlots([...code.shared, ...own], true);
  return [
    `function logits(n, columns, codes, supports, ${SLOTS}, k, add, r) {`,
    ...indented([
      ...columnsBefore(code.columns),
      ...code.strata.map((s) => `const codes${String(s)} = codes[${String(s - 1)}];`),
      ...code.supports.map((s) => `const supports${String(s)} = supports[${String(s)}];`),
      ...before,
      'for (let i = 0; i < n; i++) {',
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
