/** Ctrl-C while there is something to save: the first asks the work to stop, the second ends the program. */
import { exit } from './exit.js';

export interface Interrupt {
  readonly signal: AbortSignal;
  readonly release: () => void;
}

export function onInterrupt(): Interrupt {
  const controller = new AbortController();
  const handler = (): void => {
    if (controller.signal.aborted) process.exit(exit.interrupted);
    controller.abort();
  };
  process.on('SIGINT', handler);
  return { signal: controller.signal, release: () => process.off('SIGINT', handler) };
}
