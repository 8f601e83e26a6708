/** Engines that a browser does not have, and why. */
import type * as node from './libraries.js';
import type { EngineName } from './types.js';

const unavailable = (engine: EngineName, reason: string) =>
  Promise.resolve({
    engine: undefined,
    problem: { kind: 'engine-unavailable', engine, reason, command: undefined } as const,
  });

const HERE = 'in a browser there are reference, javascript and wasm';

export const isTensorFlowInstalled: typeof node.isTensorFlowInstalled = () => ({
  ok: false,
  reason: 'it is a library for Node',
});

export const openTensorFlow: typeof node.openTensorFlow = () =>
  unavailable('tensorflow', `it is a library for Node; ${HERE}`);

export const openTfjs: typeof node.openTfjs = ({ backend }) =>
  unavailable(backend === 'webgpu' ? 'webgpu' : 'tfjs', `it runs in Node only; ${HERE}`);
