/** How types, expressions and whole Models are written: for messages, and for `gmm check --show model`. */
import { sizeText } from './sizes.js';
import type { Expression, Factor, Index, Model, Plate, Symbol, ValueType } from './types.js';

/** A type as the file would write it: `real[D]`, `covariance[2]`, `k`. */
export function printType(type: ValueType): string {
  const sizes = type.shape.map(sizeText);
  const inBrackets = (word: string, list: readonly string[]): string =>
    list.length === 0 ? word : `${word}[${list.join(', ')}]`;
  switch (type.domain) {
    case 'plate':
      return type.plate ?? 'a plate';
    case 'category':
      return type.categories === undefined ? 'category' : `category[${sizeText(type.categories)}]`;
    case 'covariance':
      if (type.scale === 'precision') return inBrackets('precision', sizes);
      return type.scale === 'sd' ? inBrackets('real', sizes) : inBrackets('covariance', sizes.slice(0, 1));
    case 'orthogonal':
      return inBrackets('orthogonal', sizes.slice(0, 1));
    case 'positive':
      return inBrackets(type.scale ?? 'positive', sizes);
    case 'real':
    case 'unit':
    case 'simplex':
    case 'shape':
    case 'count':
    case 'boolean':
    case 'unknown':
      return inBrackets(type.domain, sizes);
  }
}

export function printIndex(index: Index): string {
  switch (index.kind) {
    case 'plate':
      return index.plate;
    case 'number':
      return String(index.value);
    case 'previous':
      return `${index.plate}-1`;
    case 'symbol':
      return `${index.symbol}${brackets(index.indices)}`;
  }
}

const brackets = (indices: readonly Index[]): string =>
  indices.length === 0 ? '' : `[${indices.map(printIndex).join(', ')}]`;

// Levels of binding, from the loosest.
const OR = 1;
const AND = 2;
const NOT = 3;
const TEST = 4;
const SUM = 5;
const PRODUCT = 6;
const UNARY = 7;
const POWER = 8;
const POSTFIX = 9;

export const printExpression = (e: Expression): string => at(e, 0);

function at(e: Expression, level: number): string {
  const { text, binds } = written(e);
  return binds < level ? `(${text})` : text;
}

interface Written {
  readonly text: string;
  readonly binds: number;
}

const tight = (text: string): Written => ({ text, binds: POSTFIX });

function written(e: Expression): Written {
  const pair = (left: Expression, operator: string, right: Expression, binds: number): Written => ({
    text: `${at(left, binds)} ${operator} ${at(right, binds + 1)}`,
    binds,
  });
  switch (e.kind) {
    case 'number':
      return e.value < 0 ? { text: String(e.value), binds: UNARY } : tight(String(e.value));
    case 'boolean':
      return tight(String(e.value));
    case 'size':
      return tight(sizeText(e.size));
    case 'constant':
      return tight(`${e.name}${e.coordinates.length === 0 ? '' : `[${e.coordinates.join(', ')}]`}`);
    case 'symbol':
      return tight(`${e.name}${brackets([...e.indices, ...e.coordinates])}`);
    case 'vector':
      return tight(`[${e.elements.map(printExpression).join(', ')}]`);
    case 'fill':
      return tight(`fill(${printExpression(e.value)}, ${e.type.shape.map(sizeText).join(' × ')})`);
    case 'identity':
      return tight(`I[${e.type.shape.slice(0, 1).map(sizeText).join('')}]`);
    case 'add':
      return pair(e.left, '+', e.right, SUM);
    case 'subtract':
      return pair(e.left, '-', e.right, SUM);
    case 'multiply':
      return pair(e.left, '*', e.right, PRODUCT);
    case 'divide':
      return pair(e.left, '/', e.right, PRODUCT);
    case 'power':
      return { text: `${at(e.base, POSTFIX)}^${at(e.exponent, UNARY)}`, binds: POWER };
    case 'negate':
      return { text: `-${at(e.operand, UNARY)}`, binds: UNARY };
    case 'transpose':
      return tight(`${at(e.operand, POSTFIX)}'`);
    case 'diag':
      return tight(`diag(${printExpression(e.operand)})`);
    case 'dot':
      return tight(`dot(${printExpression(e.left)}, ${printExpression(e.right)})`);
    case 'function':
      return tight(`${e.name}(${printExpression(e.argument)})`);
    case 'sum':
    case 'softmax':
      return tight(`${e.kind}[${e.plate}](${printExpression(e.body)})`);
    case 'compare':
      return { text: `${at(e.left, SUM)} ${e.relation} ${at(e.right, SUM)}`, binds: TEST };
    case 'and':
      return pair(e.left, 'and', e.right, AND);
    case 'or':
      return pair(e.left, 'or', e.right, OR);
    case 'not':
      return { text: `not ${at(e.operand, NOT)}`, binds: NOT };
    case 'if':
      return {
        text: `if ${printExpression(e.condition)} then ${printExpression(e.then)} else ${printExpression(e.else)}`,
        binds: 0,
      };
    case 'distribution':
      return tight(`${e.name}(${Object.entries(e.arguments).map(printArgument).join(', ')})`);
    case 'error':
      return tight('?');
  }
}

