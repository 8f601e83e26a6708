/**
 * The parameter stage as JavaScript made for one program: every entry of a parameter, and every number that the logits read,
 * in a line of its own. Small problems wait for little else; `plan/parameter-stage.ts` and `plan/slots.ts` are what the text
 * means, and what runs where it would be too long (`NotWritten`).
 */
import { sizeOf } from '../../algebra/evaluate.js';
import { some } from '../../algebra/traverse.js';
import type { Expr, Range } from '../../algebra/types.js';
import { isAt } from '../../derive/copies.js';
import { forEachIndex, shapeOfParameter } from '../../plan/frame.js';
import { setComponent, setStratum } from '../../plan/program.js';
import type { RowBody, Source } from '../../plan/row-body.js';
import type { AffineForm, PlannedUpdate, Program } from '../../plan/types.js';
import { inLoop, placeOf } from './loops.js';
import { GROUP_WEIGHT, momentNames, statisticCode } from './scalar-statistics.js';
import { written } from './scalar-expressions.js';
import type { SymbolCode, Written } from './scalar-expressions.js';
import {
  entriesAt,
  factorOf,
  inverseLower,
  known,
  literal,
  NotWritten,
  scalarCode,
  sumOf,
} from './scalars.js';
import type { Atom, ScalarCode, Scalars } from './scalars.js';

/** What an update's entry is given beside its value: the order of `StageFailure.reason`. */
export const STATUS = ['done', 'empty', 'singular', 'not-finite'] as const;

/**
 * A function body that takes `functions` and `linear` (the algebra's functions, and those of `linear-algebra/`) and returns
 * `update(P, moments, before, out, status)`: P are the parameters' arrays in the model's order, `before` this one's (or
 * undefined), `status` an entry of STATUS for each copy. Copies from `looped` on stand in a loop, where they are alike.
 * Undefined where it is not written out.
 */
export function updateSource(update: PlannedUpdate, program: Program, looped = LOOPED): string | undefined {
  if (update.iteration !== undefined || update.joint !== undefined || update.centred !== undefined)
    return undefined;
  return orUndefined(() => {
    const ranges = update.entry === undefined ? update.ranges : [...update.ranges, update.entry];
    const lengths = ranges.map((r) => sizeOf(r.dim, program.sizes));
    const copies = lengths.reduce((a, b) => a * b, 1);
    const length = shapeOfParameter(program, update.parameter).reduce((a, b) => a * b, 1);
    const mayLoop = ranges.length === 1 && copies >= looped && isAlike(update, program);
    const body =
      (mayLoop ? loopOver(update, program, ranges[0].index, copies, length / copies) : undefined) ??
      oneByOne(update, program, ranges, lengths, length / copies);
    return [
      ...head(),
      'return function update(P, moments, before, out, status) {',
      ...parameterNames(program),
      `const { weight: ${momentNames(0).weight}, mean: ${momentNames(0).mean}, scatter: ${momentNames(0).scatter}, strata, groupWeight: ${GROUP_WEIGHT} } = moments;`,
      ...program.plan.strata.slice(1).map((_, s) => {
        const { weight, mean, scatter } = momentNames(s + 1);
        return `const { weight: ${weight}, mean: ${mean}, scatter: ${scatter} } = strata[${String(s)}];`;
      }),
      ...body,
      '};',
    ].join('\n');
  });
}

/** More copies than this are gone through in a loop: text is made, and becomes fast, for one of them. */
const LOOPED = 5;

function oneByOne(
  update: PlannedUpdate,
  program: Program,
  ranges: readonly Range[],
  lengths: readonly number[],
  each: number,
): readonly string[] {
  const code = scalarCode();
  const at = writtenIn(code, program);
  const ends: string[] = [];
  forEachIndex(ranges, lengths, {}, (position, values) => {
    const indices = Object.fromEntries(ranges.map((r, n) => [r.index, values[n]]));
    const held = update.held.find((h) => isAt(h.at, values));
    ends.push(
      ...copyCode(
        update,
        held?.value,
        { ...at, indices },
        each,
        (n) => String(position * each + n),
        String(position),
      ),
    );
  });
  return [...code.lines, ...ends];
}

