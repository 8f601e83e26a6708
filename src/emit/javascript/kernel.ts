/**
 * The data stage as JavaScript made for one program: sizes are numbers, loops over few components are written out, and
 * what is the same for all components is computed once a row. The text is a function body that takes `functions` (the
 * table of `algebra/functions.ts`, values only) and returns the kernels:
 *
 *     step       E-step and sums in one pass (only where no group and no later sum needs the responsibilities)
 *     posterior  responsibilities [N, K], and log Σ exp of the row for each combination of the groups' latents [N, G]
 *     moments    sums under responsibilities that are given
 *
 * Sums are around centres that the caller gives, [K × combinations, C]: with centres near the means nothing cancels.
 * For each component and combination stand n, Σ r d, and Σ r d dᵀ (upper triangle by rows) or Σ r d², d = c − centre.
 */
import type { NodeId, RowBody } from '../../plan/row-body.js';
import type { Pairs } from '../../plan/types.js';
import { codeName, columnName, hoistSlots, rowCode, SLOTS, supportName } from './row-code.js';

export interface KernelShape {
  readonly body: RowBody;
  readonly logit: NodeId;
  readonly components: number;
  readonly columns: number;
  readonly axisSizes: readonly number[];
  /** combinations of the groups' latents, 1 without groups */
  readonly groupCombinations: number;
  readonly strata: readonly { readonly combinations: number; readonly pairs: Pairs }[];
  readonly weighted: boolean;
  /** for each latent, whether rows have labels */
  readonly labelled: readonly boolean[];
  readonly hard: boolean;
}

/** Components are written out while they and their sums stay within what a processor and V8 hold well. */
const UNROLLED_OPERATIONS = 240;
/** More columns than this are summed in loops. */
const LOOPED_COLUMNS = 8;

export function sumsPerComponent(columns: number, pairs: Pairs): number {
  return 1 + columns + (pairs === 'all' ? (columns * (columns + 1)) / 2 : pairs === 'squares' ? columns : 0);
}

export function kernelSource(shape: KernelShape): string {
  const parts = partsOf(shape);
  const kernels = shape.groupCombinations === 1 ? ['step', 'posterior', 'moments'] : ['posterior', 'moments'];
  return [
    "'use strict';",
    ...parts.constants,
    ...(shape.groupCombinations === 1 ? stepKernel(shape, parts) : []),
    ...posteriorKernel(shape, parts),
    ...momentsKernel(shape),
    `return { ${kernels.join(', ')} };`,
  ].join('\n');
}

interface Parts {
  readonly unrolled: boolean;
  /** tables outside of the kernels */
  readonly constants: readonly string[];
  /** before the loop over the rows */
  readonly before: readonly string[];
  /** reads the row at hand */
  readonly row: readonly string[];
  /** logits of the row */
  readonly logits: readonly string[];
  readonly softmax: readonly string[];
}

const indented = (lines: readonly string[]): readonly string[] => lines.map((l) => `  ${l}`);

/** The components one by one, or in a loop. */
function each(
  shape: KernelShape,
  unrolled: boolean,
  body: (k: string) => readonly string[],
): readonly string[] {
  if (unrolled) return Array.from({ length: shape.components }, (_, k) => body(String(k))).flat();
  return [`for (let k = 0; k < ${String(shape.components)}; k++) {`, ...indented(body('k')), '}'];
}

const scalar = (name: string, k: string, unrolled: boolean): string =>
  unrolled ? `${name}${k}` : `${name.toUpperCase()}[${k}]`;

function partsOf(shape: KernelShape): Parts {
  const { components: k, columns, strata } = shape;
  const code = rowCode(
    shape.body,
    [shape.logit],
    strata.map((s) => s.combinations),
  );
  const work = k * (code.size + sumsPerComponent(columns, strata[0].pairs));
  const unrolled = shape.groupCombinations === 1 && work <= UNROLLED_OPERATIONS;
  const around = (component: string) => ({ component, strataSizes: strata.map((s) => s.combinations) });
  const logits = [
    ...code.shared,
    ...each(shape, unrolled, (c) => [
      ...code.own(around(c)),
      `${unrolled ? 'let ' : ''}${scalar('a', c, unrolled)} = ${code.name(shape.logit, c)};`,
    ]),
    ...labelCode(shape, unrolled),
  ];
  const hoisted = hoistSlots(logits);
  const widest = Math.max(1, ...shape.body.nodes.map((n) => (n.kind === 'squares' ? n.residual.length : 0)));
  return {
    unrolled,
    constants: [
      ...(unrolled ? [] : [`const A = new Float64Array(${String(k)}), R = new Float64Array(${String(k)});`]),
      ...(columns > LOOPED_COLUMNS ? [`const D = new Float64Array(${String(columns)});`] : []),
      ...(widest > 1 ? [`const E = new Float64Array(${String(widest)});`] : []),
      ...(unrolled ? [] : axisTables(shape)),
    ],
    before: [
      ...columnsBefore(code.columns),
      ...code.strata.map((s) => `const codes${String(s)} = codes[${String(s - 1)}];`),
      ...code.supports.map((s) => `const supports${String(s)} = supports[${String(s)}];`),
      ...shape.labelled.flatMap((on, axis) =>
        on ? [`const labels${String(axis)} = labels[${String(axis)}];`] : [],
      ),
      ...hoisted.before,
    ],
    row: [
      ...columnsOfRow(code.columns),
      ...code.strata.map((s) => `const ${codeName(s)} = codes${String(s)}[i];`),
      ...code.supports.map((s) => `const ${supportName(s)} = supports${String(s)}[i];`),
    ],
    logits: hoisted.inside,
    softmax: softmaxCode(shape, unrolled),
  };
}

