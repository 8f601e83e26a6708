/** What the host's WebAssembly can do, found out by asking it to accept one small function of each kind. */
import { setFlagsFromString } from 'node:v8';
import { encodeModule } from '../../emit/wasm/encoder.js';
import { f32x4, i32x4, local, set, wasmFunction } from '../../emit/wasm/instructions.js';
import type { Local, Value } from '../../emit/wasm/types.js';
import { webAssembly } from './webassembly.js';

export type WasmFeatures =
  | {
      readonly ok: true;
      /** multiply and add in one instruction (relaxed SIMD) */
      readonly fused: boolean;
    }
  | { readonly ok: false; readonly reason: string };

let found: WasmFeatures | undefined;

/** Asked once; cheap enough for every start. */
export const wasmFeatures = (): WasmFeatures => (found ??= ask());

function ask(): WasmFeatures {
  const no = (reason: string): WasmFeatures => ({ ok: false, reason });
  if (webAssembly === undefined) return no('this process has no WebAssembly');
  if (!accepts(() => i32x4.splat(0))) return no('its WebAssembly has no SIMD');
  try {
    new webAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  } catch {
    return no('its WebAssembly has no memory shared between threads');
  }
  return { ok: true, fused: acceptsFused() };
}

/** Node 20 has relaxed SIMD behind a flag of V8, which says nothing on code that does without; Node 22 has it. */
function acceptsFused(): boolean {
  const fused = (v: Local<'v128'>) => f32x4.relaxedMadd(v, v, v);
  if (accepts(fused)) return true;
  if (Number.parseInt(process.versions.node) >= 22) return false;
  setFlagsFromString('--experimental-wasm-relaxed-simd');
  return accepts(fused);
}

function accepts(value: (v: Local<'v128'>) => Value<'v128'>): boolean {
  const v = local('v128');
  const probe = wasmFunction('probe', [], [set(v, value(v))]);
  return webAssembly.validate(encodeModule({ memory: undefined, functions: [probe] }));
}
