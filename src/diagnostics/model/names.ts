/** Words about names, plates and indices. */
import type { IndexProblem, NameProblem, PlateProblem, Role } from '../../model/problems.js';
import { printType } from '../../model/print.js';
import { article, code, listed, plural, quote, spanOf } from '../describe.js';
import type { Source, Words } from '../describe.js';
import type { Label } from '../types.js';

export const at = (span: number | undefined, message: string, source: Source): readonly Label[] =>
  span === undefined ? [] : [{ span: spanOf(span, source), message }];

export const didYouMean = (near: string | undefined): string | undefined =>
  near === undefined ? undefined : `did you mean ${code(near)}?`;

const ROLES: Readonly<Record<Role, string>> = {
  model: 'the model',
  const: 'a constant',
  plate: 'a plate',
  param: 'a parameter',
  latent: 'a latent',
  data: 'data',
  let: 'a definition',
};

export const roleName = (role: Role): string => ROLES[role];

export const NAMES: Words<NameProblem> = {
  'duplicate-name': {
    code: 'GMM0202',
    words: ({ name, first }, source) => ({
      message: `${code(name)} is declared twice`,
      label: 'declared again here',
      labels: at(first, 'declared first here', source),
      helps: ['a name stands for one thing in the whole file: give one of them another name'],
    }),
  },
  'reserved-name': {
    code: 'GMM0204',
    words: ({ name, what }) => ({
      message: `${code(name)} is ${what === 'identity' ? 'the identity matrix' : `a ${what} of the language`}, and no symbol can have its name`,
      label: 'choose another name',
    }),
  },
  'unknown-name': {
    code: 'GMM0201',
    words: ({ name, near }) => ({
      message: `nothing is called ${code(name)}`,
      label: didYouMean(near) ?? 'not declared in this file',
      helps:
        near === undefined
          ? [`declare it, for instance ${code(`param ${name} : real`)} or ${code(`const ${name} = 1`)}`]
          : [],
    }),
  },
  'unknown-function': {
    code: 'GMM0206',
    words: ({ name, near }) => ({
      message: `there is no function ${code(name)}`,
      label: didYouMean(near) ?? 'unknown function',
      helps:
        near === undefined
          ? ['the functions are `dot`, `diag`, `log`, `exp`, `sqrt`, `logistic`, `sum[k]` and `softmax[k]`']
          : [],
    }),
  },
  'unknown-type': {
    code: 'GMM0205',
    words: ({ name, near }) => ({
      message: `there is no type ${code(name)}`,
      label: didYouMean(near) ?? 'unknown type',
      helps:
        near === undefined
          ? [
              'types are `real`, `positive`, `unit`, `count`, `boolean`, `simplex[k]`, `variance`, `sd`, `precision`, `covariance[D]`, `orthogonal[D]`, `shape[D]`, `category[C]`, or a plate',
            ]
          : [],
    }),
  },
  'not-a-value': {
    code: 'GMM0207',
    words: ({ name, what }) => ({
      message:
        what === 'plate'
          ? `${code(name)} is a plate, and a plate has no value of its own`
          : `${code(name)} is a ${what}, not a value`,
      label: what === 'plate' ? 'an index, not a number' : 'arguments are missing',
      helps:
        what === 'plate'
          ? [`use it in brackets, as in ${code(`mu[${name}]`)}`]
          : [`write ${code(`${name}(…)`)}`],
    }),
  },
  'called-symbol': {
    code: 'GMM0208',
    words: ({ name, role, declared }, source) => ({
      message: `${code(name)} is ${roleName(role)}, not a function`,
      label: 'parentheses call a function or a distribution',
      labels: at(declared, 'declared here', source),
      helps: [`an index stands in brackets: ${code(`${name}[…]`)}`],
    }),
  },
  'two-models': {
    code: 'GMM0210',
    words: ({ first }, source) => ({
      message: 'a file holds one model, and this is a second name for it',
      label: 'second `model` line',
      labels: at(first, 'first one here', source),
    }),
  },
  'cyclic-definition': {
    code: 'GMM0209',
    words: ({ names }) => ({
      message:
        names.length <= 1
          ? `${code(names[0] ?? '')} is defined by itself`
          : `${listed(names.map(code), 'and')} are defined by each other`,
      label: 'needed to define itself',
      helps: ['a `let` names an expression of other symbols; an unknown is a `param`'],
    }),
  },
  'limit-of': {
    code: 'GMM0211',
    words: ({ name, role, declared }, source) => ({
      message:
        role === undefined
          ? `nothing is called ${code(name)}`
          : `${code(name)} is ${roleName(role)}, and only a constant can go to zero`,
      label: role === undefined ? 'not declared' : 'not a constant',
      labels: at(declared, 'declared here', source),
      helps: [`declare ${code(`const ${role === undefined ? name : 'eps'}`)}; its value is never used`],
    }),
  },
  'two-limits': {
    code: 'GMM0210',
    words: ({ first }, source) => ({
      message: 'a model has at most one limit',
      label: 'second `limit` line',
      labels: at(first, 'first one here', source),
    }),
  },
  'nothing-modelled': {
    code: 'GMM0212',
    words: () => ({
      message: 'no data are modelled here, so there is nothing to estimate from',
      label: 'no `data` line of this file has a `~`',
      helps: ['say how the data arise: `data x[i] : real ~ Normal(mu, s2)`'],
    }),
  },
};