const columnsBefore = (columns: readonly number[]): readonly string[] =>
  columns.map((c) => `const c${String(c)} = columns[${String(c)}];`);
const columnsOfRow = (columns: readonly number[]): readonly string[] =>
  columns.map((c) => `const ${columnName(c)} = c${String(c)}[i];`);

// ------------------------------------------------------------------------------------------------ labels

/** The value of an axis in a component. */
function axisValue(shape: KernelShape, axis: number, component: number): number {
  const step = shape.axisSizes.slice(axis + 1).reduce((a, b) => a * b, 1);
  return Math.floor(component / step) % shape.axisSizes[axis];
}

const axisTables = (shape: KernelShape): readonly string[] =>
  shape.labelled.flatMap((on, axis) =>
    on
      ? [
          `const axis${String(axis)} = [${Array.from({ length: shape.components }, (_, k) => axisValue(shape, axis, k)).join(', ')}];`,
        ]
      : [],
  );

/** Leaves only the components that the row's labels allow. */
function labelCode(shape: KernelShape, unrolled: boolean): readonly string[] {
  return shape.labelled.flatMap((on, axis) => {
    if (!on) return [];
    const label = `label${String(axis)}`;
    return [
      `const ${label} = labels${String(axis)}[i];`,
      `if (${label} !== 0) {`,
      ...indented(
        each(shape, unrolled, (k) => {
          const value = unrolled ? String(axisValue(shape, axis, Number(k))) : `axis${String(axis)}[${k}]`;
          return [`if (${label} - 1 !== ${value}) ${scalar('a', k, unrolled)} = -Infinity;`];
        }),
      ),
      '}',
    ];
  });
}

// ------------------------------------------------------------------------------------------------ softmax

/**
 * From the logits `a` of a row to responsibilities `r`, with `top` the largest logit and `rest` = Σ exp(a − top): the log
 * density is top + log rest. A hard assignment goes to the first largest, and so does a row of density 0.
 */
function softmaxCode(shape: KernelShape, unrolled: boolean): readonly string[] {
  const { components: n, hard } = shape;
  if (unrolled) {
    const a = (k: number): string => `a${String(k)}`;
    const all = Array.from({ length: n }, (_, k) => k);
    if (n === 1) return ['const r0 = 1, top = a0, rest = 1;'];
    const declare = [
      `let top = a0;`,
      ...all.slice(1).map((k) => `if (${a(k)} > top) top = ${a(k)};`),
      `let rest = 1, ${all.map((k) => `r${String(k)} = 0`).join(', ')};`,
    ];
    const first = all.map(
      (k) => `${k === 0 ? '' : 'else '}${k < n - 1 ? `if (${a(k)} === top) ` : ''}r${String(k)} = 1;`,
    );
    if (hard) return [...declare, ...first];
    return [
      ...declare,
      'if (top === -Infinity) r0 = 1;',
      'else {',
      // the exponential of 0 is 1: one call less
      ...all.map((k) => `  r${String(k)} = ${a(k)} === top ? 1 : Math.exp(${a(k)} - top);`),
      `  rest = ${all.map((k) => `r${String(k)}`).join(' + ')};`,
      '  const inverse = 1 / rest;',
      ...all.map((k) => `  r${String(k)} *= inverse;`),
      '}',
    ];
  }
  return softmaxLoop('0', String(n), hard);
}

