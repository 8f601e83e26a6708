/** A plan for a reader: what is computed, what one EM step costs operation by operation, and what the passes saved. */
import { printText } from '../algebra/print.js';
import type { Range } from '../algebra/types.js';
import { rowsDim } from '../derive/translate.js';
import { operationsOf, totalOf } from '../plan/cost.js';
import type { Measure, Operation } from '../plan/cost.js';
import type { LogitTerm, Pairs, Plan, PlannedUpdate, StatisticReading } from '../plan/types.js';
import { sizesIn, valueOf } from '../plan/work.js';
import type { Count } from '../plan/work.js';
import { plainStyle, wrap } from './derivation-text.js';
import type { TextStyle } from './derivation-text.js';
import { padEnd, widthOf } from './numbers-text.js';

const WIDTH = 100;
const LABEL = 21;

/** `sizes` has the numbers that are known: of rows, dimensions, components. */
export function planText(
  plan: Plan,
  sizes: Readonly<Record<string, number>>,
  style: TextStyle = plainStyle,
): string {
  const { model } = plan;
  const heading = model.title === undefined ? model.name : `${model.name}: ${model.title}`;
  const operations = operationsOf(plan);
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ['What is computed', structure(plan, operations, sizes, style)],
    ['What one EM step costs', costs(operations, sizes, style)],
    ['What the passes did', plan.notes.flatMap((n) => entry(n.pass, n.note, style))],
  ];
  const shown = sections.filter(([, lines]) => lines.length > 0);
  const blocks = shown.map(([title, lines], n) =>
    [style.title(`${String(n + 1)}  ${title}`), '', ...lines].join('\n'),
  );
  return `${[style.title(heading), ...blocks].join('\n\n')}\n`;
}

/** `label  text`, the text wrapped. */
function entry(label: string, text: string, style: TextStyle): readonly string[] {
  const lines = wrap(text, WIDTH - 3 - LABEL);
  return lines.map((l, n) =>
    n === 0
      ? `   ${style.label(label)}${' '.repeat(Math.max(1, LABEL - widthOf(label)))}${l}`
      : `${' '.repeat(3 + LABEL)}${l}`,
  );
}

// ------------------------------------------------------------------------------------------------ what is computed

const PAIRS: Readonly<Record<Pairs, string>> = { none: 'none', squares: 'squares', all: 'all pairs' };

function structure(
  plan: Plan,
  operations: readonly Operation[],
  sizes: Readonly<Record<string, number>>,
  style: TextStyle,
): readonly string[] {
  const rows = rowsDim(plan.model);
  const read = new Set(operations.flatMap((o) => [...sizesIn(o.multiplyAdds), ...sizesIn(o.functions)]));
  const names = [rows, ...[...read].filter((name) => name !== rows)];
  const values = names.map((name) => {
    const value = sizes[name] === undefined ? name : `${name} = ${grouped(sizes[name])}`;
    return name === rows ? `${value} rows` : value;
  });
  const columns = plan.groups.map((g) =>
    g.kind === 'symbol'
      ? `${g.symbol}${g.dim === undefined ? '' : ` (${String(g.dim)})`}`
      : `${g.name}${g.isVector ? ` (${String(g.elements.length)})` : ''}`,
  );
  const statistics = plan.statistics.map(
    (s) => `${s.name}${indexed(s.ranges)} ${readingText(s.reading)}${s.per === 'group' ? ' of groups' : ''}`,
  );
  const { pairs } = plan;
  return [
    ...entry('sizes', values.join(', '), style),
    ...entry('components', componentsText(plan), style),
    ...entry('columns', columns.length === 0 ? 'none' : columns.join(', '), style),
    ...entry('logits', counted(plan.logits.map(logitKind)), style),
    ...entry(
      'products',
      `${PAIRS[pairs.logits]} in the logits, ${PAIRS[pairs.statistics]} in the sums`,
      style,
    ),
    ...entry('statistics', statistics.join(', '), style),
    ...plan.updates.flatMap((u, n) =>
      entry(n === 0 ? 'updates' : '', `${u.parameter}${indexed(u.ranges)} ${howFound(u)}`, style),
    ),
  ];
}

