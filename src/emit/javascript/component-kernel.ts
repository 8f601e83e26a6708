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
import { columnsBefore, columnsOfRow, indented, sumsPerComponent } from './kernel-shape.js';
import type { KernelShape } from './kernel-shape.js';
import { axisTables, labelCode, labelsBefore, shareCode } from './kernel-softmax.js';
import { addedSums, LOOPED_COLUMNS, sumsOfComponent, sumsOfRows } from './kernel-sums.js';
import type { SumsCode } from './kernel-sums.js';
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
    ...fillCode(k, shape.weighted),
    ...logitsKernel(shape),
    'function posterior(from, to, labels, r, ofRow, own) {',
    '  const least = own[0];',
    ...indented([
      ...labelsBefore(shape),
      'for (let i = from; i < to; i++) {',
      ...indented([
        `for (let k = 0; k < ${k}; k++) A[k] = r[i * ${k} + k];`,
        ...labelCode(shape, false),
        ...shareCode(shape, 'least'),
      ]),
      '}',
    ]),
    '}',
    ...sumsKernel(shape),
    'return { logits, posterior, sums };',
  ].join('\n');
}

/** Rows that are filled at a time: what a processor's nearest memory holds. */
const BLOCK = 128;

/** Goes through blocks of rows [begin, stop) for component k, whose rules begin at `start`. */
const inBlocks = (
  components: number,
  body: readonly string[],
  before: readonly string[] = [],
): readonly string[] => [
  'for (let p = 0; 2 * p < patterns.length; p++) {',
  '  const end = Math.min(to, patterns[2 * p + 1]);',
  `  for (let begin = Math.max(from, patterns[2 * p]); begin < end; begin += ${String(BLOCK)}) {`,
  `    const stop = Math.min(end, begin + ${String(BLOCK)});`,
  ...before.map((line) => `    ${line}`),
  `    for (let k = 0; k < ${String(components)}; k++) {`,
  `      const start = starts[p * ${String(components)} + k];`,
  ...body.map((line) => `      ${line}`),
  '    }',
  '  }',
  '}',
];

const fillCode = (k: string, weighted: boolean): readonly string[] => [
  `const I = new Int32Array(${String(BLOCK)} * ${k}), N = new Int32Array(${k});`,
  'function fill(from, to, columns, rules, at) {',
  '  for (let cells = rules[at++]; cells > 0; cells--) {',
  '    const out = columns[rules[at]];',
  '    out.fill(rules[at + 1], from, to);',
  '    const end = at + 3 + 3 * rules[at + 2];',
  '    at += 3;',
  // two at a time: what is filled is read and written half as often
  '    for (; at + 3 < end; at += 6) {',
  '      const x = columns[rules[at]], ofX = rules[at + 1], a = rules[at + 2];',
  '      const y = columns[rules[at + 3]], ofY = rules[at + 4], b = rules[at + 5];',
  '      for (let i = from; i < to; i++) out[i] += a * (x[i] - ofX) + b * (y[i] - ofY);',
  '    }',
  '    for (; at < end; at += 3) {',
  '      const x = columns[rules[at]], ofX = rules[at + 1], a = rules[at + 2];',
  '      for (let i = from; i < to; i++) out[i] += a * (x[i] - ofX);',
  '    }',
  '  }',
  '}',
  // for each component the rows that it owns some of, mostly few: their numbers in N, and which they are in I
  'function findOwned(from, to, weights, r) {',
  '  N.fill(0);',
  '  for (let i = from; i < to; i++) {',
  ...(weighted ? ['    if (weights[i] === 0) continue;'] : []),
  `    for (let k = 0; k < ${k}; k++) if (r[i * ${k} + k] !== 0) I[k * ${String(BLOCK)} + N[k]++] = i;`,
  '  }',
  '}',
  'function fillOwned(first, last, columns, rules, at) {',
  '  for (let cells = rules[at++]; cells > 0; cells--) {',
  '    const out = columns[rules[at]], begin = rules[at + 1];',
  '    for (let e = first; e < last; e++) out[I[e]] = begin;',
  '    const end = at + 3 + 3 * rules[at + 2];',
  '    for (at += 3; at < end; at += 3) {',
  '      const x = columns[rules[at]], origin = rules[at + 1], coefficient = rules[at + 2];',
  '      for (let e = first; e < last; e++) out[I[e]] += coefficient * (x[I[e]] - origin);',
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
      inBlocks(shape.components, [
        'fill(begin, stop, columns, rules, start + 1);',
        `logitsOf(begin, stop, columns, codes, supports, ${SLOTS}, k, rules[start], r);`,
      ]),
    ),
    '}',
  ];
}

function sumsKernel(shape: KernelShape): readonly string[] {
  const rows = sumsOfRows(shape);
  const local = localSums(shape);
  return [
    'function sumsOf(first, last, columns, codes, weights, r, k, rules, at, M, S) {',
    ...indented([
      ...rows.before,
      ...shape.strata.map((_, s) => {
        const begin = s === 0 ? 'at' : `end${String(s - 1)}`;
        return `const at${String(s)} = ${begin} + 1, end${String(s)} = at${String(s)} + 2 * rules[${begin}];`;
      }),
      ...local.before,
      'for (let e = first; e < last; e++) {',
      ...indented([
        'const i = I[e];',
        `const q = ${shape.weighted ? 'weights[i] * ' : ''}r[i * ${String(shape.components)} + k];`,
        ...rows.row,
        ...local.inside,
        ...shape.strata.flatMap((_, s) =>
          local.inside.length > 0 && s === 0 ? [] : sumsOfComponent(shape, s, 'k', 'q', [spreadCode(s, 'q')]),
        ),
      ]),
      '}',
      ...local.after,
    ]),
    '}',
    'function sums(from, to, columns, codes, weights, r, patterns, starts, rules, M, S) {',
    ...indented(
      inBlocks(
        shape.components,
        [
          'if (N[k] === 0) continue;',
          `const first = k * ${String(BLOCK)}, last = first + N[k];`,
          'const at = fillOwned(first, last, columns, rules, start + 1);',
          'sumsOf(first, last, columns, codes, weights, r, k, rules, at, M, S);',
        ],
        ['findOwned(begin, stop, weights, r);'],
      ),
    ),
    '}',
  ];
}

/** What filled cells spread, to the sums of a stratum. */
const spreadCode = (s: number, share: string): string =>
  `for (let e = at${String(s)}; e < end${String(s)}; e += 2) S${String(s)}[base${String(s)} + rules[e]] += ${share} * rules[e + 1];`;

/** The sums over all rows as variables, where they are written out. */
function localSums(shape: KernelShape): Pick<SumsCode, 'before' | 'inside' | 'after'> {
  const { columns: c } = shape;
  const [{ pairs }] = shape.strata;
  if (c > LOOPED_COLUMNS) return { before: [], inside: [], after: [] };
  const width = sumsPerComponent(c, pairs);
  const all = Array.from({ length: width }, (_, f) => String(f));
  const means = Array.from({ length: c }, (_, a) => `m${String(a)} = M0[k * ${String(c)} + ${String(a)}]`);
  return {
    before: [
      `const base0 = k * ${String(width)}${means.map((m) => `, ${m}`).join('')};`,
      `let ${all.map((f) => `s${f} = 0`).join(', ')};`,
    ],
    inside: addedSums(
      c,
      pairs,
      'q',
      (f) => `s${String(f)}`,
      (a) => `m${String(a)}`,
      undefined,
    ),
    after: [...all.map((f) => `S0[base0 + ${f}] += s${f};`), spreadCode(0, 's0')],
  };
}
