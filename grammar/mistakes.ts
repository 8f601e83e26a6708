/** From the parser's errors to what was most likely the mistake. */
import type { IRecognitionException, IToken } from 'chevrotain';
import { CLOSERS, OPENERS, spanOf } from './statements.js';
import type { Chunk } from './statements.js';
import * as t from './tokens.js';
import type { SyntaxProblem } from './types.js';

const RELATIONS = new Set([t.Equal, t.NotEqual, t.Less, t.LessEqual, t.Greater, t.GreaterEqual]);

/** What a Chevrotain error means for the user. */
export function problemOf(error: IRecognitionException, role: string, chunk: Chunk): SyntaxProblem {
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
  const isLet = chunk.tokens[0].tokenType === t.LetRole || chunk.tokens[0].tokenType === t.ConstRole;
  return before.filter((token) => RELATIONS.has(token.tokenType)).length > (isLet ? 1 : 0);
}
