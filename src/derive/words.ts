/**
 * Prose with mathematics in it, which each report writes in its own way: plain text, Markdown, LaTeX, HTML. Names of the
 * user's text stand between backticks.
 */
import { latexName } from '../algebra/notation-latex.js';
import { printText } from '../algebra/print.js';
import type { Expr } from '../algebra/types.js';
import type { Notation, Words } from './types.js';

export const notation = (text: string, latex = text): Notation => ({ kind: 'notation', text, latex });

/** words`the sum over ${index} of ${expression}` */
export function words(
  texts: TemplateStringsArray,
  ...parts: readonly (string | Expr | Notation | Words)[]
): Words {
  return texts.flatMap((text, n) => {
    const part = parts[n];
    const rest = part === undefined ? [] : isWords(part) ? part : [part];
    return text === '' ? rest : [text, ...rest];
  });
}

const isWords = (part: string | Expr | Notation | Words): part is Words => Array.isArray(part);

/** `a`, `b` and `c`, or with another separator throughout. */
export function listed(parts: readonly (Expr | Notation | Words)[], between = ', ', last = between): Words {
  return parts.flatMap((part, n) => [
    ...(n === 0 ? [] : [n === parts.length - 1 ? last : between]),
    ...(isWords(part) ? part : [part]),
  ]);
}

export const sideText = (side: Expr | Notation): string =>
  side.kind === 'notation' ? side.text : printText(side);

export const wordsText = (w: Words): string =>
  w.map((part) => (typeof part === 'string' ? part : sideText(part))).join('');

/** A name, as mathematics. */
export const named = (name: string): Notation => notation(name, latexName(name));

/** `log p(x, z)` */
export const logDensity = (names: readonly string[]): Notation =>
  notation(`log p(${names.join(', ')})`, `\\log p(${names.map(latexName).join(', ')})`);
