/**
 * Ctrl-C while there is something to save: the first asks the work to stop, the second ends the program. Where nothing
 * would be saved it ends the program at once, as it does everywhere.
 */
import { exit } from './exit.js';

export interface Interrupt {
  readonly signal: AbortSignal;
  readonly release: () => void;
}

export function onInterrupt(isWorthSaving: boolean): Interrupt {
  const controller = new AbortController();
  const handler = (): void => {
    if (controller.signal.aborted) process.exit(exit.interrupted);
    controller.abort();
  };
  if (isWorthSaving) process.on('SIGINT', handler);
  return { signal: controller.signal, release: () => process.off('SIGINT', handler) };
}
