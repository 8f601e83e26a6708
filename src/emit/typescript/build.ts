/** Constructors of the target tree. They read like what they build: `call('tf.matMul', r, u)`, `at(name('mu'), k)`. */
import type { Argument, BinaryOperator, Code, Pattern, Property, Statement } from './tree.js';

/** A name, with members: `Math.PI` is the member `PI` of `Math`. */
export function name(text: string): Code {
  const [first, ...members] = text.split('.');
  return members.reduce<Code>((of, member) => ({ kind: 'member', of, name: member }), {
    kind: 'name',
    name: first,
  });
}

export const literal = (value: number): Code =>
  value < 0
    ? { kind: 'prefix', operator: '-', of: { kind: 'number', value: -value } }
    : { kind: 'number', value };
export const text = (value: string): Code => ({ kind: 'string', value });
export const member = (of: Code, member: string): Code => ({ kind: 'member', of, name: member });
export const at = (of: Code, index: Code): Code => ({ kind: 'index', of, at: index });
export const call = (callee: string | Code, ...list: readonly Code[]): Code => ({
  kind: 'call',
  callee: typeof callee === 'string' ? name(callee) : callee,
  arguments: list,
});
export const method = (of: Code, member: string, ...list: readonly Code[]): Code =>
  call({ kind: 'member', of, name: member }, ...list);
export const binary = (left: Code, operator: BinaryOperator, right: Code): Code => ({
  kind: 'binary',
  operator,
  left,
  right,
});
export const minus = (of: Code): Code => ({ kind: 'prefix', operator: '-', of });
export const awaited = (of: Code): Code => ({ kind: 'prefix', operator: 'await ', of });
export const conditional = (test: Code, then: Code, otherwise: Code): Code => ({
  kind: 'conditional',
  test,
  then,
  else: otherwise,
});
export const arrow = (
  parameters: readonly (string | Pattern)[],
  body: Code | readonly Statement[],
): Code => ({
  kind: 'arrow',
  parameters: parameters.map(patternOf),
  body,
});
export const array = (...elements: readonly Code[]): Code => ({ kind: 'array', elements });
export const spread = (of: Code): Code => ({ kind: 'spread', of });
export const as = (of: Code, type: string): Code => ({ kind: 'as', of, type });
/** `{ n, mean: value }`: a string stands for a name and its value. */
export const object = (...properties: readonly (string | Property)[]): Code => ({
  kind: 'object',
  properties: properties.map((p) => (typeof p === 'string' ? { name: p, value: name(p) } : p)),
});
export const property = (key: string, value: Code): Property => ({ name: key, value });

const patternOf = (p: string | Pattern): Pattern => (typeof p === 'string' ? { kind: 'name', name: p } : p);

/** `{ a, b: c }` on the left of `=`. */
export const parts = (...list: readonly (string | readonly [string, string])[]): Pattern => ({
  kind: 'object',
  parts: list.map((p) => (typeof p === 'string' ? { name: p, as: p } : { name: p[0], as: p[1] })),
});
export const entries = (...list: readonly string[]): Pattern => ({ kind: 'array', parts: list });

export const constant = (pattern: string | Pattern, value: Code, type?: string): Statement => ({
  kind: 'const',
  pattern: patternOf(pattern),
  type,
  value,
});
export const variable = (pattern: string, value: Code, type?: string): Statement => ({
  kind: 'let',
  pattern: patternOf(pattern),
  type,
  value,
});
export const assign = (target: string, value: Code): Statement => ({
  kind: 'assign',
  target: name(target),
  value,
});
export const give = (value: Code): Statement => ({ kind: 'return', value });
export const run = (value: Code): Statement => ({ kind: 'do', value });
export const comment = (line: string): Statement => ({ kind: 'comment', text: line });
export const blank: Statement = { kind: 'blank' };

export const argument = (
  pattern: string | Pattern,
  type: string,
  more: Omit<Argument, 'pattern' | 'type'> = {},
): Argument => ({
  pattern: patternOf(pattern),
  type,
  ...more,
});
