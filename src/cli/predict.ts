/** `gmm predict`: the component of each row and the responsibilities, from the fit file alone. */
import type { OutputColumn } from '../data/write.js';
import type { LatentPrediction } from '../fit/predict.js';
import type { ExitCode } from './exit.js';
import type { PredictFlags } from './flags.js';
import { giveRows, predictRows } from './rows.js';
import type { Terminal } from './terminal.js';

export async function predict(
  terminal: Terminal,
  fit: string,
  data: string,
  flags: PredictFlags,
): Promise<ExitCode> {
  const rows = await predictRows(terminal, fit, data, flags, ({ plan }) =>
    plan.axes.length === 0 ? 'nothing is hidden in this model: there is no component to tell' : undefined,
  );
  if ('stopped' in rows) return rows.stopped;
  const { prediction } = rows.value;
  const { latents } = prediction;
  const component = new Map(latents.map((l) => [l.latent, componentsOf(l)]));
  return giveRows(
    terminal,
    latents.flatMap((l) => [
      { name: l.latent, values: component.get(l.latent)! },
      ...responsibilityColumns(l, prediction.rows),
    ]),
    () => ({
      schema: 'gmm-predict/1',
      component: Object.fromEntries(latents.map((l) => [l.latent, [...component.get(l.latent)!]])),
      responsibilities: Object.fromEntries(
        latents.map((l) => [l.latent, responsibilityRows(l, prediction.rows)]),
      ),
    }),
    flags,
  );
}

/** Numbers from 1, or the labels where the latent has them. */
function componentsOf({ component, levels }: LatentPrediction): Int32Array | readonly string[] {
  return levels === undefined ? component : Array.from(component, (k) => levels[k - 1] ?? String(k));
}

/** `z_1` … `z_K`, one Float64Array [N] each; `noise_false`, `noise_true`. */
function responsibilityColumns(l: LatentPrediction, rows: number): readonly OutputColumn[] {
  const { components, responsibilities, levels } = l;
  const isTruth = components === 2 && levels?.[0] === 'false' && levels[1] === 'true';
  return Array.from({ length: components }, (_, k) => ({
    name: `${l.latent}_${isTruth ? levels[k] : String(k + 1)}`,
    values: Float64Array.from({ length: rows }, (__, i) => responsibilities[i * components + k]),
  }));
}

/** [N][K] */
const responsibilityRows = (
  { components, responsibilities }: LatentPrediction,
  rows: number,
): readonly number[][] =>
  Array.from({ length: rows }, (_, i) => [
    ...responsibilities.subarray(i * components, (i + 1) * components),
  ]);
