/** Which argument is which: by position, by name, and one of those that exclude each other. */
import type * as Syntax from '../../grammar/types.js';
import { error, spanId } from './context.js';
import type { Context } from './context.js';
import { nearest } from './nearest.js';
import type { ArgumentSignature, DistributionSignature, ScaleKind, SpanId } from './types.js';
import { isScaleKind, SCALE_KINDS } from './vocabulary.js';

export interface Given {
  readonly argument: ArgumentSignature;
  readonly node: Syntax.Expression;
  /** `sd: 0.3` says the kind of a scale */
  readonly said: ScaleKind | undefined;
  readonly span: SpanId;
}

export interface Matched {
  readonly given: readonly Given[];
  /** false after an error: something is missing, or too much */
  readonly isComplete: boolean;
}

export function matchArguments(
  context: Context,
  signature: DistributionSignature,
  list: readonly Syntax.Argument[],
  span: SpanId,
): Matched {
  const distribution = signature.name;
  const spelling = spellingOf(signature);
  const positional = signature.arguments.filter((a) => !a.named);
  const given: Given[] = [];
  let isComplete = true;
  const fail = (): void => void (isComplete = false);
  let position = 0;
  for (const item of list) {
    const at = spanId(context, item.span);
    const found =
      item.name === undefined
        ? { argument: positional[position++], said: undefined }
        : byName(signature, item.name.text);
    const { argument } = found;
    if (argument === undefined) {
      fail();
      const mustBeNamed = signature.arguments
        .filter((a) => a.named && !given.some((g) => g.argument === a))
        .map((a) => a.name);
      if (item.name !== undefined) {
        const names = signature.arguments.flatMap((a) => [
          a.name,
          ...(a.pattern.kind === 'scale' ? SCALE_KINDS : []),
        ]);
        const near = nearest(item.name.text, names);
        error(context, {
          kind: 'argument-unknown',
          distribution,
          name: item.name.text,
          near,
          spelling,
          span: spanId(context, item.name.span),
        });
      } else if (
        mustBeNamed.length > 0 &&
        positional.length < signature.arguments.length &&
        position <= positional.length + mustBeNamed.length
      )
        error(context, { kind: 'argument-must-be-named', distribution, names: mustBeNamed, span: at });
      else error(context, { kind: 'argument-surplus', distribution, spelling, span: at });
      continue;
    }
    const first = given.find(
      (g) =>
        g.argument === argument ||
        (argument.alternative !== undefined && g.argument.alternative === argument.alternative),
    );
    if (first !== undefined) {
      fail();
      error(context, {
        kind: 'argument-twice',
        distribution,
        name: argument.name,
        first: first.span,
        span: at,
      });
    } else given.push({ argument, node: item.value, said: found.said, span: at });
  }
  const missing = missingArguments(signature, given);
  // A wrong name is most likely the one that is missing.
  if (missing.length > 0 && isComplete)
    error(context, { kind: 'argument-missing', distribution, arguments: missing, spelling, span });
  return { given, isComplete: isComplete && missing.length === 0 };
}

function byName(
  signature: DistributionSignature,
  name: string,
): { argument: ArgumentSignature | undefined; said: ScaleKind | undefined } {
  const argument = signature.arguments.find((a) => a.name === name);
  if (argument !== undefined || !isScaleKind(name)) return { argument, said: undefined };
  return { argument: signature.arguments.find((a) => a.pattern.kind === 'scale'), said: name };
}

/** Each argument that is not there; of those that exclude each other, `rate: or mean:`. */
function missingArguments(signature: DistributionSignature, given: readonly Given[]): readonly string[] {
  const missing: string[] = [];
  for (const a of signature.arguments) {
    const group =
      a.alternative === undefined ? [a] : signature.arguments.filter((b) => b.alternative === a.alternative);
    if (group[0] === a && !group.some((b) => given.some((g) => g.argument === b)))
      missing.push(group.map(nameOf).join(' or '));
  }
  return missing;
}

const nameOf = (a: ArgumentSignature): string => (a.named ? `${a.name}:` : a.name);

/** `Gamma(shape, rate: or scale:)` */
export function spellingOf(signature: DistributionSignature): string {
  const parts: string[] = [];
  for (const a of signature.arguments) {
    const group =
      a.alternative === undefined ? [a] : signature.arguments.filter((b) => b.alternative === a.alternative);
    if (group[0] === a) parts.push(group.map(nameOf).join(' or '));
  }
  return `${signature.name}(${parts.join(', ')})`;
}
