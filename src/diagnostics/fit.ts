/** Words for what can go wrong in a fit: which component, and what would help. */
import type { FitProblem } from '../fit/types.js';
import { code, listed, plural } from './describe.js';
import type { Words } from './describe.js';

const which = (parameter: string, component: number | undefined): string =>
  component === undefined
    ? code(parameter)
    : `${code(`${parameter}[${component}]`)} (component ${component})`;

export const FIT: Words<FitProblem> = {
  collapse: {
    code: 'GMM0501',
    words: (p) => ({
      message: `the fit collapsed at ${which(p.parameter, p.component)}: ${p.detail}${p.allStarts ? ` (all ${p.starts} starts failed; this is the first)` : ''}`,
      helps: [
        'fewer components (`--set K=…`), or more restarts',
        'share the scale between components by leaving its index off, or give it a floor: `constrain s2[k] >= 0.1`',
        'drop a column that is constant or follows from others',
      ],
    }),
  },
  'not-determined': {
    code: 'GMM0502',
    words: (p) => ({
      message: `${which(p.parameter, p.component)} is not determined by the data: ${p.detail}`,
      helps: [
        'drop a covariate that depends on the others',
        'give the coefficients a prior, or use fewer components',
      ],
    }),
  },
  'fewer-rows-than-components': {
    code: 'GMM0503',
    words: (p) => ({
      message: `there ${p.rows === 1 ? 'is 1 row' : `are ${p.rows} rows`} for ${plural(p.components, 'component')}`,
      helps: ['use fewer components (`--set K=…`) or more data'],
    }),
  },
  'algorithm-not-possible': {
    code: 'GMM0514',
    words: (p) => ({
      message: `\`${p.flag}\` cannot run: ${p.reason}`,
      helps: ['leave the flag out'],
    }),
  },
  'too-many-combinations': {
    code: 'GMM0515',
    words: (p) => ({
      message: `${listed(
        p.latents.map((l) => code(l.name)),
        'and',
      )} take ${p.latents.map((l) => l.values).join(' × ')} = ${p.latents.reduce((n, l) => n * l.values, 1)} values together, which are enumerated for every row; at most ${p.limit} can be`,
      helps: ['use fewer values for one of them (`--set …`), or one latent in the place of several'],
    }),
  },
  'out-of-range': {
    code: 'GMM0516',
    words: (p) => ({
      message:
        p.size === 'large'
          ? `row ${p.row} of column ${code(p.column)} is ${p.value}, whose square has no room in ${p.precision} (numbers up to ${p.limit.toExponential()} have)`
          : `the numbers of column ${code(p.column)} differ by less than ${p.limit.toPrecision(1)}, whose square has no room in ${p.precision}`,
      helps: [
        'if it is a mistake, or stands for a missing value, correct it or leave the cell empty; else give the column in other units',
        ...(p.precision === 'float32' ? ['`--precision float64` has room for more'] : []),
      ],
    }),
  },
  'start-invalid': {
    code: 'GMM0504',
    words: (p) => ({
      message: `the start does not fit the model at ${code(p.symbol)}: ${p.reason}`,
      helps: ['a start is a fit file, or JSON with "parameters", "labels" or "responsibilities"'],
    }),
  },
  'not-converged': {
    code: 'GMM0505',
    words: (p) => ({
      message: `not converged after ${plural(p.iterations, 'iteration')} (last change ${p.change.toExponential(1)})`,
      helps: ['raise `--max-iterations` or `--tolerance`'],
    }),
  },
  'constant-needed': {
    code: 'GMM0506',
    words: (p) => ({
      message: `the constant ${code(p.name)} has no value`,
      helps: [`give it one: \`--set ${p.name}=…\`, or in the model \`const ${p.name} = …\``],
    }),
  },
  'equations-contradict': {
    code: 'GMM0513',
    words: (p) => ({
      message: `the equations between ${listed(p.parameters.map(code), 'and')} contradict each other: ${listed(p.equations.map(code), 'and')}`,
      helps: ['no values of the parameters satisfy all of them: leave one out, or change a number in it'],
    }),
  },
  'unknown-constant': {
    code: 'GMM0507',
    words: (p) => ({
      message: `the model has no constant ${code(p.name)}`,
      helps: [p.known.length === 0 ? 'it has none at all' : `it has ${listed(p.known.map(code), 'and')}`],
    }),
  },
  'bad-constant': {
    code: 'GMM0508',
    words: (p) => ({ message: `the constant ${code(p.name)} cannot be ${p.value}: ${p.reason}` }),
  },
  'missing-not-marginalisable': {
    code: 'GMM0509',
    words: (p) => ({
      message: `row ${p.row} of column ${code(p.column)} is missing (empty)${p.count > 1 ? `, and ${plural(p.count - 1, 'other cell')}` : ''}: ${code(p.symbol)} cannot be integrated out here`,
      helps: [
        'cells of a Gaussian vector or number can be missing, where nothing else is computed from it and no limit is taken',
        'fill the cells or take the rows out',
      ],
    }),
  },
  interrupted: {
    code: 'GMM0512',
    words: (p) => ({ message: `interrupted after ${plural(p.iterations, 'iteration')}` }),
  },
};
