/** What there is for GPUs on this machine, and where one will not help. */
import { existsSync, readFileSync } from 'node:fs';
import { isTensorFlowGpuInstalled } from './tensorflow/load.js';
import { probeWebGpu } from './tfjs/webgpu-probe.js';
import type { Probe } from './tfjs/webgpu-probe.js';

export interface GpuReport {
  readonly webgpu: Probe;
  /** the version of NVIDIA's driver, `unknown` where it does not tell; null without one */
  readonly nvidiaDriver: string | null;
  readonly tfjsNodeGpu: { readonly installed: boolean; readonly reason: string | null };
  /** when a GPU will not help */
  readonly limits: readonly string[];
}

export async function gpuReport(): Promise<GpuReport> {
  const webgpu = await probeWebGpu();
  const nvidiaDriver = nvidiaDriverOf(readIfThere('/proc/driver/nvidia/version'), existsSync('/dev/nvidia0'));
  const installed = isTensorFlowGpuInstalled();
  return {
    webgpu,
    nvidiaDriver,
    tfjsNodeGpu: { installed: installed.ok, reason: installed.ok ? null : installed.reason },
    limits: limitsOf(webgpu),
  };
}

/** From what the driver's file says, and whether its first device is there. */
export function nvidiaDriverOf(text: string | undefined, hasDevice: boolean): string | null {
  if (text === undefined) return hasDevice ? 'unknown' : null;
  return /Kernel Module[^\n]*?\s(\d+(?:\.\d+)+)\s/.exec(text)?.[1] ?? 'unknown';
}

export function limitsOf(webgpu: Probe): readonly string[] {
  return [
    ...(webgpu.ok && webgpu.adapter.isSoftware
      ? ['with this adapter, which is software: it runs on the processor, where the other engines are faster']
      : []),
    'with small data or few components: starting a GPU’s programs and reading their answers takes longer than the step',
    'for more digits: webgpu has float32 only',
  ];
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
