/** Graphs over tensors that stay: each graph is loaded when it is first run, and takes of the tensors what it asks for. */
import type { GraphModel } from '../../emit/graph/types.js';
import type { Tfjs } from './load.js';
import { loadGraph } from './saved-graph.js';
import type { SavedGraph, Tensor } from './saved-graph.js';

/** Runs a graph with tensors that live for this run only, beside those that stay. */
export type GraphRun = (
  more: Readonly<Record<string, Tensor>>,
) => Promise<Readonly<Record<string, Float64Array>>>;

export interface Graphs {
  readonly graph: (build: () => GraphModel) => GraphRun;
  readonly dispose: () => void;
}

export function openGraphs(tf: Tfjs, fixed: Readonly<Record<string, Tensor>>): Graphs {
  const loaded: SavedGraph[] = [];
  const load = async (model: GraphModel) => {
    const graph = await loadGraph(tf, model);
    loaded.push(graph);
    const names = model.inputs.map((i) => i.name).filter((name) => name in fixed);
    return { graph, staying: Object.fromEntries(names.map((name) => [name, fixed[name]])) };
  };
  return {
    graph: (build) => {
      let made: ReturnType<typeof load> | undefined;
      return async (more) => {
        try {
          await use(tf);
          const { graph, staying } = await (made ??= load(build()));
          return graph.run({ ...staying, ...more });
        } finally {
          for (const tensor of Object.values(more)) tensor.dispose();
        }
      };
    },
    dispose: () => {
      for (const graph of loaded.splice(0)) graph.dispose();
      for (const tensor of Object.values(fixed)) tensor.dispose();
    },
  };
}

/** The backend is one for the whole process: another engine may have taken it. */
async function use(tf: Tfjs): Promise<void> {
  if (tf.getBackend() !== 'tensorflow') await tf.setBackend('tensorflow');
}
