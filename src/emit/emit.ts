/** A plan as files: the readable module, the TensorFlow graph of its E-step, or JSON. */
import { planColumns } from './graph-stage.js';
import type { GraphSizes } from './graph-stage.js';
import { blockRows, LANES } from './graph/blocks.js';
import { buildGraph } from './graph/build.js';
import { printGraph } from './graph/print.js';
import { encodeSavedModel } from './graph/saved-model.js';
import { whyNotPlain } from '../plan/plain.js';
import type { Plan } from '../plan/types.js';
import { emitJson } from './json.js';
import { missingValues } from './typescript/context.js';
import type { Values } from './typescript/context.js';
import { emitTypeScript } from './typescript/module.js';

export type Target = 'ts' | 'graph' | 'json';

export interface EmitOptions extends Values {
  /** the model's text, shown at the head of the module */
  readonly source?: string;
}

/** One file; a path is relative to the folder of `-o`. */
export type EmittedFile =
  { readonly path: string; readonly text: string } | { readonly path: string; readonly bytes: Uint8Array };

/** Names of sizes and constants that a target needs and nothing tells: give them by `sizes` and `constants`. */
export function missingFor(plan: Plan, target: Target, values: Values): readonly string[] {
  switch (target) {
    case 'ts':
      return missingValues(plan, values);
    case 'json':
      return [];
    case 'graph': {
      const { missing } = planColumns(plan, values);
      return missing;
    }
  }
}

/** Why a plan cannot be written for a target; undefined where it can. Everything can be written as JSON. */
export function cannotEmit(plan: Plan, target: Target): string | undefined {
  switch (target) {
    case 'graph':
      return whyNotPlain(plan);
    case 'ts':
    case 'json':
      return undefined;
  }
}

/** Throws where `missingFor` names something, or `cannotEmit`. */
export function emit(plan: Plan, target: Target, options: EmitOptions = {}): readonly EmittedFile[] {
  const { name } = plan.model;
  switch (target) {
    case 'ts':
      return [{ path: `${name}.ts`, text: emitTypeScript(plan, { ...options, types: true }) }];
    case 'json':
      return [{ path: `${name}.plan.json`, text: emitJson(plan) }];
    case 'graph': {
      const { sizes, missing } = planColumns(plan, options);
      if (sizes === undefined) throw new Error(`the graph needs a value for ${missing.join(', ')}`);
      return graphFiles(sizes);
    }
  }
}

/** The E-step as a SavedModel, and as text to read. */
function graphFiles({ stage, rows }: GraphSizes): readonly EmittedFile[] {
  const graph = buildGraph(stage, { rows, lanes: LANES, block: blockRows(stage) });
  return [
    { path: 'saved_model.pb', bytes: encodeSavedModel(graph) },
    { path: 'graph.txt', text: printGraph(graph) },
  ];
}
