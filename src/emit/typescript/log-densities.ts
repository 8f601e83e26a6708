/**
 * `logDensities`: log p(row, z = k), as the derivation has it, on tensors. What does not vary with the row is computed in
 * float64; a quadratic form eᵀ P e is |W e|² with Wᵀ W = P, and W e is affine in the columns: one matMul for all
 * components. Residuals stay residuals, so that float32 does not square numbers that cancel.
 */
import { add, multiply, number } from '../../algebra/build.js';
import { printText } from '../../algebra/print.js';
import type { LogitTerm } from '../../plan/types.js';
import { argument, arrow, blank, call, comment, constant, give, literal, name, parts } from './build.js';
import { scopeOf } from './context.js';
import type { Context } from './context.js';
import { linearForm, perComponent, quadraticStatements, split, WHITENER } from './residuals.js';
import { codeOf } from './expression.js';
import type { Code, FunctionDeclaration, Statement } from './tree.js';

export function logDensitiesFunction(context: Context): FunctionDeclaration {
  const { plan, names } = context;
  const parametersName = names.own('parameters');
  const scope = scopeOf(context, name(parametersName), (e) => {
    if (e.role === 'parameter') return name(names.of(e.name));
    return e.name === WHITENER ? name(names.own('W')) : undefined;
  });
  const constants = plan.logits.flatMap((t) => (t.kind === 'constant' ? [t.value] : []));
  const body: Statement[] = [];
  const summands: Code[] = [];
  const own = (wanted: string, n: number, of: number): string =>
    names.own(of === 1 ? wanted : `${wanted}${String(n + 1)}`);
  if (constants.length > 0) {
    const total = add(...constants);
    body.push(
      comment(`the same for every row: ${printText(total)}`),
      constant(names.own('constant'), perComponent(codeOf(total, scope), context, scope)),
    );
    summands.push(name(names.own('constant')));
  }
  const quadratics = plan.logits.flatMap((t) => (t.kind === 'quadratic' ? [t] : []));
  quadratics.forEach((t, n) => {
    const residual = own('residual', n, quadratics.length);
    const { coefficient, factor } = split(t.coefficient);
    body.push(blank, ...quadraticStatements(t, factor, residual, context, scope));
    summands.push(
      call('tf.mul', literal(coefficient), call('squaredNorms', name(names.own('rows')), name(residual))),
    );
  });
  const linears = plan.logits.flatMap((t) => (t.kind === 'linear' ? [t] : []));
  if (linears.length > 0) {
    const slope = names.own('slope');
    body.push(
      blank,
      comment(linears.map((t) => printText(t.coefficient)).join(', ')),
      constant(slope, linearForm(linears, context, scope)),
    );
    summands.push(call('affine', name(names.own('rows')), name(slope)));
  }
  const total =
    summands.length === 1
      ? summands[0]
      : summands.slice(1).reduce((a, b) => call('tf.add', a, b), summands[0]);
  const read = readParameters(plan.logits, context);
  return {
    kind: 'function',
    documentation: `${plan.latent === undefined ? 'log p(row) of every row, [N, 1]:' : `log p(row, ${plan.latent} = ${plan.component!.index}) of every row and ${plan.component!.index}, [N, ${String(context.components)}]:`}\n\n${logitText(
      context,
    )
      .map((t) => `    ${t}`)
      .join('\n')}`,
    name: 'logDensities',
    isExported: true,
    isAsync: false,
    arguments: [argument(names.own('rows'), 'Rows'), argument(parametersName, 'Parameters')],
    returns: 'tf.Tensor2D',
    body: [
      ...(read.length === 0
        ? []
        : [
            constant(
              parts(...read.map((p): readonly [string, string] => [p, names.of(p)])),
              name(parametersName),
            ),
          ]),
      ...scope.sizes(),
      ...body,
      ...(body.length === 0 ? [] : [blank]),
      give(call('tf.tidy', arrow([], total))),
    ],
  };
}

function readParameters(logits: readonly LogitTerm[], { plan }: Context): readonly string[] {
  const text = JSON.stringify(logits);
  return plan.model.parameters
    .map((p) => p.name as string)
    .filter((p) => text.includes(`"name":${JSON.stringify(p)},"role":"parameter"`));
}

/** The terms as the derivation prints them, one a line. */
function logitText({ plan }: Context): readonly string[] {
  const { posterior, factors } = plan.derivation;
  const lines =
    posterior === undefined
      ? factors.filter((f) => f.role === 'data').map((f) => printText(f.density))
      : posterior.logits.map((l) =>
          printText(add(...l.terms.map((t) => multiply(number(t.coefficient), ...t.factors)))),
        );
  return lines.map((line, n) =>
    n === 0
      ? lines.length > 1
        ? `  ${line}`
        : line
      : line.startsWith('−')
        ? line.replace(/^−\s?/, '− ')
        : `+ ${line}`,
  );
}
