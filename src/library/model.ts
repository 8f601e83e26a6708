/** `compile` and `check`: a model's text in a program's hands. */
import { compileSource } from '../compile.js';
import type { TableOptions } from '../data/types.js';
import type { Derivation } from '../derive/types.js';
import type { Diagnostic } from '../diagnostics/types.js';
import type { EngineName } from '../engine/types.js';
import { toFitFile } from '../fit/fit-file.js';
import type { ConstantValue } from '../fit/prepare.js';
import { fitTable } from '../fit/run.js';
import type { Algorithm, GivenStart, Progress } from '../fit/types.js';
import type { Model } from '../model/types.js';
import type { Plan } from '../plan/types.js';
import { derivationHtml } from '../report/derivation-html.js';
import { derivationLatex } from '../report/derivation-latex.js';
import { derivationMarkdown } from '../report/derivation-markdown.js';
import { derivationText } from '../report/derivation-text.js';
import { version } from '../version.js';
import { FitError, ModelError } from './errors.js';
import { fittedModel } from './fitted.js';
import type { FittedModel } from './fitted.js';
import { stepCosts } from './step-costs.js';
import type { StepCost } from './step-costs.js';
import { openInput } from './table.js';
import type { TableInput } from './table.js';

export { ModelError } from './errors.js';
export type { TableInput } from './table.js';

export interface LibraryOptions {
  /** more warnings */
  readonly pedantic?: boolean;
}

/** The flags of `gmm fit` in camel case. */
export interface FitArguments extends TableOptions {
  readonly set?: Readonly<Record<string, ConstantValue>>;
  readonly bind?: Readonly<Record<string, readonly string[]>>;
  readonly seed?: string | number;
  readonly restarts?: number;
  readonly init?: 'kmeans++' | 'random';
  readonly startRows?: number | 'all';
  readonly start?: GivenStart;
  readonly algorithm?: Algorithm;
  readonly accelerate?: boolean;
  readonly maxIterations?: number;
  readonly tolerance?: number;
  readonly engine?: EngineName | 'auto';
  readonly precision?: 'float64' | 'float32';
  readonly device?: 'auto' | 'cpu' | 'gpu';
  readonly threads?: number;
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

export type DerivationFormat = 'text' | 'markdown' | 'latex' | 'html';

export interface CompiledModel {
  readonly name: string;
  readonly source: string;
  readonly model: Model;
  readonly derivation: Derivation;
  readonly plan: Plan;
  readonly warnings: readonly Diagnostic[];
  /** the derivation: plain text, Markdown with mathematics, a LaTeX document, or a self-contained HTML page */
  readonly derive: (format?: DerivationFormat) => string;
  /**
   * What one EM step computes, operation by operation, at these sizes (N rows, and constants or sizes that are not the
   * model's own).
   */
  readonly cost: (sizes?: Readonly<Record<string, number>>) => readonly StepCost[];
  /** Estimates the parameters. Throws a `FitError` where the data or the numbers do not allow it. */
  readonly fit: (table: TableInput, options?: FitArguments) => Promise<FittedModel>;
}

/** All diagnostics of a model's text. Never throws for a faulty model. */
export const check = (source: string, options: LibraryOptions = {}): readonly Diagnostic[] =>
  compileSource(source, options).diagnostics;

/** Compiles a model. Throws a `ModelError` that carries all diagnostics when it has errors. */
export function compile(source: string, options: LibraryOptions = {}): CompiledModel {
  const { model, derivation, plan, diagnostics } = compileSource(source, options);
  if (model === undefined || derivation === undefined || plan === undefined)
    throw new ModelError(diagnostics);
  return {
    name: model.name,
    source,
    model,
    derivation,
    plan,
    warnings: diagnostics,
    derive: (format = 'text') => derivationAs(format, derivation, source),
    cost: (sizes) => stepCosts(plan, sizes),
    fit: async (input, options = {}) => {
      const { set = {}, bind = {}, seed, missing, delimiter, decimal, ...rest } = options;
      const tableOptions = {
        ...(missing && { missing }),
        ...(delimiter !== undefined && { delimiter }),
        ...(decimal !== undefined && { decimal }),
      };
      const table = await openInput(input, tableOptions);
      try {
        const outcome = await fitTable(plan, table, {
          set,
          bind,
          onRead: () => {
            table.close();
          },
          options: { ...rest, ...(seed !== undefined && { seed: String(seed) }) },
        });
        if (outcome.value === undefined) throw new FitError(outcome.problems);
        return fittedModel(plan, toFitFile({ ...outcome.value, source, file: null, version }));
      } finally {
        table.close();
      }
    },
  };
}

function derivationAs(format: DerivationFormat, derivation: Derivation, source: string): string {
  switch (format) {
    case 'text':
      return derivationText(derivation);
    case 'markdown':
      return derivationMarkdown(derivation);
    case 'latex':
      return derivationLatex(derivation, { source });
    case 'html':
      return derivationHtml(derivation, { source });
  }
}
