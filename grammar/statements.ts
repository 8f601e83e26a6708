/**
 * Where statements begin. Role words are reserved, so wherever one stands a statement begins; with two exceptions that
 * are mistakes: a role word used as a name, and a role that is misspelt.
 */
import type { IToken } from 'chevrotain';
import * as t from './tokens.js';
import type { Span, SyntaxProblem } from './types.js';

export const endOf = (token: IToken): number => token.startOffset + token.image.length;
export const spanOf = (token: IToken): Span => ({ start: token.startOffset, end: endOf(token) });

/** The tokens of one statement, beginning with its role word. */
export interface Chunk {
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

export const OPENERS = new Set([t.OpenParen, t.OpenBracket]);
export const CLOSERS = new Set([t.CloseParen, t.CloseBracket]);

/** The tokens of each statement. */
export function statementsOf(tokens: readonly IToken[]): {
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
        current![0] = { ...current![0], startOffset: token.startOffset };
        stray = [];
      } else if (current === undefined) stray.push(token);
      else current.push(token);
    }
  }
  const first = tokens[0];
  if (stray.length > 0 && stray[0] === first)
    problems.push({
      kind: 'unexpected-token',
      found: first.image,
      expected: [...t.ROLES.keys()].map((r) => `\`${r}\``),
      inside: undefined,
      span: spanOf(first),
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
  return (left.length <= 1 && right.length <= 1) || (left.length === 2 && right === `${left[1]}${left[0]}`);
}
