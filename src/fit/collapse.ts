/**
 * Where a fit has gone wrong: a scale at rounding level of its column. The same test for every engine, on the parameters
 * alone: a variance below 1e-12 of its column's, or a Cholesky pivot below 1e-12 of its diagonal; of a scale that is a
 * distance, its square.
 */
import { isNumber } from '../algebra/build.js';
import { dependsOn, symbolsOf } from '../algebra/traverse.js';
import { cholesky, firstBadPivot, inverseCholesky } from '../linear-algebra/cholesky.js';
import { evaluateFloat64 } from '../plan/evaluate-float64.js';
import { affineMatrix } from '../plan/matrices.js';
import { frameOf } from '../plan/frame.js';
import { setComponent, setStratum } from '../plan/program.js';
import type { SymbolExpr } from '../algebra/types.js';
import type { LogitTerm, Parameters, Plan, Program } from '../plan/types.js';
import { scaleTerms } from './scale-terms.js';
import type { Quadratic } from './scale-terms.js';

/** A variance or pivot below this share of its column's is rounding. */
export const COLLAPSED = 1e-12;

export interface Collapse {
  readonly parameter: string;
  /** from 1; undefined for a parameter that the components share */
  readonly component: number | undefined;
  readonly column: number | undefined;
  readonly kind:
    | 'variance'
    | 'not-positive-definite'
    /** a concentration without bound: the rows of the component do not differ */
    | 'one-value'
    /** a positive number at 0 or without bound, whatever it stands for */
    | 'zero'
    | 'unbounded';
}

/** `variances` are the columns' own, [C]. Gives the first collapse found. */
export function findCollapse(
  program: Program,
  parameters: Parameters,
  variances: Float64Array,
): Collapse | undefined {
  const frame = frameOf(program, parameters);
  const terms = scaleTerms(program.plan);
  const own = terms.filter((term) => !isCommon(term, program.plan));
  for (let k = 0; k < program.components; k++) {
    setComponent(program, frame.indices, k);
    // what the components share is looked at once
    for (const term of k === 0 ? terms : own) {
      for (let combination = 0; combination < program.strataSizes[term.stratum]; combination++) {
        setStratum(program, frame.indices, term.stratum, combination);
        const found = collapseOf(term, program, frame, variances);
        if (found !== undefined) return found;
      }
    }
  }
  return undefined;
}

const common = new WeakMap<Quadratic, boolean>();

function isCommon(term: Quadratic, { axes }: Plan): boolean {
  const parts = [term.coefficient, term.matrix, ...term.residual.parts.map((p) => p.coefficient)];
  const found = common.get(term) ?? !parts.some((e) => axes.some((axis) => dependsOn(e, axis.value.index)));
  common.set(term, found);
  return found;
}

function collapseOf(
  term: Quadratic,
  program: Program,
  frame: ReturnType<typeof frameOf>,
  variances: Float64Array,
): Collapse | undefined {
  const owner = ownerOf(term);
  if (owner === undefined) return undefined;
  const component = componentOf(owner, frame);
  const collapse = (kind: Collapse['kind'], column: number | undefined): Collapse => ({
    parameter: owner.name,
    component,
    column,
    kind,
  });
  const factor = -2 * evaluateFloat64(term.coefficient, frame).data[0];
  // a branch that does not hold
  if (factor === 0) return undefined;
  const { matrix } = term;
  const columns = columnsOf(term, program, frame);
  const columnAt = (d: number): number | undefined => columns[d];
  const isTiny = (variance: number, column: number | undefined): boolean =>
    !(variance > COLLAPSED * (column === undefined ? 0 : variances[column])) || !Number.isFinite(variance);
  if (isNumber(matrix) || matrix.kind === 'identity') {
    const variance = 1 / factor;
    const widest = columns.reduce<number | undefined>(
      (a, c) => (c !== undefined && (a === undefined || variances[c] > variances[a]) ? c : a),
      undefined,
    );
    return isTiny(variance, widest)
      ? collapse('variance', columns.length === 1 ? widest : undefined)
      : undefined;
  }
  if (matrix.kind === 'diag') {
    const weights = evaluateFloat64(matrix.of, frame).data;
    for (let d = 0; d < weights.length; d++)
      if (isTiny(1 / (factor * weights[d]), columnAt(d))) return collapse('variance', columnAt(d));
    return undefined;
  }
  const n = columns.length;
  const covariance =
    matrix.kind === 'inverse'
      ? evaluateFloat64(matrix.of, frame).data
      : inverted(evaluateFloat64(matrix, frame).data, n);
  if (frame.failed || covariance === undefined || covariance.some((x) => !Number.isFinite(x))) {
    frame.failed = false;
    return collapse('not-positive-definite', undefined);
  }
  for (let d = 0; d < n; d++)
    if (isTiny(covariance[d * n + d] / factor, columnAt(d))) return collapse('variance', columnAt(d));
  const bad = firstBadPivot(covariance, n, COLLAPSED);
  return bad < 0 ? undefined : collapse('not-positive-definite', columnAt(bad));
}

