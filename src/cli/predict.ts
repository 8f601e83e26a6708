/** `gmm predict`: the component of each row and the responsibilities, from the fit file alone. */
import type { OutputColumn } from '../data/write.js';
import type { Prediction } from '../fit/predict.js';
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
    plan.latent === undefined ? 'nothing is hidden in this model: there is no component to tell' : undefined,
  );
  if ('stopped' in rows) return rows.stopped;
  const { prediction } = rows.value;
  const latent = prediction.latent ?? 'z';
  const component = componentsOf(prediction);
  return giveRows(
    terminal,
    [{ name: latent, values: component }, ...responsibilityColumns(latent, prediction)],
    () => ({
      schema: 'gmm-predict/1',
      component: { [latent]: [...component] },
      responsibilities: { [latent]: responsibilityRows(prediction) },
    }),
    flags,
  );
}

/** Numbers from 1, or the labels where the latent has them. */
function componentsOf({ component, levels }: Prediction): Int32Array | readonly string[] {
  return levels === undefined ? component : Array.from(component, (k) => levels[k - 1] ?? String(k));
}

/** `z_1` … `z_K`, one Float64Array [N] each. */
function responsibilityColumns(latent: string, prediction: Prediction): readonly OutputColumn[] {
  const { components, rows, responsibilities } = prediction;
  return Array.from({ length: components }, (_, k) => ({
    name: `${latent}_${String(k + 1)}`,
    values: Float64Array.from({ length: rows }, (__, i) => responsibilities[i * components + k]),
  }));
}

/** [N][K] */
const responsibilityRows = ({ components, rows, responsibilities }: Prediction): readonly number[][] =>
  Array.from({ length: rows }, (_, i) => [
    ...responsibilities.subarray(i * components, (i + 1) * components),
  ]);
