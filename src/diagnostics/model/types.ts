/** Words about sizes, types and shapes. */
import type { Operand, Operation, ShapeProblem, SizeProblem, TypeProblem } from '../../model/problems.js';
import { printType } from '../../model/print.js';
import type { ValueType } from '../../model/types.js';
import { article, code, listed, plural, quote, spanOf } from '../describe.js';
import type { Said, Source, Words } from '../describe.js';
import type { Label } from '../types.js';
import { at, didYouMean, roleName } from './names.js';

export const SIZES: Words<SizeProblem> = {
  'bad-size': {
    code: 'GMM0221',
    words: ({ span }, source) => ({
      message: `a size is a whole number, a constant, a plate or a name, not ${quote(span, source)}`,
      label: 'not a size',
      helps: ['name it: `const D = 3`, then `real[D]`'],
    }),
  },
  'size-name-taken': {
    code: 'GMM0222',
    words: ({ name, role, declared }, source) => ({
      message: `${code(name)} is ${roleName(role)}, and cannot be a size`,
      label: 'not a size',
      labels: at(declared, 'declared here', source),
      helps: [
        'sizes are known before anything is estimated: a number, a `const`, a plate, or a name that nothing else has',
      ],
    }),
  },
  'size-value': {
    code: 'GMM0223',
    words: ({ name, value }) => ({
      message: `a size is a whole number from 1, and ${name === undefined ? 'this' : code(name)} is ${Number.isNaN(value) ? 'none' : value}`,
      label: 'not 1, 2, 3, …',
      helps: name === undefined ? [] : [`${code(name)} is used as the length of a plate or a vector`],
    }),
  },
  'size-not-fixed': {
    code: 'GMM0224',
    words: ({ name, isPlate }) => ({
      message: isPlate
        ? `nothing says how far the plate goes: ${code(name)} is not declared`
        : `nothing says how large ${code(name)} is`,
      label: isPlate ? 'not declared' : 'neither the data nor a vector written out fixes it',
      helps: [`add ${code(`const ${name} = 2`)}`],
    }),
  },
  'sizes-differ': {
    code: 'GMM0203',
    words: (p, source) => ({
      message: `sizes differ: ${quote(p.left.span, source)} is ${printType(p.left.type)} but ${quote(p.right.span, source)} is ${printType(p.right.type)}`,
      label: `expected ${printType(p.expected)}`,
      labels: [
        ...declaration(p.left, source),
        ...declaration(p.right, source).filter((l) => !isOnLineOf(l, p.span, source)),
        ...p.because.map((b) => ({
          span: spanOf(b.span, source),
          message: `${b.name} is ${b.value} because of this`,
        })),
      ],
      helps: sizeHelp(p.left, p.right, source),
    }),
  },
  'columns-differ': {
    code: 'GMM0203',
    words: ({ name, columns, type, declared }, source) => ({
      message: `sizes differ: ${code(name)} is ${printType(type)} and binds to ${plural(columns, 'column')}`,
      label: plural(columns, 'column'),
      labels: at(
        declared,
        type.shape.length === 0 ? 'one number per row here' : `${printType(type)} here`,
        source,
      ),
      helps: [`write ${code(`real[${columns}]`)}, or name as many columns as there are coordinates`],
    }),
  },
  'identity-without-size': {
    code: 'GMM0225',
    words: () => ({
      message: 'nothing says how large this `I` is',
      label: 'of what size?',
      helps: [
        '`I` takes its size from its place: add it to a matrix of known size, or use it as the scale of a vector',
      ],
    }),
  },
};

/** "declared with 3 coordinates here", under the type of a symbol. */
export function declaration(o: Operand, source: Source): readonly Label[] {
  const [size, ...more] = o.type.shape;
  const says =
    size?.kind === 'number' && more.length === 0
      ? `declared with ${plural(size.value, 'coordinate')} here`
      : o.type.domain === 'unknown'
        ? 'declared here'
        : 'declared here';
  return at(o.declared, says, source);
}

