/** The feature stage as it stands in its definition, row by row in plain float64, for comparison. */
import type { FeatureStage } from '../../../src/emit/graph/feature-stage.js';
import { featureLayout } from '../../../src/emit/graph/feature-stage.js';

export interface StageInput {
  readonly rows: number;
  /** [C, N] */
  readonly u: Float64Array;
  /** [P, K] */
  readonly eta: Float64Array;
  readonly weights: Float64Array | undefined;
  readonly labels: Int32Array | undefined;
}

export interface StageOutput {
  /** [P, K] */
  readonly sums: Float64Array;
  readonly logLikelihood: number;
  /** −Σ w log max_k r */
  readonly uncertainty: number;
  /** [N, K] */
  readonly responsibilities: Float64Array;
  /** [N] */
  readonly logDensity: Float64Array;
}

export function plainStage(stage: FeatureStage, { rows, u, eta, weights, labels }: StageInput): StageOutput {
  const layout = featureLayout(stage);
  const { columns, components } = stage;
  const sums = new Float64Array(layout.statisticFeatures * components);
  const responsibilities = new Float64Array(rows * components);
  const logDensity = new Float64Array(rows);
  let logLikelihood = 0;
  let uncertainty = 0;
  for (let i = 0; i < rows; i++) {
    const x = Array.from({ length: columns }, (_, c) => u[c * rows + i]);
    const phi = [1, ...x, ...layout.pairs.map(([a, b]) => x[a] * x[b])];
    const logits = Array.from({ length: components }, (_, k) =>
      phi.slice(0, layout.logitFeatures).reduce((s, f, p) => s + f * eta[p * components + k], 0),
    );
    const top = Math.max(...logits);
    const e = logits.map((a) => Math.exp(a - top));
    const total = e.reduce((a, b) => a + b, 0);
    const label = labels?.[i] ?? 0;
    const owner = label > 0 ? label - 1 : stage.assignment === 'hard' ? logits.indexOf(top) : undefined;
    logDensity[i] = owner === undefined ? top + Math.log(total) : logits[owner];
    const w = weights?.[i] ?? 1;
    logLikelihood += w * logDensity[i];
    if (owner === undefined) uncertainty -= w * Math.log(Math.max(...e) / total);
    for (let k = 0; k < components; k++) {
      const r = owner === undefined ? e[k] / total : k === owner ? 1 : 0;
      responsibilities[i * components + k] = r;
      for (let p = 0; p < layout.statisticFeatures; p++) sums[p * components + k] += w * r * phi[p];
    }
  }
  return { sums, logLikelihood, uncertainty, responsibilities, logDensity };
}
