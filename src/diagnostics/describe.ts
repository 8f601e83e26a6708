/**
 * From problems to diagnostics. Every station has one table, from the kind of a problem to its code and its words; a
 * kind without an entry does not compile. `syntax.ts` and `model.ts` hold the tables of the front end; later stations
 * write theirs beside them and describe by the same function:
 *
 *     const FIT: Words<FitProblem> = { 'collapsed': { code: 'GMM0501', words: (p, source) => ({ … }) }, … };
 *     export const describeFit = (problems, source) => describe(FIT, problems, source);
 */
import type { Span } from '../../grammar/types.js';
import type { Code } from './codes.js';
import type { Diagnostic, Label } from './types.js';

/** The text and, for stations that carry span ids, what they stand for. */
export interface Source {
  readonly text: string;
  readonly spans: readonly Span[];
}

export interface Said {
  readonly message: string;
  /** under the place itself */
  readonly label?: string;
  readonly labels?: readonly Label[];
  readonly helps?: readonly string[];
}

interface AnyProblem {
  readonly kind: string;
  readonly span?: number | Span;
  readonly severity?: 'error' | 'warning' | 'pedantic';
}

export type Words<Problem extends AnyProblem> = {
  readonly [Kind in Problem['kind']]: {
    readonly code: Code;
    readonly words: (problem: Extract<Problem, { readonly kind: Kind }>, source: Source) => Said;
  };
};

export function describe<Problem extends AnyProblem>(
  table: Words<Problem>,
  problems: readonly Problem[],
  source: Source,
): readonly Diagnostic[] {
  return problems.map((problem) => describeOne(table, problem, source));
}

function describeOne<Problem extends AnyProblem>(
  table: Words<Problem>,
  problem: Problem,
  source: Source,
): Diagnostic {
  const kind: Problem['kind'] = problem.kind;
  const entry = table[kind];
  // The entry was found by this problem's own kind.
  const said = entry.words(problem as Extract<Problem, { readonly kind: typeof kind }>, source);
  return {
    code: entry.code,
    severity: problem.severity === undefined || problem.severity === 'error' ? 'error' : 'warning',
    message: said.message,
    span: spanOf(problem.span, source),
    label: said.label ?? '',
    labels: said.labels ?? [],
    helps: said.helps ?? [],
  };
}

const NOWHERE: Span = { start: 0, end: 0 };

export const spanOf = (span: number | Span | undefined, source: Source): Span =>
  span === undefined ? NOWHERE : typeof span === 'number' ? (source.spans[span] ?? NOWHERE) : span;

/** What stands at a place, on one line and in backticks. */
export function quote(span: number | Span, source: Source): string {
  const { start, end } = spanOf(span, source);
  return `\`${source.text
    .slice(start, end)
    .replace(/#[^\n]*\n?/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()}\``;
}

export const code = (text: string): string => `\`${text}\``;

/** `a`, `b` or `c` */
export function listed(items: readonly string[], word: 'or' | 'and' = 'or'): string {
  if (items.length <= 1) return items.join('');
  return `${items.slice(0, -1).join(', ')} ${word} ${items.at(-1)!}`;
}

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** `a real` or `an orthogonal` */
export const article = (text: string): string =>
  `${/^`?(?:(?!uni|use|one)[aeiou]|sd\b)/i.test(text) ? 'an' : 'a'} ${text}`;
