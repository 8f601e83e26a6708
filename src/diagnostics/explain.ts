/** `gmm explain GMM0203`: the page of a code. Where pages lie is the caller's business. */
import { CODES, isCode } from './codes.js';
import type { Code } from './codes.js';
import { nearest } from './nearest.js';

export type Explanation =
  | { readonly kind: 'page'; readonly code: Code; readonly text: string }
  | { readonly kind: 'unknown'; readonly given: string; readonly near: string | undefined };

/** `given` may be `GMM0203`, `gmm203` or `203`. */
export function explain(given: string, load: (code: Code) => string): Explanation {
  const digits = /^(?:gmm)?[-_ ]?(\d{1,4})$/i.exec(given.trim())?.[1];
  const code = digits === undefined ? given : `GMM${digits.padStart(4, '0')}`;
  if (isCode(code)) return { kind: 'page', code, text: load(code) };
  return { kind: 'unknown', given, near: nearest(code, Object.keys(CODES)) };
}

/** The models of a page that fail and that pass: what stands in its ```gmm fail and ```gmm pass fences. */
export function examples(page: string): {
  readonly fail: readonly string[];
  readonly pass: readonly string[];
} {
  const fences = [...page.matchAll(/^```gmm (fail|pass)\n([\s\S]*?)^```$/gm)];
  const of = (word: string): readonly string[] => fences.flatMap((f) => (f[1] === word ? [f[2]] : []));
  return { fail: of('fail'), pass: of('pass') };
}