/** The statements that end a copy: its entries, whose places `place` gives, and its status. */
function copyCode(
  update: PlannedUpdate,
  held: Expr | undefined,
  here: Written,
  each: number,
  place: (n: number) => string,
  copy: string,
): readonly string[] {
  const set = (entries: readonly Atom[]): string =>
    entries.map((x, n) => `out[${place(n)}] = ${x};`).join(' ');
  if (held !== undefined) return [`status[${copy}] = 0; ${set(spread(written(held, here), each))}`];
  const divisor = written(update.divisor, here).entries;
  // the value may fail: the divisor is looked at first, and its failures are the value's
  const value = spread(written(update.value, here), each);
  const failures = here.code.takeFailures();
  const empty = divisor.map((x) => `!(Math.abs(${x}) > 0)`).join(' && ');
  const finite = value.map((x) => `Number.isFinite(${x})`).join(' && ');
  return [
    `if (${empty}) { status[${copy}] = 1; for (let e = ${place(0)}, end = e + ${String(each)}; e < end; e++) out[e] = before === undefined ? NaN : before[e]; }`,
    `else { ${set(value)} status[${copy}] = ${failures.length === 0 ? '' : `${failures.join(' || ')} ? 2 : `}${finite} ? 0 : 3; }`,
  ];
}

/** Whether the copies of an update differ in the places that they read alone. */
function isAlike({ held, value, divisor }: PlannedUpdate, { plan, constants }: Program): boolean {
  const read = plan.statistics.flatMap(({ reading }): readonly Expr[] => {
    if (reading.kind === 'first') return formParts(reading.form);
    if (reading.kind !== 'second') return [];
    const matrix = reading.as === 'trace' ? [reading.matrix] : [];
    return [...formParts(reading.left), ...formParts(reading.right), ...matrix];
  });
  const tells = (e: Expr): boolean =>
    e.kind === 'position' ||
    e.kind === 'condition' ||
    (e.kind === 'symbol' && e.indices.length > 0 && constants.has(e.name));
  return held.length === 0 && ![value, divisor, ...read].some((e) => some(e, tells));
}

const formParts = ({ parts, offset }: AffineForm): readonly Expr[] => [
  ...parts.map((p) => p.coefficient),
  offset,
];

/**
 * The copies in a loop, from the texts of the first two and the last: they are the same but for the places in brackets, which go
 * on by the same number from copy to copy. Undefined where they are not, or have so much in common that it is better shared.
 */
function loopOver(
  update: PlannedUpdate,
  program: Program,
  index: string,
  copies: number,
  each: number,
): readonly string[] | undefined {
  const textOf = (k: number): readonly string[] => {
    const code = scalarCode();
    const here = { ...writtenIn(code, program), indices: { [index]: k } };
    const ends = copyCode(update, undefined, here, each, (n) => placeOf(n, each), 'copy');
    return [...code.lines, ...ends];
  };
  const both = scalarCode();
  const at = writtenIn(both, program);
  const linesWith = (k: number): number => {
    written(update.divisor, { ...at, indices: { [index]: k } });
    written(update.value, { ...at, indices: { [index]: k } });
    return both.lines.length;
  };
  const alone = linesWith(0);
  const shared = 2 * alone - linesWith(1);
  if (shared > Math.max(FEW, SHARED * alone)) return undefined;
  return inLoop(textOf(0), textOf(1), textOf(copies - 1), copies);
}

/** Lines that copies have in common, as a share of one's and at all, above which they are better shared than made again. */
const SHARED = 0.3;
const FEW = 4;

