/** The TensorFlow engine: the data stage as a graph, in float64 or, where asked, float32, run in lanes on all cores. */
import type { Engine, EngineOptions, EngineProblem } from '../types.js';
import { loadTensorFlow } from './load.js';
import { openSession } from './session.js';

export interface OpenedEngine {
  readonly engine: Engine | undefined;
  readonly problem: EngineProblem | undefined;
}

/** Loads TensorFlow, which takes half a second and 370 MB, or says why it cannot be loaded. */
export async function openTensorFlow(
  options: EngineOptions & { readonly precision?: Engine['precision'] },
): Promise<OpenedEngine> {
  const device = options.device === 'gpu' ? 'gpu' : 'cpu';
  const loaded = await loadTensorFlow({ threads: options.threads, device });
  if (loaded.kind === 'unavailable') return unavailable(loaded.reason, loaded.command);
  const { tf, version, threads } = loaded;
  const { precision = 'float64' } = options;
  const engine: Engine = {
    name: 'tensorflow',
    precision,
    device,
    threads,
    version,
    open: (program, data) => Promise.resolve(openSession(tf, program, data, { precision, threads })),
  };
  return { engine, problem: undefined };
}

const unavailable = (reason: string, command: string | undefined): OpenedEngine => ({
  engine: undefined,
  problem: { kind: 'engine-unavailable', engine: 'tensorflow', reason, command },
});
