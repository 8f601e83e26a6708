/** A page in a browser, or one of its workers. TypeScript knows their names from a library that this project does without. */
import type { Host } from './types.js';

interface BrowserWorker {
  onerror: ((event: { readonly preventDefault: () => void }) => void) | null;
  readonly postMessage: (value: unknown) => void;
  readonly terminate: () => void;
}

const page = globalThis as unknown as {
  readonly navigator?: { readonly userAgent?: string; readonly hardwareConcurrency?: number };
  readonly crossOriginIsolated?: boolean;
  readonly Worker?: new (url: string) => BrowserWorker;
  readonly MessageChannel: new () => {
    readonly port1: { onmessage: (() => void) | null; readonly close: () => void };
    readonly port2: { readonly postMessage: (value: unknown) => void };
  };
};

export const host: Host = {
  version: page.navigator?.userAgent ?? 'a browser',
  processors: () => page.navigator?.hardwareConcurrency ?? 1,
  // a timer would be held back by some milliseconds
  rest: () =>
    new Promise((resolve) => {
      const { port1, port2 } = new page.MessageChannel();
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(undefined);
    }),
  // a picture has 16; and workers start only in such turns
  spell: 10,
  sharesMemory: page.crossOriginIsolated === true,
  readyThreads: () => () => undefined,
  startThread: (text, value) => {
    if (page.Worker === undefined) return undefined;
    // text, so that no bundler has to know of a file beside the bundle
    const script = new Blob([`const run = ${text};\nonmessage = ({ data }) => run(data);`], {
      type: 'text/javascript',
    });
    const url = URL.createObjectURL(script);
    try {
      const worker = new page.Worker(url);
      // a content security policy may forbid it: the other threads do its part
      worker.onerror = (event) => event.preventDefault();
      worker.postMessage(value);
      return {
        send: (more) => {
          worker.postMessage(more);
        },
        end: () => {
          worker.terminate();
          URL.revokeObjectURL(url);
        },
      };
    } catch {
      URL.revokeObjectURL(url);
      return undefined;
    }
  },
  allowRelaxedSimd: () => undefined,
  compiled: (compile) => compile(),
  undisturbed: (work) => work(),
};