export const PLATES: Words<PlateProblem> = {
  'declared-over': {
    code: 'GMM0213',
    words: ({ name, role, near }, source) => ({
      message:
        name === ''
          ? 'the brackets of a declaration hold names of plates'
          : role === undefined
            ? `there is no plate ${code(name)}`
            : `${code(name)} is ${roleName(role)}, and the brackets of a declaration hold plates`,
      label: didYouMean(near) ?? 'not a plate',
      helps:
        near !== undefined || source.text === ''
          ? []
          : name === ''
            ? ['`mu[k] : real[D]` has one vector per k; how long the vector is belongs to its type']
            : role === undefined
              ? [`declare it: ${code(`plate ${name} in 1..K`)} or ${code(`plate ${name} over rows`)}`]
              : [`for a vector, give the type a size: ${code(`real[${name}]`)}`],
    }),
  },
  'plate-twice': {
    code: 'GMM0213',
    words: ({ plate }) => ({
      message: `${code(plate)} stands twice in one declaration`,
      label: 'second time',
      helps: [
        'an index has one meaning in the whole file; for pairs declare a second plate of the same length',
      ],
    }),
  },
  'plate-out-of-scope': {
    code: 'GMM0214',
    words: ({ plate, available, latents }) => ({
      message: `${code(plate)} has no value here: the line ${available.length === 0 ? 'has no plates' : `runs over ${listed(available.map(code), 'and')} only`}`,
      label: `for which ${plate}?`,
      helps: [
        ...latents.slice(0, 1).map((l) => `to choose the ${plate} of each row, write ${code(l)}`),
        ...(latents.length === 0
          ? [`add it to the declaration, or sum over it: ${code(`sum[${plate}](…)`)}`]
          : []),
      ],
    }),
  },
  'plate-bound-twice': {
    code: 'GMM0215',
    words: ({ plate }) => ({
      message: `${code(plate)} already runs here`,
      label: `the line is for each ${plate}`,
      helps: ['a sum needs a plate of its own: declare a second one of the same length'],
    }),
  },
  'plate-range': {
    code: 'GMM0216',
    words: (p, source) => ({
      message: `a plate ends at a whole number or a constant, not at ${quote(p.span, source)}`,
      label: 'an expression',
      helps: ['name it: `const K = 4`, then `plate k in 1..K`'],
    }),
  },
  'plate-needed': {
    code: 'GMM0217',
    words: ({ name }) => ({
      message: `${code(name)} needs to know which plate it runs over`,
      label: 'over what?',
      helps: [`write ${code(`${name}[k](…)`)}, with a plate of this file`],
    }),
  },
  'data-without-rows': {
    code: 'GMM0218',
    words: ({ name, rows }) => ({
      message: `${code(name)} is data, and data have one value per row of the table`,
      label: 'no plate over the rows',
      helps:
        rows === undefined
          ? [`add ${code('plate i over rows')}, and write ${code(`${name}[i]`)}`]
          : [`write ${code(`${name}[${rows}]`)}`],
    }),
  },
  'first-needs-order': {
    code: 'GMM0219',
    words: ({ name, plate }) => ({
      message: `${code(`${name}[1]`)} is the beginning of a sequence, and ${plate === undefined ? 'its plate' : code(plate)} has no order`,
      label: 'first of what?',
      helps: [`give the rows an order: ${code(`plate ${plate ?? 't'} over rows ordered by time`)}`],
    }),
  },
  'previous-needs-order': {
    code: 'GMM0219',
    words: ({ plate, declared }, source) => ({
      message: `${code(`${plate}-1`)} is the row before, and ${code(plate)} has no order`,
      label: 'before in what order?',
      labels: at(declared, 'declared here', source),
      helps: [`write ${code(`plate ${plate} over rows ordered by time`)}, with the column that orders them`],
    }),
  },
  'chain-without-start': {
    code: 'GMM0220',
    words: ({ name, plate }) => ({
      message: `each ${code(name)} depends on the one before, and nothing says how a sequence begins`,
      label: `needs a line for ${code(`${name}[1]`)}`,
      helps: [
        `add ${code(`latent ${name}[1] : … ~ …`)}; the line for ${code(`${name}[${plate}]`)} then holds for the rest`,
      ],
    }),
  },
  'chain-without-rest': {
    code: 'GMM0220',
    words: ({ name, plate }) => ({
      message: `this says how a sequence of ${code(name)} begins, and nothing says how it goes on`,
      label: 'only the first',
      helps: [
        plate === undefined
          ? `declare over a plate: ${code(`${name}[i]`)}; sequences need ${code('plate t over rows ordered by time')}`
          : `add a line for ${code(`${name}[${plate}]`)}`,
      ],
    }),
  },
};

