/** `Data`, `columns` and `tensors`: from the table's rows to what a tensor of float32 holds well. */
import { isNumber } from '../../algebra/build.js';
import { printText } from '../../algebra/print.js';
import { symbolsOf } from '../../algebra/traverse.js';
import { dimOf } from '../../derive/translate.js';
import type { DataSymbol } from '../../model/types.js';
import {
  argument,
  array,
  arrow,
  call,
  comment,
  constant,
  give,
  literal,
  member,
  name,
  object,
  parts,
  property,
  spread,
} from './build.js';
import { scopeOf } from './context.js';
import type { Context } from './context.js';
import { codeOf, dimCode } from './expression.js';
import type { Argument, Code, Declaration, FunctionDeclaration, Member, Statement } from './tree.js';

/** Data symbols that the columns are made of, in the order of the file. */
function readSymbols({ plan }: Context): readonly DataSymbol[] {
  const read = new Set(
    plan.groups.flatMap((g) =>
      g.kind === 'symbol' ? [g.symbol as string] : g.elements.flatMap(symbolsOf).map((s) => s.name),
    ),
  );
  return plan.model.data.filter((d) => read.has(d.name));
}

const weightSymbol = ({ plan }: Context): DataSymbol | undefined =>
  plan.model.data.find((d) => d.as === 'weight');

export function dataInterface(context: Context): Declaration {
  const { plan, names } = context;
  const dims = (d: DataSymbol): string =>
    [context.rows, ...d.type.shape.map((s) => String(dimOf(s, plan.model)))].join(', ');
  const members: Member[] = readSymbols(context).map((d) => ({
    documentation: `[${dims(d)}]${d.documentation === undefined ? '' : ` ${d.documentation}`}`,
    name: d.name,
    isOptional: false,
    type: d.type.shape.length === 0 ? 'Vector' : 'readonly Vector[]',
  }));
  const weight = weightSymbol(context);
  if (weight !== undefined)
    members.push({
      documentation: `[${context.rows}] how often each row counts`,
      name: weight.name,
      isOptional: false,
      type: 'Vector',
    });
  if (context.hasLabels)
    members.push({
      documentation: `[${context.rows}] the known ${names.index(plan.component!.index)} of each row, from 1; 0 where it is hidden`,
      name: plan.latent!,
      isOptional: false,
      type: 'Vector',
    });
  return {
    kind: 'interface',
    documentation: `What is observed, by row. ${context.rows} is the number of rows.`,
    name: 'Data',
    members,
  };
}

export function columnsFunction(context: Context): FunctionDeclaration {
  const { plan, names } = context;
  const symbols = readSymbols(context);
  const scope = scopeOf(context, name('never'), (e) =>
    e.role === 'data' ? name(names.of(e.name)) : undefined,
  );
  const row = plan.rows === undefined ? 'i' : names.index(plan.rows.index);
  const length = member(name(names.of(symbols[0]?.name ?? 'x')), 'length');
  const elements = plan.groups.flatMap((g): readonly Code[] => {
    if (g.kind === 'derived')
      return g.elements.map((e) =>
        call('column', name(context.rows), arrow(isNumber(e) ? [] : [row], codeOf(e, scope))),
      );
    const whole = name(names.of(g.symbol));
    return [g.dim === undefined ? call('Float64Array.from', whole) : spread(call('coordinates', whole))];
  });
  const described = plan.groups.map((g) =>
    g.kind === 'symbol'
      ? g.symbol
      : `${g.name} = ${g.isVector ? `[${g.elements.map(printText).join(', ')}]` : printText(g.elements[0])}`,
  );
  const isDerived = plan.groups.some((g) => g.kind === 'derived');
  const body: Statement[] = isDerived ? [constant(context.rows, length)] : [];
  if (isDerived) body.push(comment(described.join('; ')));
  return {
    kind: 'function',
    documentation: `The columns that the algorithm reads: ${plan.groups.map((g) => (g.kind === 'symbol' ? g.symbol : g.name)).join(', ')}.`,
    name: 'columns',
    isExported: true,
    isAsync: false,
    arguments: [
      argument(parts(...symbols.map((s): readonly [string, string] => [s.name, names.of(s.name)])), 'Data'),
    ],
    returns: 'Float64Array[]',
    body: [
      ...body,
      give(elements.length === 1 && elements[0].kind === 'spread' ? elements[0].of : array(...elements)),
    ],
  };
}

export function rowsInterface(context: Context): Declaration {
  const members: Member[] = [
    { documentation: `[${context.rows}, C]`, name: 'u', isOptional: false, type: 'tf.Tensor2D' },
    { documentation: '[C]', name: 'shift', isOptional: false, type: 'Vector' },
    { documentation: '[C]', name: 'scale', isOptional: false, type: 'Vector' },
  ];
  if (context.hasWeights)
    members.push({
      documentation: `[${context.rows}, 1]`,
      name: 'weights',
      isOptional: false,
      type: 'tf.Tensor2D',
    });
  if (context.hasLabels)
    members.push({
      documentation: `[${context.rows}, ${String(context.components)}] 0 where a component is possible, −∞ where a label says another`,
      name: 'known',
      isOptional: false,
      type: 'tf.Tensor2D',
    });
  return {
    kind: 'interface',
    documentation:
      'The rows as tensors. Their C columns are centred and scaled, u = (column − shift) / scale, so that float32 loses nothing that matters.',
    name: 'Rows',
    members,
  };
}

/** The fields of `Rows` that are tensors. */
export const tensorsOf = (context: Context): readonly string[] => [
  'u',
  ...(context.hasWeights ? ['weights'] : []),
  ...(context.hasLabels ? ['known'] : []),
];

/** What `tensors` is given beside the columns. */
export function rowExtras(
  context: Context,
): readonly { readonly argument: Argument; readonly data: string }[] {
  const weight = weightSymbol(context);
  return [
    ...(weight === undefined
      ? []
      : [{ argument: argument('weights', 'ArrayLike<number>'), data: weight.name }]),
    ...(context.hasLabels
      ? [{ argument: argument('labels', 'ArrayLike<number>'), data: context.plan.latent! }]
      : []),
  ];
}

export function tensorsFunction(context: Context): FunctionDeclaration {
  const scope = scopeOf(context, name('never'), () => undefined);
  const weights = property(
    'weights',
    call(
      'tf.tensor2d',
      call('Array.from', name('weights')),
      array(member(name('weights'), 'length'), literal(1)),
      { kind: 'string', value: 'float32' },
    ),
  );
  const count = context.hasLabels ? dimCode(context.components, scope) : literal(1);
  const known = property('known', call('tf.tensor2d', call('labelMask', name('labels'), count)));
  const list = name('list');
  return {
    kind: 'function',
    documentation: 'The rows as tensors, once for all iterations; who makes them disposes of them.',
    name: 'tensors',
    isExported: true,
    isAsync: false,
    arguments: [argument('list', 'readonly Float64Array[]'), ...rowExtras(context).map((e) => e.argument)],
    returns: 'Rows',
    body: [
      constant(parts('u', 'shift', 'scale'), call('standardise', list)),
      give(
        object(
          property(
            'u',
            call(
              'tf.tensor2d',
              name('u'),
              array(member({ kind: 'index', of: list, at: literal(0) }, 'length'), member(list, 'length')),
            ),
          ),
          'shift',
          'scale',
          ...(context.hasWeights ? [weights] : []),
          ...(context.hasLabels ? [known] : []),
        ),
      ),
    ],
  };
}
