/** Words about scales, distributions, constraints, and the warnings. */
import type {
  ArgumentDomain,
  ConstraintProblem,
  DistributionProblem,
  ModelPedantry,
  ModelWarning,
  Role,
  ScaleProblem,
} from '../../model/problems.js';
import { printType } from '../../model/print.js';
import type { ScaleKind, ValueType } from '../../model/types.js';
import { article, code, listed, quote, spanOf } from '../describe.js';
import type { Words } from '../describe.js';
import { at, didYouMean } from './names.js';
import { typeName } from './types.js';

const bare = (quoted: string): string => quoted.slice(1, -1);

export const SCALES: Words<ScaleProblem> = {
  'scale-without-kind': {
    code: 'GMM0247',
    words: ({ distribution, constant, declared, span }, source) => {
      const text = bare(quote(span, source));
      const named = [
        `write ${code(`${distribution}(…, variance: ${text})`)} or ${code(`${distribution}(…, sd: ${text})`)}`,
      ];
      return {
        message: `is ${code(text)} a variance or an sd? The second argument of ${distribution} could be either`,
        label: `say ${code(`variance: ${text}`)} or ${code(`sd: ${text}`)}`,
        labels: at(declared === span ? undefined : declared, 'declared without a kind here', source),
        helps:
          constant === undefined
            ? [
                ...named,
                ...(/^[\d.]+$/.test(text) ? [`or name it: ${code(`const eps : variance = ${text}`)}`] : []),
              ]
            : [
                `declare ${code(`const ${constant} : variance`)} or ${code(`const ${constant} : sd`)}`,
                ...named,
              ],
      };
    },
  },
  'scale-kinds-mixed': {
    code: 'GMM0248',
    words: ({ operation, left, right }, source) => {
      const [a, b] = [quote(left.span, source), quote(right.span, source)];
      return {
        message: `${a} is ${article(kindName(left.type))} and ${b} is ${article(kindName(right.type))}: ${operation === '=' ? 'they cannot be compared' : 'they cannot stand together'}`,
        label: `${kindName(left.type)} and ${kindName(right.type)}`,
        labels: [
          ...at(left.declared, 'declared here', source),
          ...at(right.declared, 'declared here', source),
        ],
        helps: conversions(bare(a), left.type.scale, right.type.scale),
      };
    },
  },
  'scale-kind-contradicts': {
    code: 'GMM0249',
    words: ({ said, found }, source) => ({
      message: `${quote(found.span, source)} is ${article(kindName(found.type))}, and is called ${article(said)} here`,
      label: `${article(kindName(found.type))}, not ${article(said)}`,
      labels: at(found.declared, 'declared here', source),
      helps: ['leave the name off: its type says what it is'],
    }),
  },
  'scale-shape': {
    code: 'GMM0250',
    words: ({ distribution, value, found }, source) => {
      const text = bare(quote(found.span, source));
      const isVector = value.type.shape.length === 1;
      const rank = found.type.shape.length;
      return {
        message: `the scale of ${distribution} is ${isVector ? 'a matrix' : 'a number'} here, because ${quote(value.span, source)} is ${printType(value.type)}, and ${code(text)} is ${typeName(found.type)}`,
        label: isVector ? 'expected a matrix' : 'expected a number',
        labels: at(found.declared, 'declared here', source),
        helps: isVector
          ? rank === 1
            ? [`write ${code(`diag(${text})`)}, with the vector on the diagonal`]
            : [
                `write ${code(`${/[-+]/.test(text) ? `(${text})` : text} * I`)} for the same scale in every coordinate`,
              ]
          : ['declare it as `variance` or `sd`, without a size'],
      };
    },
  },
  'scale-not-positive': {
    code: 'GMM0251',
    words: ({ distribution, found, value }, source) => ({
      message:
        value === undefined
          ? `the scale of ${distribution} must be positive, and ${quote(found.span, source)} may be negative`
          : `the scale of ${distribution} must be positive, and ${bare(quote(found.span, source)) === String(value) ? 'this' : quote(found.span, source)} is ${value}`,
      label: 'not positive',
      labels: at(found.declared, 'declared here', source),
      helps:
        value === undefined && found.type.shape.length === 0
          ? [`for a number of any sign, write ${code(`variance: exp(${bare(quote(found.span, source))})`)}`]
          : [],
    }),
  },
};

