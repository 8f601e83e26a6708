/** The emitted module in this process: the tree printed as JavaScript, compiled, and given `tf` and the runtime. */
import { compileFunction } from 'node:vm';
import type * as tfjs from '@tensorflow/tfjs-core';
import { emitTypeScript } from '../../emit/typescript/module.js';
import type { Program } from '../../plan/types.js';
import { rowsDim } from '../../derive/translate.js';
import type { Nested } from './nested.js';

export type Tf = typeof tfjs;

/** Tensors and numbers that the module made; only it looks inside. */
export interface EmittedRows {
  readonly u: tfjs.Tensor2D;
}

export interface EmittedStatistics {
  readonly weight: readonly number[];
  readonly mean: readonly (readonly number[])[];
  readonly scatter?: readonly (readonly number[])[] | readonly (readonly (readonly number[])[])[];
}

type Given = Readonly<Record<string, Nested>>;

/** What an emitted module exports, as far as the engine uses it. */
export interface EmittedModule {
  readonly tensors: (
    columns: readonly Float64Array[],
    ...extras: readonly ArrayLike<number>[]
  ) => EmittedRows;
  readonly posterior: (
    rows: EmittedRows,
    parameters: Given,
  ) => { readonly responsibilities: tfjs.Tensor2D; readonly logDensity: tfjs.Tensor2D };
  readonly statistics: (rows: EmittedRows, responsibilities: tfjs.Tensor2D) => Promise<EmittedStatistics>;
  readonly expectation: (
    rows: EmittedRows,
    parameters: Given,
  ) => Promise<{ readonly statistics: EmittedStatistics; readonly logLikelihood: number }>;
  readonly dispose: (rows: EmittedRows) => void;
}

export async function loadModule(program: Program, tf: Tf): Promise<EmittedModule> {
  const runtime = await import('../../runtime.js');
  const { [rowsDim(program.plan.model)]: _, ...sizes } = program.sizes;
  const text = emitTypeScript(program.plan, {
    types: false,
    form: 'body',
    sizes,
    constants: program.constants,
  });
  const body = compileFunction(text, ['tf', 'runtime'], {
    filename: `${program.plan.model.name}.emitted.js`,
  });
  const module = (body as (tf: Tf, runtime: object) => Omit<EmittedModule, 'dispose'>)(tf, runtime);
  return { ...module, dispose: (rows) => tf.dispose({ ...rows }) };
}
