/** Where tfjs comes from: TensorFlow's library, plain JavaScript, or WebAssembly. Nothing is loaded before it is asked for. */
import { isTensorFlowInstalled, loadTensorFlow } from '../tensorflow/load.js';
import type { EngineOptions } from '../types.js';
import type { Tf } from './module.js';

export type BackendName = 'cpu' | 'tensorflow' | 'wasm';

export interface Backend {
  readonly kind: 'loaded';
  readonly tf: Tf;
  readonly name: BackendName;
  readonly threads: number;
}

export interface BackendUnavailable {
  readonly kind: 'unavailable';
  readonly reason: string;
  readonly command: string | undefined;
}

export async function openBackend(
  options: EngineOptions & { readonly backend?: BackendName },
): Promise<Backend | BackendUnavailable> {
  if (options.device === 'gpu')
    return {
      kind: 'unavailable',
      reason: 'the tfjs engine has no backend for a GPU here',
      command: undefined,
    };
  const name = options.backend ?? (isTensorFlowInstalled().ok ? 'tensorflow' : 'cpu');
  switch (name) {
    case 'tensorflow':
      return openTensorFlow(options);
    case 'cpu':
      return openCpu();
    case 'wasm':
      return openWasm();
  }
}

async function openTensorFlow({
  threads,
  backend,
}: EngineOptions & { readonly backend?: BackendName }): Promise<Backend | BackendUnavailable> {
  const loaded = await loadTensorFlow({ threads });
  if (loaded.kind === 'loaded')
    return { kind: 'loaded', tf: loaded.tf, name: 'tensorflow', threads: loaded.threads };
  if (backend === undefined) return openCpu();
  return { kind: 'unavailable', reason: loaded.reason, command: 'gmm doctor --setup' };
}

async function openCpu(): Promise<Backend> {
  const tf = await import('@tensorflow/tfjs-core');
  await import('@tensorflow/tfjs-backend-cpu');
  // without it tfjs recommends another backend on standard error
  tf.enableProdMode();
  await tf.setBackend('cpu');
  return { kind: 'loaded', tf, name: 'cpu', threads: 1 };
}

const WASM = '@tensorflow/tfjs-backend-wasm';

/** The package is not one of ours: who wants it installs it. */
async function openWasm(): Promise<Backend | BackendUnavailable> {
  const tf = await import('@tensorflow/tfjs-core');
  try {
    await import(WASM);
    if (!(await tf.setBackend('wasm'))) throw new Error('the WebAssembly backend does not start');
    return { kind: 'loaded', tf, name: 'wasm', threads: 1 };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    return { kind: 'unavailable', reason, command: `npm install ${WASM}@${tf.version_core}` };
  }
}