function isOnLineOf(label: Label, span: number, source: Source): boolean {
  const [a, b] = [label.span.start, spanOf(span, source).start];
  return !source.text.slice(Math.min(a, b), Math.max(a, b)).includes('\n');
}

/** Sizes that are numbers in a declaration can be left to the data. */
function sizeHelp(left: Operand, right: Operand, source: Source): readonly string[] {
  const isWritten = (o: Operand): boolean =>
    o.declared !== undefined && /^`[\p{L}_][\p{L}\p{Nd}_]*\[.*\d.*\]/u.test(quote(o.declared, source));
  const [first, second] = [left, right].filter(isWritten);
  if (first === undefined) return [];
  if (second === undefined)
    return [
      `write a name for the size of ${quote(first.span, source)}, such as ${code('D')}, and let it be found`,
    ];
  const areVectors = [first, second].every((o) => o.type.domain === 'real' && o.type.shape.length === 1);
  return [
    areVectors
      ? 'write `real[D]` in both places and let the data decide'
      : 'write one name for the size in both places, such as `D`, and let the data decide',
  ];
}

export const TYPES: Words<TypeProblem> = {
  'type-sizes': {
    code: 'GMM0226',
    words: ({ type, given, spellings }) => ({
      message:
        given === 0 ? `${code(type)} needs a size` : `${code(type)} does not take ${plural(given, 'size')}`,
      label: `write ${listed(spellings.map(code))}`,
    }),
  },
  'role-type': {
    code: 'GMM0227',
    words: ({ role, name, type }) => ({
      message: `${code(name)} is ${roleName(role)}, and ${roleName(role)} cannot be ${article(printType(type))}`,
      label:
        role === 'param'
          ? 'not something that can be estimated'
          : 'not something that can be summed or integrated out',
      helps:
        role === 'param'
          ? [
              'parameters are continuous; something discrete and unknown is a `latent`, something known a `const`',
            ]
          : ['a latent ranges over a plate, or is `boolean`, `real`, `real[Q]` or `positive`'],
    }),
  },
  'role-word': {
    code: 'GMM0228',
    words: ({ role, word, name }) => ({
      message:
        word === 'from'
          ? `${code(name)} is ${roleName(role)}, and is not read from columns`
          : `${code(name)} is ${roleName(role)}, and only data can have a special part to play`,
      label:
        word === 'from'
          ? '`from` belongs to `data`, and to a `latent` whose labels are partly known'
          : '`as` belongs to `data`',
    }),
  },
  'unknown-as': {
    code: 'GMM0229',
    words: ({ word, near }) => ({
      message: `data cannot be used as ${code(word)}`,
      label: didYouMean(near) ?? 'unknown',
      helps:
        near === undefined ? ['the only such word is `weight`: each row counts as that many copies'] : [],
    }),
  },
  'weight-type': {
    code: 'GMM0230',
    words: ({ name, type, modelled }) => ({
      message: modelled
        ? `${code(name)} is the weight of a row, and weights are not modelled`
        : `${code(name)} is the weight of a row, and weights are positive numbers, not ${printType(type)}`,
      label: modelled ? 'has a `~`' : 'expected `positive`',
      helps: [`write ${code(`data ${name}[i] : positive as weight`)}`],
    }),
  },
  'two-weights': {
    code: 'GMM0210',
    words: ({ first }, source) => ({
      message: 'a row has one weight, and this is a second',
      label: 'second weight',
      labels: at(first, 'first one here', source),
      helps: ['multiply the two columns beforehand'],
    }),
  },
  'labels-columns': {
    code: 'GMM0231',
    words: ({ name }) => ({
      message: `the labels of ${code(name)} stand in one column`,
      label: 'a second column',
    }),
  },
  'latent-without-distribution': {
    code: 'GMM0232',
    words: ({ name, type }) => ({
      message: `${code(name)} is hidden, and nothing says how it arises`,
      label: 'no `~`',
      helps: [
        `add a distribution: ${code(`~ ${type.domain === 'boolean' ? 'Bernoulli(p)' : type.domain === 'plate' ? 'Categorical(pi)' : 'Normal(0, variance: 1)'}`)}; an unknown without one is a ${code('param')}`,
      ],
    }),
  },
  'constant-not-written-out': {
    code: 'GMM0233',
    words: ({ name }) => ({
      message: `${code(name)} is a constant, and its value is a number, a vector or a matrix written out`,
      label: 'not written out',
      helps: [`for something computed from other symbols, write ${code(`let ${name} = …`)}`],
    }),
  },
  'constant-domain': {
    code: 'GMM0234',
    words: ({ name, type, span }, source) => ({
      message: `${code(name)} is declared as ${printType(type)}, and ${quote(span, source)} is none`,
      label: `not ${article(printType(type))}`,
      helps: domainHelp(type),
    }),
  },
  'constant-shape': {
    code: 'GMM0203',
    words: ({ name, type, found, declared }, source) => ({
      message: `sizes differ: ${code(name)} is declared as ${printType(type)} but its value is ${printType({ domain: 'real', shape: found.shape })}`,
      label: `expected ${printType(type)}`,
      labels: at(declared, 'declared here', source),
    }),
  },
};

function domainHelp(type: ValueType): readonly string[] {
  const says: Readonly<Record<string, string>> = {
    positive: 'it must be greater than zero',
    unit: 'it must lie between 0 and 1',
    simplex: 'its entries must not be negative, and must sum to 1',
    count: 'it must be a whole number, 0 or more',
    covariance: 'it must be symmetric and positive definite',
    shape: 'its entries must be positive, with product 1',
    orthogonal: 'its columns must be of length 1 and at right angles',
  };
  const help = says[type.domain];
  return help === undefined ? [] : [help];
}

const OPERATIONS: Readonly<Record<Operation, string>> = {
  '+': 'a sum',
  '-': 'a difference',
  '*': 'a product',
  '/': 'a divisor',
  '^': 'a power',
  "'": "`'`",
  dot: '`dot`',
  diag: '`diag`',
  log: '`log`',
  exp: '`exp`',
  sqrt: '`sqrt`',
  logistic: '`logistic`',
  sum: '`sum`',
  softmax: '`softmax`',
  if: 'a choice',
  '=': 'an equation',
  '[…]': 'a vector',
};

