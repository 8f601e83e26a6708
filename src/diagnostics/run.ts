/** Problems of a run (table, fit, engine) as diagnostics. They have no place in the model's text. */
import type { DataProblem } from '../data/types.js';
import type { EngineProblem } from '../engine/types.js';
import type { FitProblem } from '../fit/types.js';
import { DATA } from './data.js';
import { describe } from './describe.js';
import { ENGINE } from './engine.js';
import { FIT } from './fit.js';
import type { Diagnostic } from './types.js';

const RUN = { ...DATA, ...FIT, ...ENGINE };
const NO_TEXT = { text: '', spans: [] };

export const describeRun = (
  problems: readonly (DataProblem | FitProblem | EngineProblem)[],
): readonly Diagnostic[] => describe<DataProblem | FitProblem | EngineProblem>(RUN, problems, NO_TEXT);
