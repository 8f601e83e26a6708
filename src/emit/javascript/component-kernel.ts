/**
 * Kernels for rows that every component sees with cells of its own (missing ones, as it fills them). The text is a function body
 * that takes `functions` and returns, for rows [from, to)
 *
 *     logits     all components' logits, into `r` [N, K]
 *     posterior  responsibilities in place of those logits, and log Σ exp for each combination of the groups' latents
 *     sums       sums under responsibilities that are given, as `kernel.ts` has them; and of each row r times some numbers,
 *                stratum by stratum at some places among its sums: what the filled cells spread
 *
 * Rows [patterns[2 p], patterns[2 p + 1]) miss the same cells. How component k fills them is a list of numbers that begins at
 * starts[p K + k] in `rules`:
 *
 *     what the logit gains, the number of cells, then of each its column, a first value, and the number of columns that are
 *     added to it, then of each of those which it is, its origin and its coefficient; at the end for each stratum how many
 *     numbers are spread, then the place and the number of each
 */
import { columnsBefore, columnsOfRow, indented } from './kernel-shape.js';
import type { KernelShape } from './kernel-shape.js';
import { axisTables, labelCode, labelsBefore, shareCode } from './kernel-softmax.js';
import { LOOPED_COLUMNS, sumsOfComponent, sumsOfRows } from './kernel-sums.js';
import { codeName, EXP, hoistSlots, rowCode, SLOTS, supportName } from './row-code.js';

export function componentKernelSource(shape: KernelShape): string {
  const { components, columns } = shape;
  const k = String(components);
  const widest = Math.max(1, ...shape.body.nodes.map((n) => (n.kind === 'squares' ? n.residual.length : 0)));
  return [
    "'use strict';",
    EXP,
    `const A = new Float64Array(${k}), R = new Float64Array(${k});`,
    ...(columns > LOOPED_COLUMNS ? [`const D = new Float64Array(${String(columns)});`] : []),
    ...(widest > 1 ? [`const E = new Float64Array(${String(widest)});`] : []),
    ...axisTables(shape),
    ...FILL,
    ...logitsKernel(shape),
    'function posterior(from, to, labels, r, ofRow) {',
    ...indented([
      ...labelsBefore(shape),
      'for (let i = from; i < to; i++) {',
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

/** Rows that are filled at a time: what a processor's nearest memory holds. */
const BLOCK = 512;

/** Goes through blocks of rows [begin, stop) that component k has filled; what follows in `rules` begins at `at`. */
const filled = (components: number, body: string): readonly string[] => [
  'for (let p = 0; 2 * p < patterns.length; p++) {',
  '  const end = Math.min(to, patterns[2 * p + 1]);',
  `  for (let begin = Math.max(from, patterns[2 * p]); begin < end; begin += ${String(BLOCK)}) {`,
  `    const stop = Math.min(end, begin + ${String(BLOCK)});`,
  `    for (let k = 0; k < ${String(components)}; k++) {`,
  `      const start = starts[p * ${String(components)} + k];`,
  '      const at = fill(begin, stop, columns, rules, start + 1);',
  `      ${body}`,
  '    }',
  '  }',
  '}',
];

const FILL = [
  'function fill(from, to, columns, rules, at) {',
  '  for (let cells = rules[at++]; cells > 0; cells--) {',
  '    const out = columns[rules[at]];',
  '    out.fill(rules[at + 1], from, to);',
  '    const end = at + 3 + 3 * rules[at + 2];',
  '    for (at += 3; at < end; at += 3) {',
  '      const x = columns[rules[at]], origin = rules[at + 1], coefficient = rules[at + 2];',
  '      for (let i = from; i < to; i++) out[i] += coefficient * (x[i] - origin);',
  '    }',
  '  }',
  '  return at;',
  '}',
];

function logitsKernel(shape: KernelShape): readonly string[] {
  const strataSizes = shape.strata.map((s) => s.combinations);
  const code = rowCode(shape.body, [shape.logit], strataSizes);
  const own = code.own({ component: 'k', strataSizes });
  const { before, inside } = hoistSlots([...code.shared, ...own], true);
  return [
    `function logitsOf(from, to, columns, codes, supports, ${SLOTS}, k, add, r) {`,
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
    `function logits(from, to, columns, codes, supports, ${SLOTS}, patterns, starts, rules, r) {`,
    ...indented(
      filled(
        shape.components,
        `logitsOf(begin, stop, columns, codes, supports, ${SLOTS}, k, rules[start], r);`,
      ),
    ),
    '}',
  ];
}

function sumsKernel(shape: KernelShape): readonly string[] {
  const rows = sumsOfRows(shape);
  const share = `${shape.weighted ? 'w * ' : ''}r[i * ${String(shape.components)} + k]`;
  return [
    'function sumsOf(from, to, columns, codes, weights, r, k, rules, at, M, S) {',
    ...indented([
      ...rows.before,
      ...shape.strata.map((_, s) => {
        const begin = s === 0 ? 'at' : `end${String(s - 1)}`;
        return `const at${String(s)} = ${begin} + 1, end${String(s)} = at${String(s)} + 2 * rules[${begin}];`;
      }),
      'for (let i = from; i < to; i++) {',
      ...(shape.weighted ? ['  const w = weights[i];', '  if (w === 0) continue;'] : []),
      ...indented([
        `const q = ${share};`,
        'if (q === 0) continue;',
        ...rows.row,
        ...shape.strata.flatMap((_, s) =>
          sumsOfComponent(shape, s, 'k', 'q', [
            `for (let e = at${String(s)}; e < end${String(s)}; e += 2) S${String(s)}[base${String(s)} + rules[e]] += q * rules[e + 1];`,
          ]),
        ),
      ]),
      '}',
    ]),
    '}',
    'function sums(from, to, columns, codes, weights, r, patterns, starts, rules, M, S) {',
    ...indented(
      filled(shape.components, 'sumsOf(begin, stop, columns, codes, weights, r, k, rules, at, M, S);'),
    ),
    '}',
  ];
}