/** The same over components `from` to `to` of arrays A and R. */
function softmaxLoop(from: string, to: string, hard: boolean): readonly string[] {
  return [
    `let best = ${from}, rest = 1;`,
    `for (let k = ${from} + 1; k < ${to}; k++) if (A[k] > A[best]) best = k;`,
    'const top = A[best];',
    `if (${hard ? 'true' : 'top === -Infinity'}) {`,
    `  for (let k = ${from}; k < ${to}; k++) R[k] = 0;`,
    '  R[best] = 1;',
    '} else {',
    '  rest = 0;',
    `  for (let k = ${from}; k < ${to}; k++) {`,
    '    const below = A[k] - top;',
    // beneath this an exponential is 0 beside 1, and responsibilities of 0 are skipped later
    '    const e = below === 0 ? 1 : below < -745.2 ? 0 : Math.exp(below);',
    '    R[k] = e;',
    '    rest += e;',
    '  }',
    `  for (let k = ${from}; k < ${to}; k++) R[k] /= rest;`,
    '}',
  ];
}

// ------------------------------------------------------------------------------------------------ kernels

/** Σ log rest over rows as the log of a product, taken before it can overflow: one logarithm for hundreds of rows. */
function logLikelihoodCode(shape: KernelShape): { readonly add: readonly string[]; readonly result: string } {
  const isPlain = shape.hard || shape.components === 1;
  if (shape.weighted)
    return { add: [`total += w * ${isPlain ? 'top' : '(top + Math.log(rest))'};`], result: 'total' };
  if (isPlain) return { add: ['total += top;'], result: 'total' };
  return {
    add: [
      'total += top;',
      'product *= rest;',
      'if (!(product < 1e280)) {',
      '  total += Math.log(product);',
      '  product = 1;',
      '}',
    ],
    result: 'total + Math.log(product)',
  };
}

function stepKernel(shape: KernelShape, parts: Parts): readonly string[] {
  const likelihood = logLikelihoodCode(shape);
  const local = parts.unrolled && shape.strata.length === 1;
  const sums = sumsCode(shape, parts.unrolled, local, (k) => scalar('r', k, parts.unrolled));
  const known = new Set(parts.row);
  return [
    `function step(n, columns, codes, supports, weights, labels, ${SLOTS}, S, M) {`,
    ...indented([
      ...new Set([...parts.before, ...sums.before]),
      'let total = 0, product = 1;',
      'for (let i = 0; i < n; i++) {',
      ...(shape.weighted ? ['  const w = weights[i];', '  if (w === 0) continue;'] : []),
      ...indented([
        ...parts.row,
        ...parts.logits,
        ...parts.softmax,
        ...likelihood.add,
        ...sums.row.filter((line) => !known.has(line)),
        ...sums.inside,
      ]),
      '}',
      ...sums.after,
      `return ${likelihood.result};`,
    ]),
    '}',
  ];
}

function posteriorKernel(shape: KernelShape, parts: Parts): readonly string[] {
  const { components: k, groupCombinations: g } = shape;
  const perGroup = k / g;
  const store = (component: string): string =>
    `r[i * ${String(k)} + ${component}] = ${scalar('r', component, parts.unrolled)};`;
  const body =
    g === 1
      ? [
          ...parts.softmax,
          ...each(shape, parts.unrolled, (component) => [store(component)]),
          'ofRow[i] = top + Math.log(rest);',
        ]
      : [
          `for (let g = 0; g < ${String(g)}; g++) {`,
          `  const from = g * ${String(perGroup)}, to = from + ${String(perGroup)};`,
          ...indented(softmaxLoop('from', 'to', shape.hard)),
          `  ofRow[i * ${String(g)} + g] = top + Math.log(rest);`,
          '}',
          ...each(shape, false, (component) => [store(component)]),
        ];
  return [
    `function posterior(n, columns, codes, supports, labels, ${SLOTS}, r, ofRow) {`,
    ...indented([
      ...parts.before,
      'for (let i = 0; i < n; i++) {',
      ...indented([...parts.row, ...parts.logits, ...body]),
      '}',
    ]),
    '}',
  ];
}

function momentsKernel(shape: KernelShape): readonly string[] {
  const k = String(shape.components);
  const sums = sumsCode(shape, false, false, (component) => `r[i * ${k} + ${component}]`);
  return [
    'function moments(n, columns, codes, weights, r, S, M) {',
    ...indented([
      ...sums.before,
      'for (let i = 0; i < n; i++) {',
      ...(shape.weighted ? ['  const w = weights[i];', '  if (w === 0) continue;'] : []),
      ...indented([...sums.row, ...sums.inside]),
      '}',
      ...sums.after,
    ]),
    '}',
  ];
}

// ------------------------------------------------------------------------------------------------ sums

interface SumsCode {
  readonly before: readonly string[];
  readonly row: readonly string[];
  readonly inside: readonly string[];
  readonly after: readonly string[];
}

