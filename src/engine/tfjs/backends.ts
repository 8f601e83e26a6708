/** Where tfjs comes from: TensorFlow's library, plain JavaScript, WebAssembly, or a GPU. Nothing is loaded before it is asked for. */
import { isTensorFlowInstalled, loadTensorFlow } from '../tensorflow/load.js';
import type { EngineOptions } from '../types.js';
import { adapterText } from './adapter.js';
import type { Tf } from './module.js';
import { loadWebGpu } from './webgpu.js';

export type BackendName = 'cpu' | 'tensorflow' | 'wasm' | 'webgpu';

export interface Backend {
  readonly kind: 'loaded';
  readonly tf: Tf;
  readonly name: BackendName;
  readonly device: 'cpu' | 'gpu';
  readonly threads: number;
  /** what the backend runs on, where its name does not tell */
  readonly on?: string;
  /** numbers that one tensor may have */
  readonly largest: number;
}

export interface BackendUnavailable {
  readonly kind: 'unavailable';
  readonly reason: string;
  readonly command: string | undefined;
}

export interface BackendWish extends EngineOptions {
  /** the one that is asked for; without it TensorFlow where it is installed, else plain JavaScript */
  readonly backend?: BackendName;
}

export async function openBackend(options: BackendWish): Promise<Backend | BackendUnavailable> {
  const { backend, device } = options;
  if (device === 'gpu' && (backend === 'cpu' || backend === 'wasm'))
    return { kind: 'unavailable', reason: 'it runs on the processor only', command: undefined };
  if (device === 'cpu' && backend === 'webgpu')
    return { kind: 'unavailable', reason: 'it runs on a GPU only', command: undefined };
  switch (backend ?? (device === 'gpu' || isTensorFlowInstalled().ok ? 'tensorflow' : 'cpu')) {
    case 'tensorflow':
      return openTensorFlow(options);
    case 'cpu':
      return openCpu();
    case 'wasm':
      return openWasm();
    case 'webgpu':
      return openWebGpu();
  }
}

async function openTensorFlow(options: BackendWish): Promise<Backend | BackendUnavailable> {
  const device = options.device === 'gpu' ? 'gpu' : 'cpu';
  const loaded = await loadTensorFlow({ threads: options.threads, device });
  if (loaded.kind === 'loaded')
    return {
      kind: 'loaded',
      tf: loaded.tf,
      name: 'tensorflow',
      device,
      threads: loaded.threads,
      largest: Infinity,
    };
  if (options.backend === undefined && device === 'cpu') return openCpu();
  return { kind: 'unavailable', reason: loaded.reason, command: loaded.command };
}

async function openCpu(): Promise<Backend> {
  const tf = await import('@tensorflow/tfjs-core');
  await import('@tensorflow/tfjs-backend-cpu');
  // without it tfjs recommends another backend on standard error
  tf.enableProdMode();
  await tf.setBackend('cpu');
  return { kind: 'loaded', tf, name: 'cpu', device: 'cpu', threads: 1, largest: Infinity };
}

const WASM = '@tensorflow/tfjs-backend-wasm';

/** The package is not one of ours: who wants it installs it. */
async function openWasm(): Promise<Backend | BackendUnavailable> {
  const tf = await import('@tensorflow/tfjs-core');
  try {
    await import(WASM);
    if (!(await tf.setBackend('wasm'))) throw new Error('the WebAssembly backend does not start');
    return { kind: 'loaded', tf, name: 'wasm', device: 'cpu', threads: 1, largest: Infinity };
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    return { kind: 'unavailable', reason, command: `npm install ${WASM}@${tf.version_core}` };
  }
}

async function openWebGpu(): Promise<Backend | BackendUnavailable> {
  const tf = await import('@tensorflow/tfjs-core');
  const loaded = await loadWebGpu(tf);
  if (loaded.kind === 'unavailable') return loaded;
  // small tensors, and what WebGPU has no kernels for, are the processor's
  await import('@tensorflow/tfjs-backend-cpu');
  tf.enableProdMode();
  await tf.setBackend('webgpu');
  const { adapter, largest } = loaded;
  return {
    kind: 'loaded',
    tf,
    name: 'webgpu',
    device: 'gpu',
    threads: 1,
    on: adapterText(adapter),
    largest,
  };
}
