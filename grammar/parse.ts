/**
 * From text to tree. Parsing never fails: what cannot be read is a problem, and the rest is still a tree.
 *
 *     text ─tokenize→ tokens ─statements→ [param mu : real] [latent z …] ─StatementParser→ drafts → Tree
 *
 * Role words are reserved and begin a statement wherever they stand, so the tokens are cut into statements first. A
 * statement with a mistake is given up at the next role word, and what was read of it before the mistake is kept.
 */
import type { IRecognitionException, IToken } from 'chevrotain';
import { StatementParser } from './parser.js';
import type { Draft } from './parser.js';
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
    const start = chunk.tokens[0]!.startOffset;
    const until = chunks[n + 1]?.tokens[0]?.startOffset ?? text.length;
    const read = readStatement(chunk, parser);
    // A stray character leaves a gap in its statement; whatever else is odd there follows from it.
    const isDisturbed = lexical.some((p) => p.span.start >= start && p.span.start < until);
    if (!isDisturbed) problems.push(...read.problems.slice(0, 1));
    const isMisused = cut.some((p) => p.kind === 'reserved-word' && p.span.start >= start && p.span.start < until);
    const damage = isDisturbed || isMisused || read.problems.length > 0 ? ({ isDamaged: true } as const) : {};
    const comments = documentation.filter(
      (d) => d.startOffset > (chunks[n - 1]?.end ?? -1) && d.startOffset < start,
    );
    if (read.value !== undefined) statements.push({ ...read.value, documentation: joined(comments), ...damage });
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

const endOf = (token: IToken): number => token.startOffset + token.image.length;
const spanOf = (token: IToken): Span => ({ start: token.startOffset, end: endOf(token) });

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

// --------------------------------------------------------------------------------------------------- statements

/** The tokens of one statement, beginning with its role word. */
interface Chunk {
  readonly tokens: readonly IToken[];
  readonly end: number;
}

const isRole = (token: IToken | undefined): boolean => token !== undefined && t.ROLES.has(token.image);
const isName = (token: IToken | undefined): boolean =>
  token !== undefined && (token.tokenType === t.Name || (token.tokenType.CATEGORIES ?? []).includes(t.Name));
const asName = (token: IToken): IToken => ({
  ...token,
  tokenType: t.Name,
  tokenTypeIdx: t.Name.tokenTypeIdx!,
});

const OPENERS = new Set([t.OpenParen, t.OpenBracket]);
const CLOSERS = new Set([t.CloseParen, t.CloseBracket]);

function statementsOf(tokens: readonly IToken[]): {
  chunks: readonly Chunk[];
  problems: readonly SyntaxProblem[];
} {
  const problems: SyntaxProblem[] = [];
  const chunks: IToken[][] = [];
  let current: IToken[] | undefined;
  let stray: IToken[] = [];
  let depth = 0;
  const begin = (token: IToken): void => {
    current = [token];
    chunks.push(current);
    depth = 0;
  };
  for (const [n, token] of tokens.entries()) {
    if (OPENERS.has(token.tokenType)) depth += 1;
    if (CLOSERS.has(token.tokenType)) depth -= 1;
    const isWord = isRole(token);
    // `param data : real` and `Normal(data, 1)`: a role word where only a name can be meant.
    const isMisused =
      isWord && current !== undefined && (current.length === 1 || depth > 0) && !isName(tokens[n + 1]);
    if (isMisused) {
      problems.push({ kind: 'reserved-word', word: token.image, span: spanOf(token) });
      current!.push(asName(token));
    } else if (isWord) begin(token);
    else {
      // `parm mu : real`: a statement whose role is misspelt, read as the role that was meant.
      const role =
        isName(token) && isName(tokens[n + 1]) && depth <= 0
          ? misspeltRole(token, current, tokens[n + 2])
          : undefined;
      if (role !== undefined) {
        problems.push({
          kind: 'unknown-role',
          found: { text: token.image, span: spanOf(token) },
          near: role.near,
          span: spanOf(token),
        });
        begin({
          ...token,
          image: role.word,
          tokenType: t.ROLES.get(role.word)!,
          tokenTypeIdx: t.ROLES.get(role.word)!.tokenTypeIdx!,
        });
        current![0] = { ...current![0]!, startOffset: token.startOffset };
        stray = [];
      } else if (current === undefined) stray.push(token);
      else current.push(token);
    }
  }
  const first = tokens[0];
  if (stray.length > 0 && stray[0] === first)
    problems.push({
      kind: 'unexpected-token',
      found: first!.image,
      expected: [...t.ROLES.keys()].map((r) => `\`${r}\``),
      inside: undefined,
      span: spanOf(first!),
    });
  return { chunks: chunks.map((c) => ({ tokens: c, end: endOf(c.at(-1)!) })), problems };
}

