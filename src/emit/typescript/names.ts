/**
 * Names in emitted code. A symbol keeps the name that the user gave it; only where JavaScript or the module has taken
 * that name does it get a `_`. What the module itself needs locally steps aside for the user's names.
 */
import type { Plan } from '../../plan/types.js';

export interface Names {
  /** of a parameter, constant, size, data symbol or statistic */
  readonly of: (symbol: string) => string;
  /** of a running index */
  readonly index: (index: string) => string;
  /** of something of ours: the wanted name, unless a symbol of the model has it */
  readonly own: (wanted: string) => string;
}

const RESERVED =
  'arguments await break case catch class const continue debugger default delete do else enum eval export extends false ' +
  'finally for function if implements import in instanceof interface let new null package private protected public ' +
  'return static super switch this throw true try typeof undefined var void while with yield Infinity NaN';
const GLOBALS = 'Array Float64Array Math Number Promise Symbol Object';
/** What the runtime exports and emitted modules may import. */
export const RUNTIME =
  'add assign axes beside besselratio column coordinates diag diagonal digamma divide dot each entrywise fill highest identity inverse inverseRoot labelMask largestOf lgamma logbesseli0 ' +
  'logDeterminant logistic logSumExp maximum membersOf minimum multiply negate newton normalise outer product quadratic root settle softplus solve standardise standardisedMap subtract ' +
  'sum times together totalOf trace transpose trigamma weightedMedian zeros';
export const FUNCTIONS =
  'columns expectation fit logDensities logLikelihood logPrior maximisation maximisationRound posterior squaredNorms statistics tensors';

const words = (text: string): readonly string[] => text.split(' ');
const TAKEN: ReadonlySet<string> = new Set([
  'tf',
  'runtime',
  ...words(RESERVED),
  ...words(GLOBALS),
  ...words(RUNTIME),
  ...words(FUNCTIONS),
]);

const free = (wanted: string, taken: (candidate: string) => boolean): string =>
  taken(wanted) ? free(`${wanted}_`, taken) : wanted;

export function namesOf(plan: Plan): Names {
  const { model } = plan;
  const symbols = [
    ...[...model.parameters, ...model.constants, ...model.data, ...model.definitions, ...model.latents].map(
      (s): string => s.name,
    ),
    ...model.sizes.map((s) => s.name),
    ...plan.statistics.map((s) => s.name),
  ];
  const of = (symbol: string): string => free(symbol, (candidate) => TAKEN.has(candidate));
  const emitted = new Set(symbols.map(of));
  const own = (wanted: string): string =>
    free(wanted, (candidate) => emitted.has(candidate) || TAKEN.has(candidate));
  return { of, own, index: own };
}

/** A text as a name: `log(x[i])` is `log_x_i`. */
export const asName = (text: string): string => {
  const cleaned = text.replaceAll(/[^\p{L}\d_]+/gu, '_').replaceAll(/^_+|_+$/g, '');
  return /^[\p{L}_]/u.test(cleaned) ? cleaned : `c_${cleaned}`;
};
