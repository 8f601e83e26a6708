/** `gmm sample`: new rows drawn from a fit. */
import { cannotSample, sampleRows } from '../fit/sample.js';
import type { ExitCode } from './exit.js';
import type { SampleFlags } from './flags.js';
import { reportProblems } from './reports.js';
import { giveRows, readFit } from './rows.js';
import type { Terminal } from './terminal.js';

export async function sample(terminal: Terminal, fit: string, flags: SampleFlags): Promise<ExitCode> {
  const saved = await readFit(terminal, fit, flags, ({ plan }) => cannotSample(plan));
  if ('stopped' in saved) return saved.stopped;
  const { file, source } = saved.value;
  const { value, problems } = sampleRows(source.plan, file, flags.rows, flags.seed ?? '1');
  if (value === undefined) return reportProblems(terminal, problems);
  const latents = flags.latents === true ? value.latents : [];
  const columns = [
    ...value.columns.map(({ name, values, levels }) => ({
      name,
      values: levels === undefined ? values : Array.from(values, (v) => levels[v - 1]),
    })),
    ...latents,
  ];
  return giveRows(
    terminal,
    columns,
    () => ({
      schema: 'gmm-sample/1',
      columns: Object.fromEntries(columns.map(({ name, values }) => [name, [...values]])),
    }),
    flags,
  );
}
