/** Which exit code a problem of the data, the start, the fit or the engine stands for. */
import type { RunProblem } from '../fit/run.js';
import { exit } from './exit.js';
import type { ExitCode } from './exit.js';

export function exitOf(problem: RunProblem): ExitCode {
  switch (problem.kind) {
    case 'file-unreadable':
    case 'unknown-binding':
    case 'unknown-constant':
    case 'bad-constant':
    case 'equations-contradict':
    case 'constant-needed':
      return exit.usage;
    case 'no-rows':
    case 'missing-column':
    case 'duplicate-column':
    case 'not-a-number':
    case 'not-finite':
    case 'missing-cell':
    case 'out-of-domain':
    case 'too-many-labels':
    case 'unbound-vector':
    case 'no-numeric-columns':
    case 'sizes-differ':
    case 'no-weight':
    case 'malformed-table':
    case 'fewer-rows-than-components':
    case 'algorithm-not-possible':
    case 'too-many-combinations':
    case 'start-invalid':
    case 'out-of-range':
    case 'missing-not-marginalisable':
      return exit.data;
    case 'collapse':
    case 'not-determined':
      return exit.numerical;
    case 'not-converged':
      return exit.notConverged;
    case 'engine-unavailable':
      return exit.engine;
    case 'interrupted':
      return exit.interrupted;
  }
}
