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
import { hasNativePart, libraryVersion, packageFolders } from '../../../scripts/tensorflow-places.mjs';

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
}

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

let loading: Promise<TensorFlow | TensorFlowUnavailable> | undefined;

/** Loads TensorFlow once; later calls give the same answer, with the number of threads that the first one asked for. */
export function loadTensorFlow(
  options: { readonly threads?: number } = {},
): Promise<TensorFlow | TensorFlowUnavailable> {
  loading ??= load(options.threads ?? availableParallelism());
  return loading;
}

async function load(threads: number): Promise<TensorFlow | TensorFlowUnavailable> {
  const installation = isTensorFlowInstalled();
  if (!installation.ok) return { kind: 'unavailable', reason: installation.reason };
  prepareProcess(threads);
  try {
    const tf = withoutWarnings(() => createRequire(import.meta.url)(installation.folder) as Tfjs);
    await tf.ready();
    return { kind: 'loaded', tf, version: nativeVersion(tf) ?? installation.version, threads };
  } catch (error) {
    return { kind: 'unavailable', reason: error instanceof Error ? firstLine(error.message) : String(error) };
  }
}

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
  const backend = tf.backend() as { readonly binding?: { readonly TF_Version?: string } };
  return backend.binding?.TF_Version;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
