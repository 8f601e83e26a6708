/**
 * A program read as centres: logit[k] = −½ a (Σ_c w_c (x_c − m[k,c])² + o[k]). The centres are read off the residuals as they
 * stand, so that a float64 distance has the terms and roundings of the formula on paper.
 */
import { isNumber } from '../../../algebra/build.js';
import { evaluateFloat64 } from '../../../plan/evaluate-float64.js';
import { frameOf } from '../../../plan/frame.js';
import { affineRows } from '../../../plan/matrices.js';
import { whyNotPlain } from '../../../plan/plain.js';
import { setComponent } from '../../../plan/program.js';
import type { LogitTerm, Parameters, Plan, Program } from '../../../plan/types.js';

export interface Centres {
  /** [K, C]: m, in the user's units */
  readonly centres: Float64Array;
  /** [C]: w, the first of them 1; positive */
  readonly weights: Float64Array;
  /** [K]: o */
  readonly offsets: Float64Array;
  /** a, positive */
  readonly factor: number;
}

/** Why rows do not simply go to the nearest of some centres, in the words of the model. */
export function whyNotCentres(plan: Plan): string | undefined {
  const reason = whyNotPlain(plan);
  if (reason !== undefined) return reason;
  if (plan.assignment !== 'hard') return 'rows that are shared between components';
  if (!plan.sharedQuadratic) return 'squares that differ between components';
  if (plan.pairs.statistics !== 'none') return 'an M-step that reads squares of the data';
  return plan.logits.every((t) => t.kind === 'constant' || (t.kind === 'quadratic' && isSumOfSquares(t)))
    ? undefined
    : 'a log density that is no sum of squares';
}

const isSumOfSquares = ({ matrix }: Extract<LogitTerm, { kind: 'quadratic' }>): boolean =>
  isNumber(matrix) || matrix.kind === 'identity' || matrix.kind === 'diag';

/** Undefined where these parameters do not make one positive square of each column, the same for all components. */
export function centresOf(program: Program, parameters: Parameters): Centres | undefined {
  const [k, c] = [program.components, program.columns.length];
  const frame = frameOf(program, parameters);
  const centres = new Float64Array(k * c);
  const offsets = new Float64Array(k);
  const squares = new Float64Array(k * c);
  for (let j = 0; j < k; j++) {
    setComponent(program, frame.indices, j);
    for (const term of program.plan.logits) {
      if (term.kind === 'constant') {
        offsets[j] = offsets[j] - 2 * evaluateFloat64(term.value, frame).data[0];
        continue;
      }
      if (term.kind !== 'quadratic') return undefined;
      const { rows, first, column: columns, value, offset } = affineRows(term.residual, program, frame);
      const coefficient = evaluateFloat64(term.coefficient, frame).data[0];
      const diagonal = diagonalOf(term, rows, frame);
      for (let i = 0; i < rows; i++) {
        // one column each
        if (first[i + 1] !== first[i] + 1) return undefined;
        const [column, entry] = [columns[first[i]], value[first[i]]];
        const at = j * c + column;
        if (squares[at] !== 0) return undefined;
        squares[at] = -2 * coefficient * diagonal[i] * entry * entry;
        centres[at] = -offset[i] / entry;
      }
    }
  }
  const factor = squares[0];
  const isOne = squares.every((s, at) => s > 0 && s < Infinity && s === squares[at % c]);
  if (frame.failed || !isOne || ![...centres, ...offsets].every(Number.isFinite)) return undefined;
  return {
    centres,
    weights: squares.subarray(0, c).map((s) => s / factor),
    offsets: offsets.map((o) => o / factor),
    factor,
  };
}

function diagonalOf(
  { matrix }: Extract<LogitTerm, { kind: 'quadratic' }>,
  n: number,
  frame: ReturnType<typeof frameOf>,
): Float64Array {
  if (isNumber(matrix)) return new Float64Array(n).fill(matrix.value);
  if (matrix.kind === 'diag') return evaluateFloat64(matrix.of, frame).data;
  return new Float64Array(n).fill(1);
}
