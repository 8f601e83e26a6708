/** Tokens as names and places. */
import type { IToken } from 'chevrotain';
import type { Name, Span } from './types.js';

export const spanOf = (token: IToken): Span => ({
  start: token.startOffset,
  end: token.startOffset + token.image.length,
});

export function nameOf(token: IToken): Name {
  return { text: token.image.normalize('NFC'), span: spanOf(token) };
}

/** A string without its quotes, with `\"` and `\\` resolved. */
export function unquoted(token: IToken): Name {
  const inner = token.image.replace(/^"/, '').replace(/"$/, '');
  return { text: inner.replace(/\\(.)/g, '$1'), span: spanOf(token) };
}
