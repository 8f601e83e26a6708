/** Log-likelihood, degrees of freedom, BIC, AIC and ICL of a run. */
import { evaluateFloat64 } from '../plan/evaluate-float64.js';
import { frameOf } from '../plan/frame.js';
import { systemOf } from '../plan/joint-stage.js';
import type { RowData, Session } from '../engine/types.js';
import type { Program } from '../plan/types.js';
import { logPrior } from './em.js';
import type { EmRun } from './em.js';
import type { FitResult } from './types.js';

type Summary = Pick<
  FitResult,
  'objective' | 'logLikelihood' | 'logPosterior' | 'inertia' | 'degreesOfFreedom' | 'bic' | 'aic' | 'icl'
>;

export interface SummaryInput {
  readonly program: Program;
  readonly data: RowData;
  readonly session: Session;
  readonly run: EmRun;
  readonly weight: number;
}

/**
 * BIC = −2 log L + df log n (Schwarz 1978), AIC = −2 log L + 2 df (Akaike 1974), ICL = BIC − 2 Σ log max_k r (Biernacki,
 * Celeux, Govaert 2000, with mclust's hard form); smaller is better. n is the sum of the weights.
 */
export async function summarise(input: SummaryInput): Promise<Summary> {
  const { program, run, weight } = input;
  if (program.plan.assignment === 'hard')
    return {
      objective: 'inertia',
      logLikelihood: null,
      logPosterior: null,
      inertia: run.objective,
      degreesOfFreedom: null,
      bic: null,
      aic: null,
      icl: null,
    };
  const { logLikelihood } = run.expectation;
  const counted = evaluateFloat64(program.plan.derivation.degreesOfFreedom, frameOf(program, run.parameters))
    .data[0];
  // an equation that follows from others takes nothing
  const joints = [...new Set(program.plan.updates.flatMap((u) => u.joint ?? []))];
  const redundant = joints.reduce((n, joint) => n + systemOf(joint, program).equations.redundant, 0);
  const df = Math.round(counted) + redundant;
  const bic = -2 * logLikelihood + df * Math.log(weight);
  return {
    objective: program.plan.hasPrior ? 'logPosterior' : 'logLikelihood',
    logLikelihood,
    logPosterior: program.plan.hasPrior ? logLikelihood + logPrior(program, run.parameters) : null,
    inertia: null,
    degreesOfFreedom: df,
    bic,
    aic: -2 * logLikelihood + 2 * df,
    icl: bic - 2 * (await sumLogLargest(input)),
  };
}

/** Σ w log max_k r. */
async function sumLogLargest({ program, data, session, run }: SummaryInput): Promise<number> {
  if (program.components === 1) return 0;
  if (run.expectation.sumLogLargest !== undefined) return run.expectation.sumLogLargest;
  const k = program.components;
  const { responsibilities } = await session.posterior(run.parameters);
  let s = 0;
  for (let i = 0; i < data.rows; i++) {
    let top = 0;
    for (let j = 0; j < k; j++) top = Math.max(top, responsibilities[i * k + j]);
    const w = data.weights === undefined ? 1 : data.weights[i];
    if (w !== 0) s += w * Math.log(top);
  }
  return s;
}
