/** The line that shows how far a fit has come; a few times a second, on a terminal only. */
import type { Progress } from '../fit/types.js';
import type { Terminal } from './terminal.js';

const EVERY_MS = 100;

export function progressLine(terminal: Terminal, place = ''): (progress: Progress) => void {
  let last = performance.now();
  return ({ restart, restarts, iteration, objective }) => {
    const now = performance.now();
    if (now - last < EVERY_MS) return;
    last = now;
    const start = restarts === 1 ? '' : `start ${String(restart)} of ${String(restarts)}, `;
    terminal.progress(`${place}${start}iteration ${String(iteration)}, objective ${objective.toFixed(4)}`);
  };
}