/** The component of a parameter's entry, from 1; undefined where the components share it. */
export function componentOf(
  owner: SymbolExpr,
  frame: Pick<ReturnType<typeof frameOf>, 'indices'>,
): number | undefined {
  if (owner.indices.length === 0) return undefined;
  const [index] = owner.indices;
  if (index.kind === 'running') return frame.indices[index.index] + 1;
  return index.kind === 'fixed' ? index.value : undefined;
}

/** Where the objective is no number: a positive parameter that is 0 or has no bound. */
export function findImproper(program: Program, parameters: Parameters): Collapse | undefined {
  for (const { name, type } of program.plan.model.parameters) {
    const array = parameters.get(name);
    if (type.domain !== 'positive' || array === undefined) continue;
    const at = array.data.findIndex((x) => !(x > 0 && x < Infinity));
    if (at < 0) continue;
    const [copies] = array.shape;
    const component =
      type.plate === undefined && array.shape.length <= type.shape.length
        ? undefined
        : Math.floor((at * copies) / array.data.length) + 1;
    const kind = array.data[at] === 0 ? 'zero' : 'unbounded';
    return { parameter: name, component, column: undefined, kind };
  }
  return undefined;
}

const owners = new WeakMap<LogitTerm, SymbolExpr | 'none'>();

/** The parameter that a scale is made of. */
function ownerOf(term: Quadratic): SymbolExpr | undefined {
  const known = owners.get(term);
  if (known !== undefined) return known === 'none' ? undefined : known;
  const found = [...symbolsOf(term.coefficient), ...symbolsOf(term.matrix)].find(
    (s) => s.role === 'parameter',
  );
  owners.set(term, found ?? 'none');
  return found;
}

type Columns = readonly (number | undefined)[];
const columnsKnown = new WeakMap<Program, Map<LogitTerm, Columns>>();

/** The column that each coordinate of a residual is measured in: the first it reads with coefficient 1. */
function columnsOf(term: Quadratic, program: Program, frame: ReturnType<typeof frameOf>): Columns {
  const own = columnsKnown.get(program) ?? new Map<LogitTerm, Columns>();
  columnsKnown.set(program, own);
  const known = own.get(term);
  if (known !== undefined) return known;
  const { rows, columns, matrix } = affineMatrix(term.residual, program, frame);
  const width = columns.length;
  const found = Array.from({ length: rows }, (_, d) => columns.find((__, j) => matrix[d * width + j] === 1));
  // where coefficients are parameters they may be another at the next step
  if (term.residual.parts.every((p) => isNumber(p.coefficient))) own.set(term, found);
  return found;
}

/** The inverse of a precision; undefined where it is not positive definite. */
function inverted(precision: Float64Array, n: number): Float64Array | undefined {
  const l = cholesky(precision, n);
  return l === undefined ? undefined : inverseCholesky(l, n);
}
