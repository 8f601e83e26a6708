/** Arrays over ranges, and functions that name only what they read. */
import type { Range } from '../../../algebra/types.js';
import { arrow, call, parts } from '../build.js';
import { dimCode } from '../expression.js';
import type { Scope } from '../expression.js';
import type { Code, Pattern, Statement } from '../tree.js';

/** Whether a name stands somewhere in the code. */
export const mentions = (code: Code | readonly Statement[], local: string): boolean =>
  JSON.stringify(code).includes(`{"kind":"name","name":${JSON.stringify(local)}}`);

/** `each(K, (k) => each(L, (l) => body))`, the first range outermost. */
export const overRanges = (ranges: readonly Range[], body: Code, scope: Scope): Code =>
  ranges.reduceRight<Code>((inner, r) => {
    const index = scope.names.index(r.index);
    return call('each', dimCode(r.dim, scope), arrow(mentions(inner, index) ? [index] : [], inner));
  }, body);

/** `({ mu, s2: s }) => body`, with the parts that the body reads. */
export function takingParts(
  list: readonly (readonly [string, string])[],
  body: Code | readonly Statement[],
): Code {
  const read = list.filter(([, local]) => mentions(body, local));
  const pattern: readonly Pattern[] = read.length === 0 ? [] : [parts(...read)];
  return arrow(pattern, body);
}
