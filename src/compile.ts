/**
 * The driver: the one screen that knows the order of the stations.
 *
 *     text ─parse→ Tree ─resolve→ Model ─derive→ Derivation ─plan→ Plan
 *
 * A station gives a value and its problems and goes on after an error; the next one runs only on a value without errors.
 */
import type { Tree } from '../grammar/types.js';
import { parse } from '../grammar/parse.js';
import { derive } from './derive/derive.js';
import type { Derivation } from './derive/types.js';
import { describeDerive } from './diagnostics/derive.js';
import { describeModel } from './diagnostics/model.js';
import { describeSyntax } from './diagnostics/syntax.js';
import type { Diagnostic } from './diagnostics/types.js';
import { signatures } from './distributions/registry.js';
import { resolve } from './model/resolve.js';
import type { Model } from './model/types.js';
import { plan } from './plan/build.js';
import type { Plan } from './plan/types.js';

export interface CompileOptions {
  /** more warnings: a variance that may collapse, … */
  readonly pedantic?: boolean;
}

export interface Compiled {
  readonly tree: Tree;
  /** undefined where the text or the meaning has errors; likewise below */
  readonly model: Model | undefined;
  readonly derivation: Derivation | undefined;
  readonly plan: Plan | undefined;
  /** of all stations, in the order of the text */
  readonly diagnostics: readonly Diagnostic[];
}

/** Compiles a model's text as far as it goes. Never throws for a faulty model. */
export function compileSource(text: string, options: CompileOptions = {}): Compiled {
  const syntax = parse(text);
  const resolved = resolve(syntax.value, signatures);
  // what follows from text that could not be read is noise beside what is wrong with the text
  const meaning =
    syntax.problems.length > 0 ? resolved.problems.filter((p) => p.severity === 'error') : resolved.problems;
  const { spans } = resolved.value;
  const early = [
    ...describeSyntax(syntax.problems, text),
    ...describeModel(meaning, { text, spans }, { pedantic: options.pedantic === true }),
  ];
  const isSound = !early.some((d) => d.severity === 'error');
  const derived = isSound ? derive(resolved.value) : undefined;
  const late = derived === undefined ? [] : describeDerive(derived.problems, { text, spans });
  const derivation = derived?.value;
  return {
    tree: syntax.value,
    model: isSound ? resolved.value : undefined,
    derivation,
    plan: derivation === undefined ? undefined : plan(derivation),
    diagnostics: [...early, ...late].sort((a, b) => a.span.start - b.span.start),
  };
}
