/**
 * The data stage as JavaScript made for one program: sizes are numbers, loops over few components are written out, and
 * what is the same for all components is computed once a row. The text is a function body that takes `functions` (the
 * table of `algebra/functions.ts`, values only) and returns the kernels:
 *
 *     step       E-step and sums in one pass, where no groups share responsibilities; returns the log-likelihood. These are
 *                written where a later sum needs them
 *     posterior  responsibilities [N, K], and log Σ exp of the row for each combination of the groups' latents [N, G]
 *     join       responsibilities times those of the rows' groups
 *     moments    sums under responsibilities that are given
 *
 * each of rows [from, to). Sums are around centres that the caller gives, [K × combinations, C]: with centres near the means
 * nothing cancels.
 * Where rows stand for groups of rows (`kernel-shape.ts`), there is `step` alone, which leaves Σ r behind the sums too.
 * For each component and combination stand n, Σ r d, and Σ r d dᵀ (upper triangle by rows) or Σ r d², d = c − centre.
 */
import { columnsBefore, columnsOfRow, each, indented, scalar, sumsPerComponent } from './kernel-shape.js';
import type { KernelShape } from './kernel-shape.js';
import { axisTables, labelCode, labelsBefore, shareCode, softmaxCode } from './kernel-softmax.js';
import { LOOPED_COLUMNS, scatterColumns, sumsCode } from './kernel-sums.js';
import { codeName, columnName, EXP, hoistSlots, rowCode, SLOTS, supportName } from './row-code.js';

/** Components are written out while they and their sums stay within what a processor and V8 hold well. */
const UNROLLED_OPERATIONS = 240;

export function kernelSource(shape: KernelShape): string {
  const parts = partsOf(shape);
  if (shape.together !== undefined)
    return ["'use strict';", EXP, ...parts.constants, ...stepKernel(shape, parts), 'return { step };'].join(
      '\n',
    );
  const kernels =
    shape.groupCombinations === 1 ? ['step', 'posterior', 'moments'] : ['posterior', 'join', 'moments'];
  return [
    "'use strict';",
    EXP,
    ...parts.constants,
    ...(shape.groupCombinations === 1 ? stepKernel(shape, parts) : []),
    ...posteriorKernel(shape, parts),
    ...(shape.groupCombinations === 1 ? [] : joinKernel(shape)),
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
      `${unrolled ? 'let ' : ''}${scalar('a', c, unrolled)} = ${logitCode(shape, code.name(shape.logit, c), c)};`,
    ]),
    ...labelCode(shape, unrolled),
  ];
  const hoisted = hoistSlots(logits);
  const read = [...code.columns, ...scatterColumns(shape)];
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
      ...columnsBefore(read),
      ...code.strata.map((s) => `const codes${String(s)} = codes[${String(s - 1)}];`),
      ...code.supports.map((s) => `const supports${String(s)} = supports[${String(s)}];`),
      ...labelsBefore(shape),
      ...hoisted.before,
    ],
    row: [
      ...columnsOfRow(read),
      ...code.strata.map((s) => `const ${codeName(s)} = codes${String(s)}[i];`),
      ...code.supports.map((s) => `const ${supportName(s)} = supports${String(s)}[i];`),
    ],
    logits: hoisted.inside,
    softmax: softmaxCode(shape, unrolled),
  };
}

/** The logit of a row, or of the group that it stands for. */
function logitCode({ together }: KernelShape, logit: string, component: string): string {
  if (together === undefined) return logit;
  const { pairs, first, parameters } = together;
  const width = 1 + pairs.length;
  const read = (at: number): string =>
    /^\d+$/.test(component)
      ? `${SLOTS}[${String(parameters + Number(component) * width + at)}]`
      : `${SLOTS}[${String(parameters + at)} + ${component} * ${String(width)}]`;
  const scatter = pairs.map((_, p) => ` + ${read(1 + p)} * ${columnName(first + p)}`);
  return `${read(0)} + w * (${logit}${scatter.join('')})`;
}

// ------------------------------------------------------------------------------------------------ kernels

/** Σ log rest over rows as the log of a product, taken before it can overflow: one logarithm for hundreds of rows. */
function logLikelihoodCode(shape: KernelShape): { readonly add: readonly string[]; readonly result: string } {
  const isPlain = shape.hard || shape.components === 1;
  // the logit of a group has its rows' weights in it
  if (shape.weighted && shape.together === undefined)
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
  const sums = sumsCode(shape, parts.unrolled, parts.unrolled, (k) => scalar('r', k, parts.unrolled));
  const known = new Set(parts.row);
  return [
    `function step(from, to, columns, codes, supports, weights, labels, ${SLOTS}, r, M, S) {`,
    ...indented([
      ...new Set([...parts.before, ...sums.before]),
      'let total = 0, product = 1;',
      'for (let i = from; i < to; i++) {',
      ...(shape.weighted ? ['  const w = weights[i];', '  if (w === 0) continue;'] : []),
      ...indented([
        ...parts.row,
        ...parts.logits,
        ...parts.softmax,
        ...(shape.keeps ? writeShares(shape, parts.unrolled) : []),
        ...(shape.together === undefined ? [] : addShares(shape, parts.unrolled)),
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

const writeShares = (shape: KernelShape, unrolled: boolean): readonly string[] =>
  each(shape, unrolled, (k) => [`r[i * ${String(shape.components)} + ${k}] = ${scalar('r', k, unrolled)};`]);

/** Σ r over the groups, whatever they weigh: behind the sums of the strata. */
const addShares = (shape: KernelShape, unrolled: boolean): readonly string[] =>
  each(shape, unrolled, (k) => [`S[${String(shape.strata.length)}][${k}] += ${scalar('r', k, unrolled)};`]);

function posteriorKernel(shape: KernelShape, parts: Parts): readonly string[] {
  const { groupCombinations: g } = shape;
  const body =
    g === 1
      ? [...parts.softmax, ...writeShares(shape, parts.unrolled), 'ofRow[i] = top + Math.log(rest);']
      : shareCode(shape);
  return [
    `function posterior(from, to, columns, codes, supports, labels, ${SLOTS}, r, ofRow) {`,
    ...indented([
      ...parts.before,
      'for (let i = from; i < to; i++) {',
      ...indented([...parts.row, ...parts.logits, ...body]),
      '}',
    ]),
    '}',
  ];
}

function joinKernel({ components: k, groupCombinations: g }: KernelShape): readonly string[] {
  return [
    'function join(from, to, groups, shares, r) {',
    ...indented([
      'for (let i = from; i < to; i++) {',
      `  const group = groups[i] * ${String(g)}, own = i * ${String(k)};`,
      ...Array.from({ length: g }, (_, c) => {
        const [first, end] = [(c * k) / g, ((c + 1) * k) / g].map(String);
        return `  for (let k = ${first}, share = shares[group + ${String(c)}]; k < ${end}; k++) r[own + k] = share === 0 ? 0 : share * r[own + k];`;
      }),
      '}',
    ]),
    '}',
  ];
}

function momentsKernel(shape: KernelShape): readonly string[] {
  const k = String(shape.components);
  const sums = sumsCode(shape, false, false, (component) => `r[i * ${k} + ${component}]`);
  return [
    'function moments(from, to, columns, codes, weights, r, M, S) {',
    ...indented([
      ...sums.before,
      'for (let i = from; i < to; i++) {',
      ...(shape.weighted ? ['  const w = weights[i];', '  if (w === 0) continue;'] : []),
      ...indented([...sums.row, ...sums.inside]),
      '}',
      ...sums.after,
    ]),
    '}',
  ];
}
