/** One traversal of expressions: `children` to look, `rewrite` to change, bottom up. */
import type { Expression } from './types.js';

export function children(e: Expression): readonly Expression[] {
  switch (e.kind) {
    case 'number':
    case 'boolean':
    case 'size':
    case 'constant':
    case 'symbol':
    case 'identity':
    case 'error':
      return [];
    case 'vector':
      return e.elements;
    case 'fill':
      return [e.value];
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'divide':
    case 'dot':
    case 'compare':
    case 'and':
    case 'or':
      return [e.left, e.right];
    case 'power':
      return [e.base, e.exponent];
    case 'negate':
    case 'transpose':
    case 'diag':
    case 'not':
      return [e.operand];
    case 'function':
      return [e.argument];
    case 'sum':
    case 'softmax':
      return [e.body];
    case 'if':
      return [e.condition, e.then, e.else];
    case 'distribution':
      return Object.values(e.arguments);
  }
}

/** Every node under `e`, itself first. */
export function* nodesOf(e: Expression): Generator<Expression> {
  yield e;
  for (const child of children(e)) yield* nodesOf(child);
}

/** The same tree with every node put through `change`, children first. */
export function rewrite(e: Expression, change: (e: Expression) => Expression): Expression {
  const go = (child: Expression): Expression => rewrite(child, change);
  switch (e.kind) {
    case 'number':
    case 'boolean':
    case 'size':
    case 'constant':
    case 'symbol':
    case 'identity':
    case 'error':
      return change(e);
    case 'vector':
      return change({ ...e, elements: e.elements.map(go) });
    case 'fill':
      return change({ ...e, value: go(e.value) });
    case 'add':
    case 'subtract':
    case 'multiply':
    case 'divide':
    case 'dot':
    case 'compare':
    case 'and':
    case 'or':
      return change({ ...e, left: go(e.left), right: go(e.right) });
    case 'power':
      return change({ ...e, base: go(e.base), exponent: go(e.exponent) });
    case 'negate':
    case 'transpose':
    case 'diag':
    case 'not':
      return change({ ...e, operand: go(e.operand) });
    case 'function':
      return change({ ...e, argument: go(e.argument) });
    case 'sum':
    case 'softmax':
      return change({ ...e, body: go(e.body) });
    case 'if':
      return change({ ...e, condition: go(e.condition), then: go(e.then), else: go(e.else) });
    case 'distribution':
      return change({
        ...e,
        arguments: Object.fromEntries(Object.entries(e.arguments).map(([name, a]) => [name, go(a)])),
      });
  }
}
