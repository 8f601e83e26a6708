/** Trees drawn at random, and trees without their places: for the property that printing and reading are inverse. */
import fc from 'fast-check';
import { RESERVED_WORDS } from '../../grammar/tokens.js';
import type {
  Argument,
  Column,
  Expression,
  Name,
  PlateRange,
  Relation,
  Span,
  Statement,
  Tree,
  TypeNode,
} from '../../grammar/types.js';

const span: Span = { start: 0, end: 0 };

const name: fc.Arbitrary<Name> = fc
  .oneof(
    fc.constantFrom(
      'x',
      'mu',
      'z',
      'from',
      'over',
      'rows',
      'in',
      'as',
      'ordered',
      'by',
      'pi',
      'constant',
      'iffy',
      'nota',
      'Σ',
      'été',
      '均值',
      '_1',
    ),
    fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,6}$/),
  )
  .filter((text) => !RESERVED_WORDS.includes(text))
  .map((text) => ({ text, span }));

const column: fc.Arbitrary<Column> = fc.oneof(
  name,
  fc
    .string({ unit: fc.constantFrom('a', ' ', '"', '\\', 'é', '[', '#', '/', 'data') })
    .map((text) => ({ text, span })),
);

const number: fc.Arbitrary<Expression> = fc
  .oneof(
    fc.nat({ max: 1000 }).map(String),
    fc.double({ min: 0, max: 1e12, noNaN: true, noDefaultInfinity: true }).map(String),
    fc.constantFrom('1e5', '1E-3', '2.50', '3e+2', '007'),
  )
  .map((text) => ({ kind: 'number', value: Number(text), text, span }));

const RELATIONS = ['=', '!=', '<', '<=', '>', '>='] as const;

const { expression } = fc.letrec<{ expression: Expression; argument: Argument }>((tie) => ({
  argument: fc.record({
    name: fc.option(name, { nil: undefined }),
    value: tie('expression'),
    span: fc.constant(span),
  }),
  expression: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    number,
    fc.record({
      kind: fc.constant('reference' as const),
      name,
      indices: fc.constant([] as Expression[]),
      arguments: fc.constant(undefined),
      span: fc.constant(span),
    }),
    fc.record({ kind: fc.constant('boolean' as const), value: fc.boolean(), span: fc.constant(span) }),
    fc.record({
      kind: fc.constant('reference' as const),
      name,
      indices: fc.array(tie('expression'), { maxLength: 2 }),
      arguments: fc.option(fc.array(tie('argument'), { maxLength: 3 }), { nil: undefined }),
      span: fc.constant(span),
    }),
    fc.record({
      kind: fc.constant('vector' as const),
      elements: fc.array(tie('expression'), { minLength: 1, maxLength: 3 }),
      span: fc.constant(span),
    }),
    fc.record({
      kind: fc.constant('unary' as const),
      operator: fc.constantFrom('-' as const, 'not' as const),
      operand: tie('expression'),
      span: fc.constant(span),
    }),
    fc.record({
      kind: fc.constant('transpose' as const),
      operand: tie('expression'),
      span: fc.constant(span),
    }),
    fc.record({
      kind: fc.constant('binary' as const),
      operator: fc.constantFrom('+', '-', '*', '/', '^', 'and', 'or', ...RELATIONS),
      left: tie('expression'),
      right: tie('expression'),
      span: fc.constant(span),
    }),
    fc.record({
      kind: fc.constant('if' as const),
      condition: tie('expression'),
      then: tie('expression'),
      else: tie('expression'),
      span: fc.constant(span),
    }),
  ),
}));

const type: fc.Arbitrary<TypeNode> = fc.record({
  name,
  sizes: fc.array(expression, { maxLength: 2 }),
  span: fc.constant(span),
});

const base = {
  span: fc.constant(span),
  documentation: fc.option(
    fc.constantFrom('one line', 'two\nlines', 'a\n\nb', ' indented', '# not a comment'),
    { nil: undefined },
  ),
};
const maybe = <Value>(of: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(of, { nil: undefined });
const indices = fc.array(expression, { maxLength: 2 });

const range: fc.Arbitrary<PlateRange> = fc.oneof(
  fc.record({ kind: fc.constant('count' as const), upTo: expression, span: fc.constant(span) }),
  fc.record({
    kind: fc.constant('rows' as const),
    orderedBy: fc.constant(undefined),
    within: fc.constant(undefined),
    span: fc.constant(span),
  }),
  fc.record({
    kind: fc.constant('rows' as const),
    orderedBy: column,
    within: maybe(column),
    span: fc.constant(span),
  }),
  fc.record({ kind: fc.constant('distinct' as const), column, span: fc.constant(span) }),
);

const relation: fc.Arbitrary<Exclude<Relation, '!='>> = fc.constantFrom('=', '<', '<=', '>', '>=');

const statement: fc.Arbitrary<Statement> = fc.oneof(
  fc.record({ kind: fc.constant('model' as const), name, title: maybe(column), ...base }),
  fc.record({
    kind: fc.constant('const' as const),
    name,
    type: maybe(type),
    value: maybe(expression),
    ...base,
  }),
  fc.record({ kind: fc.constant('plate' as const), name, range, ...base }),
  fc.record({
    kind: fc.constantFrom('param' as const, 'latent' as const, 'data' as const),
    name,
    head: fc.constant(span),
    indices,
    type,
    from: fc.array(column, { maxLength: 3 }),
    as: maybe(name),
    distribution: maybe(expression),
    ...base,
  }),
  fc.record({
    kind: fc.constant('let' as const),
    name,
    head: fc.constant(span),
    indices,
    value: expression,
    ...base,
  }),
  fc.record({
    kind: fc.constant('constrain' as const),
    left: expression,
    relation,
    right: expression,
    ...base,
  }),
  fc.record({ kind: fc.constant('limit' as const), name, ...base }),
);

export const tree: fc.Arbitrary<Tree> = fc.record({
  kind: fc.constant('file' as const),
  statements: fc.array(statement, { minLength: 1, maxLength: 6 }),
});

/** The tree with every span at zero. */
export function withoutPlaces(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPlaces);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [
      key,
      key === 'span' || key === 'head' ? span : withoutPlaces(part),
    ]),
  );
}