export const SHAPES: Words<ShapeProblem> = {
  'shapes-differ': {
    code: 'GMM0235',
    words: ({ operation, left, right }, source) => ({
      message: `${quote(left.span, source)} is ${shapeName(left.type)} and ${quote(right.span, source)} is ${shapeName(right.type)}: ${OPERATIONS[operation]} needs them alike`,
      label: `${rankName(left.type)} and ${rankName(right.type)}`,
      labels: [...declaration(left, source), ...declaration(right, source)],
    }),
  },
  operand: { code: 'GMM0235', words: (p, source) => wrongOperand(p, source) },
  'number-where-matrix': {
    code: 'GMM0236',
    words: ({ span }, source) => ({
      message: `${quote(span, source)} is a number, and a matrix is wanted here`,
      label: 'a number does not stand for a matrix by itself',
      helps: [`write ${code(`${quote(span, source).slice(1, -1)} * I`)}, with the number on the diagonal`],
    }),
  },
  'not-a-number': {
    code: 'GMM0237',
    words: ({ operand }, source) => ({
      message: `${quote(operand.span, source)} is ${valueName(operand.type)}, and a number is wanted here`,
      label: 'not a number',
      labels: at(operand.declared, 'declared here', source),
      helps:
        operand.type.domain === 'boolean'
          ? [`write ${code(`if ${quote(operand.span, source).slice(1, -1)} then 1 else 0`)}`]
          : operand.type.domain === 'plate'
            ? [
                `it can choose from a symbol over ${code(operand.type.plate ?? 'k')}, as in ${code(`mu[${quote(operand.span, source).slice(1, -1)}]`)}`,
              ]
            : [],
    }),
  },
  'not-a-condition': {
    code: 'GMM0238',
    words: ({ operand }, source) => ({
      message: `${quote(operand.span, source)} is ${valueName(operand.type)}, and a condition is wanted here`,
      label: 'neither true nor false',
      labels: at(operand.declared, 'declared here', source),
      helps: [
        operand.type.domain === 'plate'
          ? `compare it: ${code(`${quote(operand.span, source).slice(1, -1)} = 1`)}`
          : 'a condition is a comparison, or a `boolean` symbol',
      ],
    }),
  },
  'not-comparable': {
    code: 'GMM0239',
    words: ({ left, right }, source) => ({
      message: `${quote(left.span, source)} is ${valueName(left.type)} and ${quote(right.span, source)} is ${valueName(right.type)}: they cannot be compared`,
      label: 'not of one kind',
      labels: [...at(left.declared, 'declared here', source), ...at(right.declared, 'declared here', source)],
    }),
  },
  'argument-count': {
    code: 'GMM0240',
    words: ({ name, expected, given }) => ({
      message: `${code(name)} takes ${plural(expected, 'argument')}, and here are ${given}`,
      label: `expected ${expected}`,
    }),
  },
  'argument-named': {
    code: 'GMM0240',
    words: ({ name }) => ({
      message: `the arguments of ${code(name)} have no names`,
      label: 'leave the name off',
    }),
  },
};

