/** `~` lines: a distribution, or a choice between distributions, for the value on the left. */
import type * as Syntax from '../../grammar/types.js';
import { matchArguments } from './arguments.js';
import { error, failed, spanId, warning, distributionNames } from './context.js';
import type { Context, Scope } from './context.js';
import { checkArgument } from './argument-types.js';
import { isOf, knownEntries, knownValue } from './constant-folding.js';
import { infer } from './expressions.js';
import { nearest } from './nearest.js';
import { condition } from './operators.js';
import type { DistributionSignature, Expression, SpanId, ValueType } from './types.js';

/** What stands on the left of `~`. */
export interface LineValue {
  readonly type: ValueType;
  /** the name with its brackets */
  readonly span: SpanId;
  readonly declared: SpanId;
  /** it is estimated: the line is its prior */
  readonly isParameter: boolean;
}

export function resolveLine(
  context: Context,
  node: Syntax.Expression,
  value: LineValue,
  scope: Scope,
): Expression {
  const span = spanId(context, node.span);
  switch (node.kind) {
    case 'missing':
      return failed(span);
    case 'if': {
      const test = infer(context, node.condition, scope);
      const isTest = condition(context, test);
      const then = resolveLine(context, node.then, value, scope);
      const otherwise = resolveLine(context, node.else, value, scope);
      return isTest
        ? { kind: 'if', condition: test, then, else: otherwise, type: value.type, span }
        : failed(span);
    }
    case 'reference':
      return distribution(context, node, value, scope, span);
    case 'number':
    case 'boolean':
    case 'vector':
    case 'unary':
    case 'transpose':
    case 'binary':
      infer(context, node, scope);
      error(context, { kind: 'not-a-distribution', name: '', span });
      return failed(span);
  }
}

type Reference = Extract<Syntax.Expression, { kind: 'reference' }>;

function distribution(
  context: Context,
  node: Reference,
  value: LineValue,
  scope: Scope,
  span: SpanId,
): Expression {
  const name = node.name.text;
  const nameSpan = spanId(context, node.name.span);
  const signature = context.signatures.find((s) => s.name === name);
  if (signature === undefined) {
    for (const argument of node.arguments ?? []) infer(context, argument.value, scope);
    unknownDistribution(context, node, nameSpan, scope);
    return failed(span);
  }
  if (node.arguments === undefined || node.indices.length > 0) {
    error(context, { kind: 'not-a-distribution', name, span });
    return failed(span);
  }
  const isAccepted = acceptsValue(context, signature, value, nameSpan);
  const matched = matchArguments(context, signature, node.arguments, nameSpan);
  const inferred = matched.given.map((g) => ({ ...g, value: infer(context, g.node, scope) }));
  if (!isAccepted || value.type.domain === 'unknown') return failed(span);
  const checked = inferred.map(
    (g) => [g.argument.name, checkArgument(context, signature.name, g, value)] as const,
  );
  if (!matched.isComplete) return failed(span);
  if (value.isParameter)
    inferred.forEach(({ argument: { name: argument, edge } }, n) => {
      if (edge !== undefined) warnBelowOne(context, checked[n][1], { distribution: name, argument, edge });
    });
  return { kind: 'distribution', name, arguments: Object.fromEntries(checked), type: value.type, span };
}

function unknownDistribution(context: Context, node: Reference, span: SpanId, scope: Scope): void {
  const name = node.name.text;
  if (node.arguments === undefined) {
    const inferred = infer(context, node, scope);
    if (isOf(inferred, 'numeric') && inferred.kind !== 'error')
      error(context, { kind: 'not-a-distribution', name: '', span: inferred.span });
  } else
    error(context, {
      kind: 'unknown-distribution',
      name,
      near: nearest(name, distributionNames(context)),
      span,
    });
}

function acceptsValue(
  context: Context,
  signature: DistributionSignature,
  value: LineValue,
  span: SpanId,
): boolean {
  const { domain, shape } = value.type;
  if (domain === 'unknown') return true;
  if (signature.values.some((v) => v.rank === shape.length && v.domains.includes(domain))) return true;
  const accepted = signature.values.flatMap((v) => v.domains.map((d) => acceptedName(d, v.rank)));
  error(context, {
    kind: 'value-type',
    distribution: signature.name,
    value: { span: value.span, type: value.type, declared: value.declared },
    accepted: [...new Set(accepted)],
    span,
  });
  return false;
}

const acceptedName = (domain: string, rank: number): string =>
  domain === 'plate'
    ? 'a plate'
    : domain === 'category'
      ? 'category[C]'
      : domain === 'covariance' || rank === 0
        ? `${domain}${rank === 0 ? '' : '[D]'}`
        : `${domain}[${rank === 1 ? (domain === 'simplex' ? 'k' : 'D') : 'P, D'}]`;

/** Below 1 the prior's density is infinite at an edge: the mode that MAP looks for does not exist. */
function warnBelowOne(
  context: Context,
  e: Expression,
  where: { readonly distribution: string; readonly argument: string; readonly edge: 0 | 1 },
): void {
  // a number, and a number that stands for a vector, as one entry
  const one = e.kind === 'fill' ? e.value : e;
  const values = knownEntries(context, e) ?? [knownValue(context, one)];
  const low = values.find((v) => v !== undefined && v < 1 && v > 0);
  if (low !== undefined)
    warning(context, { kind: 'concentration-below-one', ...where, value: low, span: e.span });
}