/** With its type, so that the kind of a scale is seen. */
const printArgument = ([name, e]: readonly [string, Expression]): string =>
  `${name}: ${printExpression(e)}${e.type.scale === undefined ? '' : ` as ${e.type.scale}`}`;

function printRange(range: Plate['range']): string {
  switch (range.kind) {
    case 'rows':
      return `over rows${range.orderedBy === undefined ? '' : ` ordered by ${range.orderedBy}`}${range.within === undefined ? '' : ` within ${range.within}`}`;
    case 'count':
      return `in 1..${sizeText(range.upTo)}`;
    case 'distinct':
      return `over distinct ${range.column}`;
  }
}

/** `gmm check --show model`: everything that is known, one line each, with implicit conversions written out. */
export function printModel(model: Model): string {
  const head = (s: Symbol): string =>
    `${s.name}${s.plates.length === 0 ? '' : `[${s.plates.join(', ')}]`} : ${printType(s.type)}`;
  const lineText = (f: Factor): string => {
    const all = f.first === undefined ? f.plates : [...f.plates, '1'];
    const left = `${f.symbol}${all.length === 0 ? '' : `[${all.join(', ')}]`}`;
    return `line ${f.line}    ${left} ~ ${printExpression(f.distribution)}`;
  };
  const sections: readonly (readonly string[])[] = [
    [`model ${model.name}${model.title === undefined ? '' : ` "${model.title}"`}`],
    model.plates.map((p) => `plate ${p.name} ${printRange(p.range)}`),
    model.constants.map(
      (c) =>
        `const ${c.name} : ${printType(c.type)}${c.value === undefined ? '' : ` = ${JSON.stringify(c.value)}`}${c.isSize ? '  (a size)' : ''}`,
    ),
    model.sizes.map(
      (s) => `size ${s.name}${s.value === undefined ? ', found from the data' : ` = ${s.value}`}`,
    ),
    model.parameters.map((p) => `param ${head(p)}${p.prior === undefined ? '' : `  prior: line ${p.prior}`}`),
    model.latents.map((l) => `latent ${head(l)}${l.labels === undefined ? '' : `  labels: ${l.labels}`}`),
    model.data.map((d) => {
      const role = d.as === 'weight' ? '  the weight' : d.line === undefined ? '  given' : '';
      return `data ${head(d)}${d.from.length === 0 ? '' : `  from ${d.from.join(', ')}`}${role}`;
    }),
    model.definitions.map((d) => `let ${head(d)} = ${printExpression(d.value)}`),
    model.factors.map(lineText),
    model.constraints.map((c) => {
      const every = c.plates.length === 0 ? '' : `  for every ${c.plates.join(', ')}`;
      return `constrain ${printExpression(c.left)} ${c.relation} ${printExpression(c.right)}${every}`;
    }),
    model.limit === undefined ? [] : [`limit ${model.limit.constant} → 0+`],
  ];
  return sections
    .map((lines) => lines.map((line) => `${line}\n`).join(''))
    .filter((s) => s !== '')
    .join('\n');
}
