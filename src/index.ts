/**
 * The library's door.
 *
 *     import { compile } from 'gmm-lang';
 *     const model = compile(source);
 *     const fit = await model.fit('faithful.csv', { seed: 1 });
 *     fit.parameters.mu;
 */
export { ModelError, check, compile } from './library/model.js';
export type { CompiledModel, FitArguments, LibraryOptions, TableInput } from './library/model.js';
export type { CostCount, StepCost } from './library/step-costs.js';
export { FitError } from './library/fitted.js';
export type { FittedModel } from './library/fitted.js';
export type { Diagnostic } from './diagnostics/types.js';
export type { FitFile } from './fit/fit-file.js';
export type { GivenStart, Progress, Start } from './fit/types.js';
export type { Nested } from './fit/parameters.js';