/** `slots(P, out)` likewise: fills `out` (`body.slots` numbers), and says whether a scale is not positive definite. */
export function slotsSource(body: RowBody, program: Program): string | undefined {
  return orUndefined(() => {
    const code = scalarCode();
    const at = writtenIn(code, program);
    const ends: string[] = [];
    const failures: string[] = [];
    body.sources.forEach((source, n) => {
      const combinations = program.strataSizes[source.stratum];
      const components = source.isShared ? 1 : program.components;
      for (let k = 0; k < components; k++)
        for (let combination = 0; combination < combinations; combination++) {
          const indices: Record<string, number> = {};
          setComponent(program, indices, k);
          if (source.stratum > 0) setStratum(program, indices, source.stratum, combination);
          const values = valuesOf(source, { ...at, indices: { ...indices, ...source.at } });
          failures.push(...code.takeFailures());
          for (let e = 0; e < source.length; e++)
            ends.push(
              `out[${String(body.starts[n] + (k * source.length + e) * combinations + combination)}] = ${values[e]};`,
            );
        }
    });
    return [
      ...head(),
      'return function slots(P, out) {',
      ...parameterNames(program),
      ...code.lines,
      ...ends,
      `return ${failures.length === 0 ? 'false' : [...new Set(failures)].join(' || ')};`,
      '};',
    ].join('\n');
  });
}

function valuesOf(source: Source, at: Written): readonly Atom[] {
  const { code } = at;
  switch (source.kind) {
    case 'value':
      return written(source.of, at).entries;
    case 'total':
      return [source.of.reduce((s, e) => sumOf(code, s, written(e, at).entries[0]), literal(0))];
    case 'whitening': {
      const { size: n } = source;
      const unless = written(source.unless, at).entries[0];
      const l = factorOf(code, written(source.of, at).entries, n);
      // a branch that does not hold reads nothing: its matrix need not be one
      const isOff =
        known(unless) === undefined ? code.declare(`${unless} === 0`) : String(known(unless) === 0);
      code.failed(isOff === 'false' ? l.failed : code.declare(`!${isOff} && (${l.failed})`));
      const entry = source.isInverse ? inverseLower(code, l, n) : l.at;
      const packed: Atom[] = [];
      for (let i = 0; i < n; i++)
        if (source.isInverse) for (let j = 0; j <= i; j++) packed.push(entry(i, j));
        else for (let j = i; j < n; j++) packed.push(entry(j, i));
      if (isOff === 'false' && l.array === undefined) return packed;
      return packed.map((x) => `${isOff} || ${l.failed} ? 0 : ${x}`);
    }
  }
}

// ------------------------------------------------------------------------------------------------ names

const head = (): readonly string[] => [
  "'use strict';",
  'const { cholesky, inverseLower, inverseCholesky, solveSymmetric } = linear;',
  // entries of what could not be computed
  'const none = new Proxy({}, { get: () => NaN });',
];

const parameterNames = (program: Program): readonly string[] =>
  program.plan.model.parameters.map((_, n) => `const p${String(n)} = P[${String(n)}];`);

function writtenIn(code: ScalarCode, program: Program): Written {
  const { plan, constants } = program;
  const symbols = new Map<string, SymbolCode>([
    ...plan.model.parameters.map((p, n): [string, SymbolCode] => [
      p.name,
      { shape: shapeOfParameter(program, p.name), entry: (at) => `p${String(n)}[${String(at)}]` },
    ]),
    ...[...constants].map(([name, { shape, data }]): [string, SymbolCode] => [
      name,
      { shape, entry: (at) => literal(data[at]) },
    ]),
  ]);
  const statistics = new Map<string, Scalars & { readonly failures: readonly string[] }>();
  const at: Written = {
    code,
    program,
    indices: {},
    symbol: (name) => symbols.get(name),
    statistic: (name, values) => {
      const planned = plan.statistics.find((s) => s.name === name);
      if (planned === undefined || values.length < planned.ranges.length) return undefined;
      const own = values.slice(0, planned.ranges.length);
      const key = `${name} ${own.join(' ')}`;
      const found = statistics.get(key);
      if (found !== undefined) {
        found.failures.forEach(code.failed);
        return entriesAt(found, values.slice(own.length));
      }
      const before = code.takeFailures();
      const whole = statisticCode(planned, own, at);
      const failures = code.takeFailures();
      [...before, ...failures].forEach(code.failed);
      statistics.set(key, { ...whole, failures });
      return entriesAt(whole, values.slice(own.length));
    },
  };
  return at;
}

const spread = ({ entries }: Scalars, length: number): readonly Atom[] =>
  entries.length === length ? entries : new Array<Atom>(length).fill(entries[0]);

function orUndefined(make: () => string): string | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof NotWritten) return undefined;
    throw error;
  }
}
