/** The two errors that the library throws at a caller: a faulty model, and a run that could not be. Both carry data. */
import { describeRun } from '../diagnostics/run.js';
import type { Diagnostic } from '../diagnostics/types.js';
import type { RunProblem } from '../fit/run.js';

/** The model has errors; `diagnostics` has them all, with codes and places. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  constructor(readonly diagnostics: readonly Diagnostic[]) {
    super(
      diagnostics
        .filter((d) => d.severity === 'error')
        .map((d) => `${d.code}: ${d.message}`)
        .join('\n'),
    );
  }
}

/** The data, the start or the numbers did not allow a fit; `diagnostics` says why. */
export class FitError extends Error {
  override readonly name = 'FitError';
  readonly diagnostics: readonly Diagnostic[];
  constructor(problems: readonly RunProblem[]) {
    const diagnostics = describeRun(problems);
    super(diagnostics.map((d) => `${d.code}: ${d.message}`).join('\n'));
    this.diagnostics = diagnostics;
  }
}