function wrongOperand(
  { operation, found, expected }: Extract<ShapeProblem, { kind: 'operand' }>,
  source: Source,
): Said {
  const text = quote(found.span, source);
  return {
    message: `${OPERATIONS[operation]} ${operation === '*' ? 'begins with' : operation === '/' ? 'is' : operation === '^' ? 'is taken of' : operation === '[…]' ? 'is made of' : 'takes'} ${expected === 'number or vector' ? 'numbers or vectors' : article(expected)}, and ${text} is ${shapeName(found.type)}`,
    label: `expected ${article(expected)}`,
    labels: at(found.declared, 'declared here', source),
    helps: operandHelp(operation, found, text.slice(1, -1)),
  };
}

function operandHelp(operation: Operation, found: Operand, text: string): readonly string[] {
  const rank = found.type.shape.length;
  if (operation === '*') return [`for the sum of products of two vectors, write ${code(`dot(${text}, …)`)}`];
  if (operation === 'dot' && rank === 0) return ['for two numbers, write `*`'];
  if (operation === 'diag' && rank === 0)
    return [`for a multiple of the identity matrix, write ${code(`${text} * I`)}`];
  if (operation === "'" && rank === 1)
    return ['a vector is not transposed: `dot(v, w)` is vᵀw, and `W * v` the product with a matrix'];
  if (operation === '^' && rank === 2) return ['for a product of two matrices, write `S * S`'];
  return [];
}

const rankName = (type: ValueType): string =>
  type.shape.length === 0 ? 'a number' : type.shape.length === 1 ? 'a vector' : 'a matrix';

const shapeName = (type: ValueType): string =>
  type.shape.length === 0 ? 'a number' : `${rankName(type)} (${printType(type)})`;

/** A type as it was declared; what is just a number is called so, whatever is known of its value. */
export const typeName = (type: ValueType): string =>
  type.shape.length === 0 && type.scale === undefined && ['positive', 'unit', 'count'].includes(type.domain)
    ? 'a number'
    : printType(type);

/** What a value is, in words. */
function valueName(type: ValueType): string {
  switch (type.domain) {
    case 'plate':
      return `one of the values of ${code(type.plate ?? '')}`;
    case 'category':
      return 'one of several categories';
    case 'boolean':
      return 'true or false';
    case 'real':
    case 'positive':
    case 'unit':
    case 'simplex':
    case 'covariance':
    case 'orthogonal':
    case 'shape':
    case 'count':
    case 'unknown':
      return shapeName(type);
  }
}
