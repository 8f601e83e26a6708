/** The memory that all threads share, and its regions (`emit/wasm/layout.ts`) as arrays. */
import type { Region } from '../../emit/wasm/layout.js';
import { wasmFeatures } from './features.js';
import { webAssembly } from './webassembly.js';
import type { Memory } from './webassembly.js';

const PAGE = 65536;

/** All zeros; of one thread where threads cannot share. Throws RangeError where the system has not that much. */
export function sharedMemory(bytes: number): Memory {
  const pages = Math.max(1, Math.ceil(bytes / PAGE));
  const features = wasmFeatures();
  return new webAssembly.Memory({ initial: pages, maximum: pages, shared: features.ok && features.shared });
}

export const float64In = (memory: Memory, { at, bytes }: Region): Float64Array =>
  new Float64Array(memory.buffer, at, bytes / 8);
export const float32In = (memory: Memory, { at, bytes }: Region): Float32Array =>
  new Float32Array(memory.buffer, at, bytes / 4);
export const int32In = (memory: Memory, { at, bytes }: Region): Int32Array =>
  new Int32Array(memory.buffer, at, bytes / 4);

/** Columns one after the other, [C, stride], as kernels read them that go column by column; beyond the rows stays 0. */
export function writeColumns(
  memory: Memory,
  region: Region,
  columns: readonly Float64Array[],
  stride: number,
): void {
  const into = float64In(memory, region);
  columns.forEach((column, c) => {
    into.set(column, c * stride);
  });
}

/** Without a call for each number: this is asked of some thousands at every step. */
export function areFinite(numbers: Float64Array): boolean {
  let all = 0;
  for (let at = 0; at < numbers.length; at++) all += 0 * numbers[at];
  return all === 0;
}