export const INDICES: Words<IndexProblem> = {
  'too-few-indices': {
    code: 'GMM0241',
    words: ({ name, plates, given, declared, latents }, source) => {
      const missing = plates.slice(given);
      const all = [...plates.slice(0, given).map(() => '…'), ...missing];
      const chosen =
        latents[0] === undefined
          ? undefined
          : [...plates.slice(0, given).map(() => '…'), latents[0], ...missing.slice(1)];
      return {
        message: `${code(name)} has a value for each ${listed(plates.map(code), 'and')}, and this does not say which`,
        label: `index ${listed(missing.map(code), 'and')} is missing`,
        labels: at(declared, `declared over ${listed(plates.map(code), 'and')} here`, source),
        helps: [`write ${code(`${name}[${(chosen ?? all).join(', ')}]`)}`],
      };
    },
  },
  'too-many-indices': {
    code: 'GMM0242',
    words: ({ name, allowed, given, type, declared }, source) => ({
      message: `${code(name)} takes ${allowed === 0 ? 'no index' : plural(allowed, 'index', 'indices')}, and here ${given === 1 ? 'is 1' : `are ${given}`}`,
      label: allowed === 0 ? 'takes no index' : `at most ${allowed}`,
      labels: at(
        declared,
        type.domain === 'unknown' ? 'declared here' : `declared as ${printType(type)} here`,
        source,
      ),
    }),
  },
  'index-of-another-plate': {
    code: 'GMM0243',
    words: ({ name, expected, found, declared, latents }, source) => ({
      message: `${code(name)} is indexed by ${code(expected)} here, and not by ${code(found)}`,
      label: `expected an index of ${code(expected)}`,
      labels: at(declared, `declared over ${code(expected)} here`, source),
      helps: latents.slice(0, 1).map((l) => `${code(l)} ranges over ${code(expected)}`),
    }),
  },
  'index-size': {
    code: 'GMM0243',
    words: ({ name, size, plate, declared }, source) => ({
      message: `coordinates of ${code(name)} count to ${size}, and ${code(plate)} is a plate of another length`,
      label: 'another length',
      labels: at(declared, 'declared here', source),
    }),
  },
  'not-an-index': {
    code: 'GMM0244',
    words: ({ found, span }, source) => ({
      message:
        found === undefined || found.type.domain === 'unknown'
          ? `${quote(span, source)} cannot be an index`
          : `${quote(span, source)} is ${article(printType(found.type))}, and no index`,
      label: 'not an index',
      labels: at(
        found?.declared,
        `declared as ${found === undefined ? '' : printType(found.type)} here`,
        source,
      ),
      helps: ['an index is a plate, a symbol whose type is a plate (`z[i]`), a whole number, or `t-1`'],
    }),
  },
  'index-not-whole': {
    code: 'GMM0244',
    words: ({ span }, source) => ({
      message: `indices are whole numbers from 1, and this is ${quote(span, source)}`,
      label: 'not 1, 2, 3, …',
    }),
  },
  'index-out-of-range': {
    code: 'GMM0245',
    words: ({ index, size, over, declared }, source) => ({
      message: `there is no number ${index}: ${/^\d+$/.test(over) ? 'it' : code(over)} counts from 1 to ${size}`,
      label: `at most ${size}`,
      labels: at(declared, 'declared here', source),
    }),
  },
  'indices-on-function': {
    code: 'GMM0246',
    words: ({ name }) => ({
      message:
        name === 'I'
          ? '`I` is a whole matrix, sized by its place'
          : `the function ${code(name)} takes no index`,
      label: 'brackets are not wanted here',
      helps: name === 'I' ? [] : [`write ${code(`${name}(…)`)}`],
    }),
  },
};
