/**
 * Threads (`../threads.ts`) that run the functions of a module, each of which takes the number of a lane. The words that the
 * threads share stand apart from the memory, which others have afterwards. In memory that is not shared there is one thread.
 */
import { onOwnMemory } from '../../emit/wasm/own-memory.js';
import { host } from '../../host/host.js';
import { keptLatest } from '../latest.js';
import { openThreads, WORDS } from '../threads.js';
import { webAssembly } from '../../host/webassembly.js';
import type { Memory, Module } from '../../host/webassembly.js';

export { LANES } from '../threads.js';

export interface Pool {
  readonly threads: number;
  /** Calls the function for every lane, 0 to lanes − 1, and comes back when all are done. Throws what is a defect of ours. */
  readonly run: (name: string, lanes: number) => void;
  /** Calls the function in the calling thread alone. */
  readonly alone: (name: string) => void;
  /** Lets the threads go. */
  readonly dispose: () => void;
}

/** A module that can be written, and all that its text depends on. */
export interface Code {
  readonly kernel: string;
  readonly shape: unknown;
  readonly bytes: () => Uint8Array;
}

/** JSON has no words for some numbers. */
const exactly = (_: string, value: unknown): unknown =>
  typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
    ? `number ${Object.is(value, -0) ? '-0' : String(value)}`
    : value;

/** To write and compile a module takes longer than many a fit. */
const latest = keptLatest<Module>(16);

/** `isBusy`: the threads leave no processor to make the code better meanwhile. */
function moduleOf({ kernel, shape, bytes }: Code, isShared: boolean, isBusy: boolean): Module {
  const key = JSON.stringify([kernel, isShared, shape], exactly);
  const made = (): Module => new webAssembly.Module(isShared ? bytes() : onOwnMemory(bytes()));
  return latest(key, () => (isBusy ? host.compiled(made) : made()));
}

/** In a worker: the exported functions, in their order. */
const MAKE = `({ module, memory }) =>
  Object.values(new WebAssembly.Instance(module, { host: { memory } }).exports)`;

export function openPool(code: Code, memory: Memory, threads: number): Pool {
  const isShared = !(memory.buffer instanceof ArrayBuffer);
  const words = new Int32Array(isShared ? new SharedArrayBuffer(4 * WORDS) : new ArrayBuffer(4 * WORDS));
  // they start while the code is made
  const opened = openThreads(words, threads, MAKE);
  const module = moduleOf(code, isShared, threads > 1);
  const instance = new webAssembly.Instance(module, { host: { memory } });
  const names = Object.keys(instance.exports);
  const first = opened.add({ module, memory }, Object.values(instance.exports));
  return {
    threads: opened.count,
    run: (name, lanes) => {
      const call = names.indexOf(name);
      if (call < 0) throw new Error(`the kernel has no function ${name}`);
      opened.run(first + call, lanes);
    },
    alone: (name) => {
      instance.exports[name]();
    },
    dispose: opened.dispose,
  };
}
