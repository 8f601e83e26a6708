/**
 * Threads (`../threads.ts`) that run the functions of a module, each of which takes the number of a lane. The words that the
 * threads share stand at the beginning of the memory. In memory that is not shared there is one thread.
 */
import { onOwnMemory } from '../../emit/wasm/own-memory.js';
import { host } from '../../host/host.js';
import { openThreads, WORDS } from '../threads.js';
import { webAssembly } from './webassembly.js';
import type { Memory } from './webassembly.js';

export { LANES } from '../threads.js';

export interface Pool {
  readonly threads: number;
  /** Calls the function for every lane, 0 to lanes − 1, and comes back when all are done. Throws what is a defect of ours. */
  readonly run: (name: string, lanes: number) => void;
  /** Lets the threads go. */
  readonly dispose: () => void;
}

/** In a worker: the exported functions, in their order. */
const MAKE = `({ module, memory }) =>
  Object.values(new WebAssembly.Instance(module, { host: { memory } }).exports)`;

export function openPool(bytes: Uint8Array, memory: Memory, threads: number): Pool {
  const isShared = !(memory.buffer instanceof ArrayBuffer);
  const module = host.compiled(() => new webAssembly.Module(isShared ? bytes : onOwnMemory(bytes)));
  const instance = new webAssembly.Instance(module, { host: { memory } });
  const names = Object.keys(instance.exports);
  const opened = openThreads(new Int32Array(memory.buffer, 0, WORDS), threads, MAKE);
  const first = opened.add({ module, memory }, Object.values(instance.exports));
  return {
    threads: opened.count,
    run: (name, lanes) => {
      const call = names.indexOf(name);
      if (call < 0) throw new Error(`the kernel has no function ${name}`);
      opened.run(first + call, lanes);
    },
    dispose: opened.dispose,
  };
}
