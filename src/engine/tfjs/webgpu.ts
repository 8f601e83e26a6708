/** WebGPU in Node: Dawn (the package `webgpu`) under tfjs's WebGPU backend. */
import { pathToFileURL } from 'node:url';
import type { KernelBackend } from '@tensorflow/tfjs-core';
import { adapterOf, NO_ADAPTER } from './adapter.js';
import type { Adapter, AdapterInfo } from './adapter.js';
import type { Tf } from './module.js';
import { BACKEND, webGpuPackages } from './webgpu-packages.js';

export interface WebGpu {
  readonly kind: 'loaded';
  readonly adapter: Adapter;
  /** numbers of float32 that one tensor may have */
  readonly largest: number;
}

export interface WebGpuUnavailable {
  readonly kind: 'unavailable';
  readonly reason: string;
  readonly command: string | undefined;
}

/** What is used of Dawn; its own types are in a package that only its users have. */
interface Dawn {
  readonly create: (flags: readonly string[]) => Gpu;
  readonly globals: Readonly<Record<string, unknown>>;
}
interface Gpu {
  readonly requestAdapter: (wish: object) => Promise<GpuAdapter | null>;
}
interface GpuAdapter {
  readonly info: AdapterInfo;
  readonly limits: Readonly<Record<(typeof LIMITS)[number], number>>;
  readonly requestDevice: (wish: object) => Promise<object>;
}
interface BackendPackage {
  readonly WebGPUBackend: new (device: object, info: AdapterInfo) => KernelBackend;
}

/** Those that a device has in full only when they are asked for. */
const LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;

/** Dawn is there as long as what it made is referred to. */
let loading: Promise<(WebGpu & { readonly gpu: Gpu }) | WebGpuUnavailable> | undefined;

/** Registers the backend `webgpu` with this tfjs, once. */
export function loadWebGpu(tf: Tf): Promise<WebGpu | WebGpuUnavailable> {
  loading ??= load(tf);
  return loading;
}

async function load(tf: Tf): Promise<(WebGpu & { readonly gpu: Gpu }) | WebGpuUnavailable> {
  const packages = webGpuPackages();
  if (!packages.ok) return { kind: 'unavailable', reason: packages.reason, command: packages.command };
  try {
    const dawn = (await import(pathToFileURL(packages.dawn).href)) as Dawn;
    const gpu = dawn.create([]);
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter === null) return { kind: 'unavailable', reason: NO_ADAPTER, command: undefined };
    const requiredLimits = Object.fromEntries(LIMITS.map((name) => [name, adapter.limits[name]]));
    const device = await adapter.requestDevice({ requiredLimits });
    // the backend asks the globals of a browser
    for (const [name, value] of Object.entries(dawn.globals))
      if (!(name in globalThis)) Object.assign(globalThis, { [name]: value });
    const { WebGPUBackend } = (await import(BACKEND)) as BackendPackage;
    const backend = beingNavigator(gpu, () => new WebGPUBackend(device, adapter.info));
    // where there is a `navigator.gpu` already, the package has registered itself
    if (tf.findBackendFactory('webgpu') !== null) tf.removeBackend('webgpu');
    tf.registerBackend('webgpu', () => backend);
    const bytes = Math.min(adapter.limits.maxStorageBufferBindingSize, adapter.limits.maxBufferSize);
    return { kind: 'loaded', gpu, adapter: adapterOf(adapter.info), largest: Math.floor(bytes / 4) };
  } catch (error) {
    return { kind: 'unavailable', reason: firstLine(error), command: undefined };
  }
}

/** `navigator.gpu` is there while the backend is made, which looks whether it is, and no longer: programs tell a browser by it. */
function beingNavigator<T>(gpu: Gpu, use: () => T): T {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  try {
    return use();
  } finally {
    if (before === undefined) delete (globalThis as { navigator?: unknown }).navigator;
    else Object.defineProperty(globalThis, 'navigator', before);
  }
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';
