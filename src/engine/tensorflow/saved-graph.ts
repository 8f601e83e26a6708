/**
 * A graph loaded into TensorFlow, called with tensors that live there: one native call a run. A tensor that is made once
 * is passed by its handle ever after, without a copy.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SIGNATURE, TAG, encodeSavedModel } from '../../emit/graph/saved-model.js';
import type { GraphModel } from '../../emit/graph/types.js';
import type { Tfjs } from './load.js';

export type Tensor = ReturnType<Tfjs['tensor']>;

export interface SavedGraph {
  /** Outputs by name, as float64; every input of the graph must be given. */
  readonly run: (inputs: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Float64Array>>;
  readonly dispose: () => void;
}

/** TensorFlow reads models from folders only: the file lives as long as loading takes. */
export async function loadGraph(tf: Tfjs, model: GraphModel): Promise<SavedGraph> {
  const folder = await mkdtemp(join(tmpdir(), 'gmm-graph-'));
  try {
    await writeFile(join(folder, 'saved_model.pb'), encodeSavedModel(model));
    const saved = await tf.node.loadSavedModel(folder, [TAG], SIGNATURE);
    return {
      run: (inputs) => {
        const outputs = saved.predict(inputs) as Record<string, Tensor>;
        const numbers = Object.entries(outputs).map(([name, tensor]) => {
          const values = asFloat64(tensor.dataSync() as Int32Array);
          tensor.dispose();
          return [name, values] as const;
        });
        return Object.fromEntries(numbers);
      },
      dispose: () => {
        saved.dispose();
      },
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Float64 numbers as a tensor of their bytes, [...shape, 2]. TensorFlow may go on reading the memory of `values`. */
export function float64Tensor(tf: Tfjs, values: Float64Array, shape: readonly number[]): Tensor {
  const bytes = new Int32Array(values.buffer, values.byteOffset, 2 * values.length);
  return tf.tensor(bytes, [...shape, 2], 'int32');
}

function asFloat64(bytes: Int32Array): Float64Array {
  return new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
}
