/**
 * From text to tree. Parsing never fails: what cannot be read is a problem, and the rest is still a tree.
 *
 *     text ─tokenize→ tokens ─statements→ [param mu : real] [latent z …] ─StatementParser→ drafts → Tree
 *
 * Role words are reserved and begin a statement wherever they stand, so the tokens are cut into statements first. A
 * statement with a mistake is given up at the next role word, and what was read of it before the mistake is kept.
 */
import type { IToken } from 'chevrotain';
import { problemOf } from './mistakes.js';
import { StatementParser } from './parser.js';
import type { Draft } from './parser.js';
import { spanOf, statementsOf } from './statements.js';
import type { Chunk } from './statements.js';
import * as t from './tokens.js';
import type { Expression, Name, Result, Span, Statement, SyntaxProblem, Tree, TypeNode } from './types.js';

let parser: StatementParser | undefined;

export function parse(text: string): Result<Tree, SyntaxProblem> {
  parser ??= new StatementParser();
  const lexed = t.tokenize(text);
  const lexical = [
    ...lexed.errors.map((e) => strayCharacters(text, e.offset, e.length)),
    ...lexed.tokens.flatMap(badToken),
  ];
  const { chunks, problems: cut } = statementsOf(lexed.tokens);
  const problems: SyntaxProblem[] = [...lexical, ...cut];
  const statements: Statement[] = [];
  const documentation = lexed.groups['documentation'] ?? [];

  for (const [n, chunk] of chunks.entries()) {
    const start = chunk.tokens[0].startOffset;
    const until = chunks[n + 1]?.tokens[0]?.startOffset ?? text.length;
    const read = readStatement(chunk, parser);
    // A stray character leaves a gap in its statement; whatever else is odd there follows from it.
    const isDisturbed = lexical.some((p) => p.span.start >= start && p.span.start < until);
    if (!isDisturbed) problems.push(...read.problems.slice(0, 1));
    const isMisused = cut.some(
      (p) => p.kind === 'reserved-word' && p.span.start >= start && p.span.start < until,
    );
    const damage = isDisturbed || isMisused || read.problems.length > 0 ? ({ isDamaged: true } as const) : {};
    const comments = documentation.filter(
      (d) => d.startOffset > (chunks[n - 1]?.end ?? -1) && d.startOffset < start,
    );
    if (read.value !== undefined)
      statements.push({ ...read.value, documentation: joined(comments), ...damage });
  }
  if (lexed.tokens.length === 0 && problems.length === 0)
    problems.push({ kind: 'empty-model', span: { start: 0, end: 0 } });
  problems.sort((a, b) => a.span.start - b.span.start);
  return { value: { kind: 'file', statements }, problems };
}

const joined = (comments: readonly IToken[]): string | undefined =>
  comments.length === 0
    ? undefined
    : comments.map((c) => c.image.replace(/^\/\/\/ ?/, '').trimEnd()).join('\n');

// ------------------------------------------------------------------------------------------------------- tokens

function strayCharacters(text: string, offset: number, length: number): SyntaxProblem {
  const span = { start: offset, end: offset + length };
  return { kind: 'unexpected-character', text: text.slice(span.start, span.end), span };
}

function badToken(token: IToken): readonly SyntaxProblem[] {
  if (token.tokenType === t.OpenString) return [{ kind: 'unterminated-string', span: spanOf(token) }];
  const isBad =
    token.tokenType === t.BadNumber ||
    (token.tokenType === t.NumberToken && !Number.isFinite(Number(token.image)));
  return isBad ? [{ kind: 'bad-number', text: token.image, span: spanOf(token) }] : [];
}

function readStatement(chunk: Chunk, p: StatementParser): Result<Statement | undefined, SyntaxProblem> {
  const role = chunk.tokens[0].image;
  p.input = [...chunk.tokens];
  p.statement();
  const problems = p.errors.map((e) => problemOf(e, role, chunk));
  const span = { start: chunk.tokens[0].startOffset, end: chunk.end };
  const { draft } = p;
  if (problems.length === 0) problems.push(...misreadings(role, draft, chunk));
  return { value: finished(role, draft, span), problems };
}

/** What the grammar's rules let through and the language does not. */
function misreadings(role: string, draft: Draft, chunk: Chunk): readonly SyntaxProblem[] {
  const at = (type: unknown): IToken | undefined => chunk.tokens.find((token) => token.tokenType === type);
  if (role === 'constrain' && draft.relation === '!=')
    return [
      {
        kind: 'unexpected-token',
        found: '!=',
        expected: ['`=`', '`<`', '`<=`', '`>`', '`>=`'],
        inside: role,
        span: draft.relationSpan!,
      },
    ];
  if (role === 'limit') {
    const zero = at(t.NumberToken)!;
    if (Number(zero.image) !== 0)
      return [{ kind: 'bad-limit', span: { start: zero.startOffset, end: chunk.end } }];
  }
  if (role === 'plate' && draft.range?.kind === 'count') {
    const one = at(t.NumberToken)!;
    if (one.image !== '1')
      return [
        { kind: 'unexpected-token', found: one.image, expected: ['`1`'], inside: role, span: spanOf(one) },
      ];
  }
  return [];
}

const NO_TYPE: Name = { text: '', span: { start: 0, end: 0 } };

/** A statement of what was read. Without a name it declares nothing, and is left out. */
function finished(role: string, draft: Draft, span: Span): Statement | undefined {
  const { name } = draft;
  const missing: Expression = { kind: 'missing', span: { start: span.end, end: span.end } };
  const base = { span, documentation: undefined };
  if (role === 'constrain')
    return draft.value === undefined ||
      draft.right === undefined ||
      draft.relation === undefined ||
      draft.relation === '!='
      ? { kind: 'constrain', ...base, left: draft.value ?? missing, relation: '=', right: missing }
      : { kind: 'constrain', ...base, left: draft.value, relation: draft.relation, right: draft.right };
  if (name === undefined) return undefined;
  const head = draft.head ?? name.span;
  const indices = draft.indices ?? [];
  const noType: TypeNode = { name: { ...NO_TYPE, span: name.span }, sizes: [], span: name.span };
  switch (role) {
    case 'model':
      return { kind: 'model', ...base, name, title: draft.title };
    case 'const':
      return { kind: 'const', ...base, name, type: draft.type, value: draft.value };
    case 'plate':
      return {
        kind: 'plate',
        ...base,
        name,
        range: draft.range ?? { kind: 'count', upTo: missing, span: name.span },
      };
    case 'let':
      return { kind: 'let', ...base, name, head, indices, value: draft.value ?? missing };
    case 'limit':
      return { kind: 'limit', ...base, name };
    case 'param':
    case 'latent':
    case 'data':
      return {
        kind: role,
        ...base,
        name,
        head,
        indices,
        type: draft.type ?? noType,
        from: draft.from ?? [],
        as: draft.as,
        distribution: draft.value,
      };
    default:
      throw new Error(`not a role: ${role}`);
  }
}