const kindName = (type: ValueType): string => type.scale ?? printType(type);

/** How the left side is made into what the right side is. */
function conversions(
  text: string,
  from: ScaleKind | undefined,
  to: ScaleKind | undefined,
): readonly string[] {
  const name = /^[\w[\], ]+$/.test(text) ? text : `(${text})`;
  const ways: Readonly<Record<string, string>> = {
    'sd→variance': `${name}^2`,
    'variance→sd': `sqrt(${text})`,
    'variance→precision': `1 / ${name}`,
    'precision→variance': `1 / ${name}`,
    'sd→precision': `1 / ${name}^2`,
    'precision→sd': `sqrt(1 / ${name})`,
  };
  const way = from === undefined || to === undefined ? undefined : ways[`${from}→${to}`];
  return way === undefined ? [] : [`as ${article(to!)}, the first is ${code(way)}`];
}

export const DISTRIBUTIONS: Words<DistributionProblem> = {
  'not-a-distribution': {
    code: 'GMM0252',
    words: ({ name, span }, source) => ({
      message:
        name === ''
          ? `${quote(span, source)} is an expression, and a distribution is wanted after ${code('~')}`
          : `${code(name)} needs its arguments in parentheses`,
      label: 'not a distribution',
      helps:
        name === ''
          ? ['a value that is known exactly is `PointMass(…)`; a name for an expression is `let`']
          : [`write ${code(`${name}(…)`)}`],
    }),
  },
  'distribution-in-expression': {
    code: 'GMM0253',
    words: ({ name }) => ({
      message: `${code(name)} is a distribution, and stands only after ${code('~')}`,
      label: 'not a value',
      helps: [`give the value a name: ${code(`latent h[i] : real ~ ${name}(…)`)}`],
    }),
  },
  'unknown-distribution': {
    code: 'GMM0255',
    words: ({ name, near }) => ({
      message: `there is no distribution ${code(name)}`,
      label: didYouMean(near) ?? 'unknown distribution',
    }),
  },
  'argument-missing': {
    code: 'GMM0256',
    words: ({ distribution, arguments: missing, spelling }) => ({
      message: `${distribution} is missing ${listed(
        missing.map((m) => `its ${code(m)}`),
        'and',
      )}`,
      label: 'too few arguments',
      helps: [`the form is ${code(spelling)}`],
    }),
  },
  'argument-surplus': {
    code: 'GMM0257',
    words: ({ distribution, spelling }) => ({
      message: `this argument is one more than ${distribution} takes`,
      label: 'one too many',
      helps: [`the form is ${code(spelling)}`],
    }),
  },
  'argument-unknown': {
    code: 'GMM0257',
    words: ({ distribution, name, near, spelling }) => ({
      message: `${distribution} has no argument ${code(name)}`,
      label: didYouMean(near) ?? 'unknown argument',
      helps: [`the form is ${code(spelling)}`],
    }),
  },
  'argument-twice': {
    code: 'GMM0257',
    words: ({ distribution, name, first }, source) => ({
      message: `${distribution} is given ${code(name)} twice, or together with what stands for it`,
      label: 'again here',
      labels: at(first, 'given here', source),
      helps: ['give one of them'],
    }),
  },
  'argument-must-be-named': {
    code: 'GMM0258',
    words: ({ distribution, names, span }, source) => ({
      message: `say what this is: ${distribution} takes ${listed(names.map((n) => code(`${n}:`)))} by name only`,
      label: `${listed(names.map((n) => `${n}:`))}?`,
      helps: [`write ${listed(names.map((n) => code(`${n}: ${bare(quote(span, source))}`)))}`],
    }),
  },
  'argument-domain': {
    code: 'GMM0259',
    words: ({ distribution, argument, expected, found }, source) => ({
      message: `the ${code(argument)} of ${distribution} ${DOMAINS[expected].must}, and ${quote(found.span, source)} ${mayNot(found.type, bare(quote(found.span, source)))}`,
      label: `expected ${DOMAINS[expected].noun}`,
      labels: at(found.declared, `declared as ${printType(found.type)} here`, source),
      helps: DOMAINS[expected].help(bare(quote(found.span, source)), found.type),
    }),
  },
  'argument-shape': {
    code: 'GMM0260',
    words: ({ distribution, argument, expected, found }, source) => ({
      message: `the ${code(argument)} of ${distribution} is ${rankName(expected)} here, and ${quote(found.span, source)} is ${typeName(found.type)}`,
      label: `expected ${rankName(expected)}`,
      labels: at(found.declared, 'declared here', source),
    }),
  },
  'value-type': {
    code: 'GMM0261',
    words: ({ distribution, value, accepted }, source) => ({
      message: `${distribution} does not give values such as ${quote(value.span, source)}, which is ${valueName(value.type)}`,
      label: `gives ${listed(accepted)}`,
      labels: at(value.declared, `declared as ${printType(value.type)} here`, source),
      helps: valueHelp(distribution, value.type),
    }),
  },
};

