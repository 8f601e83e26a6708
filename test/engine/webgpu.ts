/** Whether WebGPU can be tried here: both packages, and an adapter, which may be software. */
import { openTfjs } from '../../src/engine/tfjs/engine.js';

/** Why not; undefined when it can. */
export async function whyNoWebGpu(): Promise<string | undefined> {
  const { problem } = await openTfjs({ threads: 1, device: 'gpu', backend: 'webgpu' });
  return problem?.reason.split(';', 1)[0];
}
