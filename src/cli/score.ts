/** `gmm score`: the log density of each row, from the fit file alone. */
import type { ExitCode } from './exit.js';
import type { ScoreFlags } from './flags.js';
import { giveRows, predictRows } from './rows.js';
import type { Terminal } from './terminal.js';

export async function score(
  terminal: Terminal,
  fit: string,
  data: string,
  flags: ScoreFlags,
): Promise<ExitCode> {
  const rows = await predictRows(terminal, fit, data, flags, ({ plan }) =>
    plan.model.limit === undefined
      ? undefined
      : `this model is a limit (\`limit ${plan.model.limit.constant} -> 0+\`): it has no density to score rows by`,
  );
  if ('stopped' in rows) return rows.stopped;
  const { logDensity } = rows.value.prediction;
  return giveRows(
    terminal,
    [{ name: 'logDensity', values: logDensity }],
    () => ({ schema: 'gmm-score/1', logDensity: [...logDensity] }),
    flags,
  );
}