const rankName = (type: ValueType): string => (type.shape.length === 0 ? 'a number' : printType(type));

const valueName = (type: ValueType): string =>
  type.domain === 'plate' ? `one of the values of ${code(type.plate ?? '')}` : printType(type);

const mayNot = (type: ValueType, text: string): string =>
  /^-?[\d.]+$/.test(text) ? 'is not' : `is only known to be ${printType(type)}`;

const DOMAINS: Readonly<
  Record<
    ArgumentDomain,
    {
      readonly must: string;
      readonly noun: string;
      readonly help: (text: string, type: ValueType) => readonly string[];
    }
  >
> = {
  real: { must: 'is a real number', noun: 'a real number', help: () => [] },
  positive: {
    must: 'must be positive',
    noun: 'a positive number',
    help: (text) =>
      /^-?[\d.]+$/.test(text) ? [] : [`declare it as ${code('positive')}, or write ${code(`exp(${text})`)}`],
  },
  unit: {
    must: 'must lie between 0 and 1',
    noun: 'a number between 0 and 1',
    help: (text) =>
      /^-?[\d.]+$/.test(text)
        ? []
        : [
            `declare it as ${code('unit')}, or write ${code(`logits: ${text}`)} or ${code(`logistic(${text})`)}`,
          ],
  },
  count: {
    must: 'must be a whole number',
    noun: 'a whole number',
    help: () => [`declare it as ${code('count')}`],
  },
  simplex: {
    must: 'must sum to 1',
    noun: 'weights that sum to 1',
    help: (text) =>
      /^[[\d]/.test(text)
        ? []
        : [`declare it as ${code('simplex')}, or write ${code(`softmax[k](${text})`)}`],
  },
};

function valueHelp(distribution: string, type: ValueType): readonly string[] {
  switch (type.domain) {
    case 'positive':
      return distribution === 'Normal'
        ? [
            'for positive values take `LogNormal` or `Gamma`, or declare it as `real` if negative ones are possible',
          ]
        : [];
    case 'unit':
      return distribution === 'Normal'
        ? ['for values between 0 and 1 take `Beta`, or declare it as `real`']
        : [];
    case 'count':
      return distribution === 'Normal'
        ? ['for counts take `Poisson` or `NegativeBinomial`, or declare it as `real`']
        : [];
    case 'real':
      return type.shape.length === 0 && distribution === 'Poisson'
        ? ['Poisson counts: declare it as `count`']
        : [];
    case 'boolean':
      return distribution === 'Bernoulli' ? [] : ['for true or false take `Bernoulli`'];
    case 'plate':
    case 'category':
      return distribution === 'Categorical' ? [] : ['for one of several take `Categorical`'];
    case 'simplex':
      return distribution === 'Dirichlet' ? [] : ['for weights that sum to 1 take `Dirichlet`'];
    case 'covariance':
      return distribution === 'InverseWishart' ? [] : ['for a covariance matrix take `InverseWishart`'];
    case 'orthogonal':
    case 'shape':
    case 'unknown':
      return [];
  }
}

export const CONSTRAINTS: Words<ConstraintProblem> = {
  'constraint-on': {
    code: 'GMM0262',
    words: ({ name, role, declared }, source) => ({
      message: `a constraint speaks of parameters, and ${code(name)} is ${role === 'data' ? 'data' : 'a latent'}`,
      label: role === 'data' ? 'observed, not estimated' : 'hidden, not estimated',
      labels: at(declared, 'declared here', source),
    }),
  },
  'constraint-without-parameter': {
    code: 'GMM0263',
    words: () => ({
      message: 'there is no parameter in this constraint, so nothing could be done to meet it',
      label: 'constants only',
    }),
  },
  'constraint-outside': {
    code: 'GMM0264',
    words: ({ left, value }, source) => ({
      message: `this can never hold: ${quote(left.span, source)} is ${rangeName(left.type)}, and ${value} is not`,
      label: 'cannot hold',
      labels: at(left.declared, 'declared here', source),
    }),
  },
  'constraints-contradict': {
    code: 'GMM0264',
    words: ({ other }, source) => ({
      message: 'two constraints contradict each other',
      label: 'cannot hold together with the other',
      labels: at(other, 'the other one', source),
    }),
  },
  'constraint-sum': {
    code: 'GMM0264',
    words: ({ name, sum, all, others }, source) => ({
      message: `this can never hold: the entries of ${code(name)} sum to 1, and ${all ? 'they are held at values that sum' : 'those held sum'} to ${Number(sum.toPrecision(6))}`,
      label: others.length === 0 ? 'cannot hold' : 'cannot hold together with the others',
      labels: others.map((o) => ({ span: spanOf(o, source), message: 'held here' })),
    }),
  },
};

const rangeName = (type: ValueType): string =>
  type.domain === 'unit' || type.domain === 'simplex'
    ? 'between 0 and 1'
    : `greater than zero${type.scale === undefined ? '' : ` (${article(type.scale)})`}`;

const UNUSED: Readonly<Record<Role, string>> = {
  model: '',
  const: 'nothing uses this constant',
  plate: 'nothing runs over this plate',
  param: 'the data say nothing about it',
  latent: 'it sums out to nothing',
  data: 'nothing depends on this column',
  let: 'nothing uses this definition',
};

export const WARNINGS: Words<ModelWarning | ModelPedantry> = {
  'never-used': {
    code: 'GMM0280',
    words: ({ name, role }) => ({
      message: `${code(name)} is declared and never used`,
      label: UNUSED[role],
      helps: ['use it, or leave the line out'],
    }),
  },
  'concentration-below-one': {
    code: 'GMM0281',
    words: ({ distribution, argument, edge, value }) => {
      const what = distribution === 'Dirichlet' ? 'weights' : 'values';
      return {
        message: `a ${distribution} ${argument} of ${value} is below 1: the prior then favours ${what} of exactly ${edge === 0 ? 'zero' : 'one'}`,
        label: 'below 1',
        helps: [
          `the estimate is the mode, which lies inside above 1${distribution === 'Dirichlet' ? '; `Dirichlet(1)` is no prior at all' : ''}`,
        ],
      };
    },
  },
  'may-collapse': {
    code: 'GMM0282',
    words: ({ name, plate, type }) => ({
      message: `${code(name)} may collapse: with one ${type.scale ?? 'scale'} per ${code(plate)} the likelihood grows without bound when a component shrinks onto one row`,
      label: 'neither a prior nor a constraint bounds it',
      helps: [
        type.domain === 'covariance'
          ? `give it a prior: ${code('~ InverseWishart(nu, Psi)')}`
          : type.scale === 'precision'
            ? `give it a ceiling: ${code(`constrain ${name}[${plate}] <= 10`)}`
            : `give it a floor: ${code(`constrain ${name}[${plate}] >= 0.1`)}`,
        'or share it: leave the index off',
      ],
    }),
  },
};
