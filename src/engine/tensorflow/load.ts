/**
 * The one module that loads TensorFlow: lazily, because loading costs half a second and 370 MB, and only after the
 * process has been prepared for it.
 *
 * The package is looked for beside this one and in the user's cache (`gmm doctor --setup` puts it there where npm left
 * it out). The copy in the cache brings a tfjs-core of its own: use the `tf` given here, never a tensor of another copy.
 */
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import util from 'node:util';
import type * as tfjsNode from '@tensorflow/tfjs-node';
import {
  dependencyFolder,
  hasNativePart,
  libraryVersion,
  packageFolders,
  TFJS_NODE_GPU,
} from '../../../scripts/tensorflow-places.mjs';

export type Tfjs = typeof tfjsNode;

export interface TensorFlow {
  readonly kind: 'loaded';
  readonly tf: Tfjs;
  /** of the TensorFlow library underneath, such as 2.21.0 */
  readonly version: string;
  /** how many operations may run at once: TensorFlow fixes it for the life of the process when it is loaded */
  readonly threads: number;
}

export interface TensorFlowUnavailable {
  readonly kind: 'unavailable';
  readonly reason: string;
  readonly command: string | undefined;
}

export type Device = 'cpu' | 'gpu';

export type TensorFlowInstallation =
  | { readonly ok: true; readonly folder: string; readonly version: string }
  | { readonly ok: false; readonly reason: string };

/** Looks at files only: cheap enough for every start, and no proof that the library loads. */
export function isTensorFlowInstalled(): TensorFlowInstallation {
  const folders = packageFolders();
  const folder = folders.find(hasNativePart);
  if (folder !== undefined) return { ok: true, folder, version: libraryVersion(folder) };
  return {
    ok: false,
    reason:
      folders.length === 0
        ? 'the optional package @tensorflow/tfjs-node is not installed'
        : "@tensorflow/tfjs-node is installed without TensorFlow's library",
  };
}

/** The same of the package for NVIDIA's GPUs. */
export function isTensorFlowGpuInstalled(): TensorFlowInstallation {
  const folder = dependencyFolder(TFJS_NODE_GPU.name);
  if (folder === undefined)
    return { ok: false, reason: `the package ${TFJS_NODE_GPU.name} is not installed` };
  if (hasNativePart(folder)) return { ok: true, folder, version: libraryVersion(folder) };
  return {
    ok: false,
    reason: `${TFJS_NODE_GPU.name} is installed without TensorFlow's library, which its install script fetches`,
  };
}

const COMMANDS: Readonly<Record<Device, string>> = {
  cpu: 'gmm doctor --setup',
  // npm may be set not to run the script that fetches the library
  gpu: `npm install --ignore-scripts=false ${TFJS_NODE_GPU.name}@${TFJS_NODE_GPU.version}`,
};

let loading:
  { readonly device: Device; readonly result: Promise<TensorFlow | TensorFlowUnavailable> } | undefined;

/**
 * Loads TensorFlow once; later calls give the same answer, with the number of threads that the first one asked for. The
 * libraries for the processor and for GPUs are two, of which a process can have one.
 */
export function loadTensorFlow(
  options: { readonly threads?: number; readonly device?: Device } = {},
): Promise<TensorFlow | TensorFlowUnavailable> {
  const { device = 'cpu' } = options;
  const installation = device === 'gpu' ? isTensorFlowGpuInstalled() : isTensorFlowInstalled();
  if (!installation.ok)
    return Promise.resolve({
      kind: 'unavailable',
      reason: installation.reason,
      command: COMMANDS[device],
    });
  if (loading !== undefined && loading.device !== device)
    return Promise.resolve({
      kind: 'unavailable',
      reason: `this process has loaded TensorFlow for the ${loading.device === 'gpu' ? 'GPU' : 'processor'} before`,
      command: undefined,
    });
  loading ??= { device, result: load(options.threads ?? availableParallelism(), device, installation) };
  return loading.result;
}

async function load(
  threads: number,
  device: Device,
  { folder, version }: Extract<TensorFlowInstallation, { ok: true }>,
): Promise<TensorFlow | TensorFlowUnavailable> {
  prepareProcess(threads);
  try {
    const tf = withoutWarnings(() => createRequire(import.meta.url)(folder) as Tfjs);
    await tf.ready();
    const reason = device === 'gpu' ? whyNoGpu(tf.backend() as NodeBackend) : undefined;
    if (reason !== undefined) return { kind: 'unavailable', reason, command: undefined };
    return { kind: 'loaded', tf, version: nativeVersion(tf) ?? version, threads };
  } catch (error) {
    const reason = error instanceof Error ? firstLine(error.message) : String(error);
    return { kind: 'unavailable', reason, command: COMMANDS[device] };
  }
}

/** What tfjs-node's backend says of itself. */
interface NodeBackend {
  readonly binding?: { readonly TF_Version?: string };
  readonly isUsingGpuDevice?: boolean;
}

/** The library for GPUs runs on the processor where it sees none, and would say nothing. */
export const whyNoGpu = ({ isUsingGpuDevice }: Pick<NodeBackend, 'isUsingGpuDevice'>): string | undefined =>
  isUsingGpuDevice === true
    ? undefined
    : 'TensorFlow sees no GPU: it needs one of NVIDIA’s, its driver, CUDA 11 and cuDNN 8';

function prepareProcess(threads: number): void {
  Object.assign(process.env, {
    // Errors only: the rest is talk on standard error.
    TF_CPP_MIN_LOG_LEVEL: process.env['TF_CPP_MIN_LOG_LEVEL'] ?? '3',
    // oneDNN serves float32 only.
    TF_ENABLE_ONEDNN_OPTS: '0',
    // One operation per thread: our graphs have as many lanes of equal operations as keep all cores busy.
    TF_NUM_INTRAOP_THREADS: '1',
    TF_NUM_INTEROP_THREADS: String(threads),
  });
  // Node 23 removed these; the package still calls them.
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: (value: unknown) => Array.isArray(value),
  });
}

/** The package's dependencies use deprecated parts of Node, of which no user of ours needs to hear. */
function withoutWarnings<T>(use: () => T): T {
  const emitWarning = Object.getOwnPropertyDescriptor(process, 'emitWarning')!;
  process.emitWarning = () => undefined;
  try {
    return use();
  } finally {
    Object.defineProperty(process, 'emitWarning', emitWarning);
  }
}

function nativeVersion(tf: Tfjs): string | undefined {
  return (tf.backend() as NodeBackend).binding?.TF_Version;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
