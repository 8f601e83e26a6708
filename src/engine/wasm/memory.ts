/** The memory that all threads share, and its regions (`emit/wasm/layout.ts`) as arrays. */
import type { Region } from '../../emit/wasm/layout.js';
import { takeRowMemory } from '../../host/row-memory.js';
import type { TakenMemory } from '../../host/row-memory.js';
import type { Standardisation } from '../../plan/types.js';
import type { RowData } from '../types.js';
import { wasmFeatures } from './features.js';
import { webAssembly } from '../../host/webassembly.js';
import type { Memory } from '../../host/webassembly.js';

const PAGE = 65536;

/** All zeros; of one thread where threads cannot share. Throws RangeError where the system has not that much. */
export function sharedMemory(bytes: number): Memory {
  const pages = Math.max(1, Math.ceil(bytes / PAGE));
  const features = wasmFeatures();
  return new webAssembly.Memory({ initial: pages, maximum: pages, shared: features.ok && features.shared });
}

/** Memory with columns in their region: that which they were read into, where it is to be had, else with a copy of them. */
export function memoryOf(
  { columns, rows }: Pick<RowData, 'columns' | 'rows'>,
  region: Region,
  bytes: number,
): TakenMemory {
  const taken = takeRowMemory(columns, region.at, bytes);
  if (taken !== undefined) return taken;
  const memory = sharedMemory(bytes);
  const into = float64In(memory, region);
  columns.forEach((column, c) => {
    into.set(column, c * rows);
  });
  return { memory, giveBack: () => undefined };
}

/** Shift and 1 / scale of each column, for `emit/wasm/rows.ts`. */
export function writeUnits(memory: Memory, region: Region, { shift, scale }: Standardisation): void {
  const into = float64In(memory, region);
  shift.forEach((x, c) => {
    into[2 * c] = x;
    into[2 * c + 1] = 1 / scale[c];
  });
}

export const float64In = (memory: Memory, { at, bytes }: Region): Float64Array =>
  new Float64Array(memory.buffer, at, bytes / 8);
export const float32In = (memory: Memory, { at, bytes }: Region): Float32Array =>
  new Float32Array(memory.buffer, at, bytes / 4);
export const int32In = (memory: Memory, { at, bytes }: Region): Int32Array =>
  new Int32Array(memory.buffer, at, bytes / 4);

/** Without a call for each number: this is asked of some thousands at every step. */
export function areFinite(numbers: Float64Array): boolean {
  let all = 0;
  for (let at = 0; at < numbers.length; at++) all += 0 * numbers[at];
  return all === 0;
}