/** Words that other languages use where ours has a role. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  parameter: 'param',
  parameters: 'param',
  var: 'param',
  free: 'param',
  hidden: 'latent',
  observed: 'data',
  observe: 'data',
  obs: 'data',
  constant: 'const',
  index: 'plate',
  constraint: 'constrain',
  subject: 'constrain',
  def: 'let',
  where: 'let',
  lim: 'limit',
};

/** Two names in a row stand nowhere in the language but after `as`, `over`, `by` and their like. */
function misspeltRole(
  token: IToken,
  current: readonly IToken[] | undefined,
  afterName: IToken | undefined,
): { word: string; near: string | undefined } | undefined {
  if (token.tokenType !== t.Name) return undefined;
  const previous = current?.at(-1);
  if (
    previous !== undefined &&
    (current!.length === 1 ||
      [t.Over, t.Distinct, t.By, t.Within, t.From, t.As, t.Comma, t.Colon].includes(previous.tokenType))
  )
    return undefined;
  const near = ELSEWHERE[token.image.toLowerCase()] ?? nearestRole(token.image);
  if (near !== undefined) return { word: near, near };
  // `parametre mu[k] : …` declares something, whatever its first word was meant to be.
  const isDeclaration = afterName?.tokenType === t.Colon || afterName?.tokenType === t.OpenBracket;
  return isDeclaration ? { word: 'param', near: undefined } : undefined;
}

function nearestRole(word: string): string | undefined {
  const lower = word.toLowerCase();
  return [...t.ROLES.keys()].find(
    (role) =>
      role === lower || differByOne(role, lower) || (lower.length >= 5 && role.startsWith(lower.slice(0, 4))),
  );
}

/** One letter more, less, other, or two neighbours exchanged. */
function differByOne(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a[a.length - 1 - end] === b[b.length - 1 - end])
    end += 1;
  const [left, right] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  return (left.length <= 1 && right.length <= 1) || (left.length === 2 && right === `${left[1]!}${left[0]!}`);
}

function readStatement(chunk: Chunk, p: StatementParser): Result<Statement | undefined, SyntaxProblem> {
  const role = chunk.tokens[0]!.image;
  p.input = [...chunk.tokens];
  p.statement();
  const problems = p.errors.map((e) => problemOf(e, role, chunk));
  const span = { start: chunk.tokens[0]!.startOffset, end: chunk.end };
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

// ----------------------------------------------------------------------------------------------------- problems

const RELATIONS = new Set([t.Equal, t.NotEqual, t.Less, t.LessEqual, t.Greater, t.GreaterEqual]);

function problemOf(error: IRecognitionException, role: string, chunk: Chunk): SyntaxProblem {
  const expected = JSON.parse(error.message) as readonly string[];
  const isEnd = Number.isNaN(error.token.startOffset);
  const found = isEnd ? chunk.tokens.at(-1)! : error.token;
  const closer = expected.includes('`)`')
    ? t.CloseParen
    : expected.includes('`]`')
      ? t.CloseBracket
      : undefined;
  const unclosed = closer === undefined ? undefined : unclosedOpener(chunk, isEnd ? undefined : found);
  const afterAll = { start: chunk.end, end: chunk.end };
  if (unclosed !== undefined)
    return {
      kind: 'unclosed',
      opener: unclosed.image,
      opened: spanOf(unclosed),
      span: isEnd ? afterAll : spanOf(found),
    };
  if (isEnd)
    return role === 'limit' && expected.every((e) => e !== 'a name')
      ? { kind: 'bad-limit', span: spanOf(found) }
      : { kind: 'unexpected-end', expected, inside: role, span: afterAll };
  const span = spanOf(found);
  if (role === 'limit' && !expected.includes('a name')) return { kind: 'bad-limit', span };
  if (RELATIONS.has(found.tokenType) && hasRelationBefore(chunk, found))
    return { kind: 'chained-relation', span };
  if (
    (expected.includes('a name') || expected.includes('a column')) &&
    t.RESERVED_WORDS.includes(found.image)
  )
    return { kind: 'reserved-word', word: found.image, span };
  return { kind: 'unexpected-token', found: found.image, expected, inside: role, span };
}

/** The innermost bracket that is open before `found` and that nothing after it closes. */
function unclosedOpener(chunk: Chunk, found: IToken | undefined): IToken | undefined {
  const open: IToken[] = [];
  for (const token of chunk.tokens) {
    if (OPENERS.has(token.tokenType)) open.push(token);
    else if (CLOSERS.has(token.tokenType)) {
      const matches = (open.at(-1)?.tokenType === t.OpenParen) === (token.tokenType === t.CloseParen);
      if (!matches && token === found) return open.at(-1);
      open.pop();
    }
  }
  const last = open.at(-1);
  return last !== undefined && (found === undefined || last.startOffset < found.startOffset)
    ? last
    : undefined;
}

/** `a < b < c`: the second relation of a test, or of a `constrain`. */
function hasRelationBefore(chunk: Chunk, found: IToken): boolean {
  const before = chunk.tokens.filter((token) => token.startOffset < found.startOffset);
  const isLet = chunk.tokens[0]!.tokenType === t.LetRole || chunk.tokens[0]!.tokenType === t.ConstRole;
  return before.filter((token) => RELATIONS.has(token.tokenType)).length > (isLet ? 1 : 0);
}