function componentsText(plan: Plan): string {
  if (plan.axes.length === 0) return 'one: nothing is hidden';
  const latents = plan.axes.map(
    (a) => `${a.latent} (${String(a.value.dim)}${a.per === 'group' ? ', of a group' : ''})`,
  );
  const how = plan.assignment === 'hard' ? ', each row to one' : '';
  return `the values of ${latents.join(' and ')}${how}`;
}

const indexed = (ranges: readonly Range[]): string =>
  ranges.length === 0 ? '' : `[${ranges.map((r) => r.index).join(',')}]`;

const logitKind = (t: LogitTerm): string => (t.kind === 'general' ? 'other' : t.kind);

/** `3 constant, 1 quadratic`, in the order met. */
function counted(kinds: readonly string[]): string {
  const found = new Map<string, number>();
  for (const kind of kinds) found.set(kind, (found.get(kind) ?? 0) + 1);
  return `${[...found].map(([kind, n]) => `${String(n)} ${kind}`).join(', ')} terms`;
}

function readingText(r: StatisticReading): string {
  switch (r.kind) {
    case 'weight':
      return '(a weight)';
    case 'first':
      return '(a first moment)';
    case 'second':
      return '(a second moment)';
    case 'general':
      return `(a pass over the rows: ${printText(r.body)})`;
    case 'median':
      return '(a median of the rows)';
  }
}

function howFound(u: PlannedUpdate): string {
  if (u.joint !== undefined) return 'together, as one vector';
  if (u.iteration !== undefined) return 'by Newton’s method';
  if (u.minorised) return `by tangents: ${printText(u.value)}`;
  return `← ${printText(u.value)}${u.centred === undefined ? '' : ', around the means'}`;
}

// ------------------------------------------------------------------------------------------------ costs

const MEASURES: readonly (readonly [Measure, string])[] = [
  ['multiplyAdds', 'multiply-adds'],
  ['functions', 'functions'],
  ['bytes', 'bytes'],
];

const ABOUT =
  'A multiply-add is any arithmetic on one or two numbers; bytes are what an operation reads and writes of the rows when it is done by itself, in float64. An engine that does all of them row by row reads the columns alone.';

function costs(
  operations: readonly Operation[],
  sizes: Readonly<Record<string, number>>,
  style: TextStyle,
): readonly string[] {
  const lines = operations.flatMap((o) => {
    const label = o.of === undefined ? o.name : `${o.name}: ${o.of}`;
    const rounds = o.per === 'round' ? ['', 'in each round of Newton’s method'] : [];
    return block(label, o, sizes, style, rounds);
  });
  const total = {
    multiplyAdds: totalOf(operations, 'multiplyAdds'),
    functions: totalOf(operations, 'functions'),
    bytes: totalOf(operations, 'bytes'),
  };
  const said = wrap(ABOUT, WIDTH - 3).map((l) => `   ${style.note(l)}`);
  const isKnown = valueOf(total.multiplyAdds, sizes) !== undefined;
  const hasRounds = operations.some((o) => o.per === 'round');
  const inAll = hasRounds ? 'in all, without the rounds' : 'in all';
  const end = isKnown ? ['', ...block(inAll, total, sizes, style, [], true)] : [];
  return [...said, '', ...lines, ...end];
}

function block(
  label: string,
  counts: Readonly<Record<Measure, Count>>,
  sizes: Readonly<Record<string, number>>,
  style: TextStyle,
  [, remark]: readonly string[],
  numbersOnly = false,
): readonly string[] {
  const rows = MEASURES.flatMap(([measure, name]) => {
    const count = counts[measure];
    if (count.kind === 'number' && count.value === 0) return [];
    const value = valueOf(count, sizes);
    const formula = printText(count);
    const isFormula = count.kind !== 'number' && !numbersOnly;
    const number = value === undefined ? '' : `${isFormula ? ' = ' : ''}${grouped(value)}`;
    return wrap(`${isFormula ? formula : ''}${number}`, WIDTH - 6 - LABEL).map(
      (l, n) => `${' '.repeat(6)}${padEnd(n === 0 ? name : '', LABEL - 3)}${l}`,
    );
  });
  const head = `   ${style.label(label)}${remark === undefined ? '' : `, ${style.note(remark)}`}`;
  return [head, ...rows];
}

/** 1234567.5 is 1 234 568. */
const grouped = (x: number): string =>
  Math.round(x)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ' ');