/** `local`: sums of the only stratum are variables, stored at the end. */
function sumsCode(
  shape: KernelShape,
  unrolled: boolean,
  local: boolean,
  responsibility: (k: string) => string,
): SumsCode {
  const { columns: c, strata } = shape;
  const all = Array.from({ length: c }, (_, a) => a);
  const before = [...columnsBefore(all)];
  const after: string[] = [];
  strata.forEach((stratum, s) => {
    if (s > 0) before.push(`const codes${String(s)} = codes[${String(s - 1)}];`);
    before.push(`const S${String(s)} = S[${String(s)}], M${String(s)} = M[${String(s)}];`);
    if (!local) return;
    const width = sumsPerComponent(c, stratum.pairs);
    for (let k = 0; k < shape.components; k++) {
      if (c > 0)
        before.push(
          `const ${all.map((a) => `m${String(k)}_${String(a)} = M0[${String(k * c + a)}]`).join(', ')};`,
        );
      before.push(
        `let ${Array.from({ length: width }, (_, f) => `s${String(k)}_${String(f)} = 0`).join(', ')};`,
      );
      for (let f = 0; f < width; f++)
        after.push(`S0[${String(k * width + f)}] = s${String(k)}_${String(f)};`);
    }
  });
  const inside = each(shape, unrolled, (k) => {
    const r = `q${unrolled ? k : ''}`;
    const share = shape.weighted ? `w * ${responsibility(k)}` : responsibility(k);
    return [
      `const ${r} = ${share};`,
      // what owns nothing of the row need not be looked at, and may be no number there
      `if (${r} !== 0) {`,
      ...indented(
        strata.flatMap((stratum, s) => {
          const { combinations } = stratum;
          const width = sumsPerComponent(c, stratum.pairs);
          if (local)
            return addedSums(
              c,
              stratum.pairs,
              r,
              (f) => `s${k}_${String(f)}`,
              (a) => `m${k}_${String(a)}`,
            );
          const component = s === 0 ? k : `(${k} * ${String(combinations)} + ${codeName(s)})`;
          const base = `base${String(s)}`;
          const centre = `centre${String(s)}`;
          return [
            '{',
            ...indented([
              `const ${base} = ${component} * ${String(width)}, ${centre} = ${component} * ${String(c)};`,
              ...(c > LOOPED_COLUMNS
                ? loopedSums(c, stratum.pairs, r, s)
                : addedSums(
                    c,
                    stratum.pairs,
                    r,
                    (f) => `S${String(s)}[${base} + ${String(f)}]`,
                    (a) => `M${String(s)}[${centre} + ${String(a)}]`,
                  )),
            ]),
            '}',
          ];
        }),
      ),
      '}',
    ];
  });
  return {
    before,
    row: [
      ...columnsOfRow(all),
      ...strata.flatMap((_, s) => (s === 0 ? [] : [`const ${codeName(s)} = codes${String(s)}[i];`])),
    ],
    inside,
    after,
  };
}

function addedSums(
  c: number,
  pairs: Pairs,
  r: string,
  sum: (f: number) => string,
  centre: (a: number) => string,
): readonly string[] {
  const lines = [`${sum(0)} += ${r};`];
  let f = 1 + c;
  for (let a = 0; a < c; a++) {
    lines.push(
      `const d${String(a)} = ${columnName(a)} - ${centre(a)}, e${String(a)} = ${r} * d${String(a)};`,
    );
    lines.push(`${sum(1 + a)} += e${String(a)};`);
    if (pairs === 'squares') lines.push(`${sum(f++)} += e${String(a)} * d${String(a)};`);
  }
  if (pairs === 'all')
    for (let a = 0; a < c; a++)
      for (let b = a; b < c; b++) lines.push(`${sum(f++)} += e${String(a)} * d${String(b)};`);
  return ['{', ...indented(lines), '}'];
}

/** The same for many columns, as loops. */
function loopedSums(c: number, pairs: Pairs, r: string, s: number): readonly string[] {
  const [S, M, base, centre] = ['S', 'M', 'base', 'centre'].map((x) => `${x}${String(s)}`);
  const n = String(c);
  const lines = [
    `${S}[${base}] += ${r};`,
    ...Array.from(
      { length: c },
      (_, a) => `D[${String(a)}] = ${columnName(a)} - ${M}[${centre} + ${String(a)}];`,
    ),
    `for (let a = 0; a < ${n}; a++) ${S}[${base} + 1 + a] += ${r} * D[a];`,
  ];
  if (pairs === 'squares')
    lines.push(`for (let a = 0; a < ${n}; a++) ${S}[${base} + 1 + ${n} + a] += ${r} * D[a] * D[a];`);
  if (pairs === 'all')
    lines.push(
      `for (let a = 0, at = ${base} + 1 + ${n}; a < ${n}; a++) {`,
      `  const e = ${r} * D[a];`,
      `  for (let b = a; b < ${n}; b++, at++) ${S}[at] += e * D[b];`,
      '}',
    );
  return lines;
}
