/** From flags to the options of a fit. */
import type { FitOptions } from '../fit/types.js';
import { exit } from './exit.js';
import type { Reached } from './exit.js';
import { usageLine } from './files.js';
import type { SearchFlags } from './flags.js';
import type { Terminal } from './terminal.js';

/** Wrong usage where flags exclude each other, or where two of the files come from standard input. */
export function fitOptions(
  terminal: Terminal,
  files: readonly string[],
  flags: SearchFlags,
): Reached<Partial<FitOptions>> {
  const refuse = (text: string): Reached<never> => {
    terminal.error(usageLine(terminal, text));
    return { stopped: exit.usage };
  };
  if (files.filter((file) => file === '-').length > 1)
    return refuse('only one file can come from standard input');
  const isSingle = flags.engine === 'tfjs' || flags.engine === 'webgpu';
  if (isSingle && flags.precision === 'float64')
    return refuse(`\`--engine ${flags.engine}\` computes in float32, which excludes \`--precision float64\``);
  const {
    engine,
    device,
    threads,
    seed,
    restarts,
    init,
    startRows,
    algorithm,
    accelerate,
    maxIterations,
    tolerance,
  } = flags;
  const precision = flags.precision ?? (isSingle ? 'float32' : undefined);
  const given = {
    engine,
    device,
    precision,
    threads,
    seed,
    restarts,
    init,
    startRows,
    algorithm,
    accelerate,
    maxIterations,
    tolerance,
  };
  return { value: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
}
