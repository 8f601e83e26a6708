/** What the host's WebAssembly can do, found out by asking it to accept one small function of each kind. */
import { encodeModule } from '../../emit/wasm/encoder.js';
import { f32x4, i32x4, local, set, wasmFunction } from '../../emit/wasm/instructions.js';
import type { Local, Value } from '../../emit/wasm/types.js';
import { host } from '../../host/host.js';
import { webAssembly } from '../../host/webassembly.js';

export type WasmFeatures =
  | {
      readonly ok: true;
      /** multiply and add in one instruction (relaxed SIMD) */
      readonly fused: boolean;
      /** memory may be shared between threads; without it there is one thread */
      readonly shared: boolean;
    }
  | { readonly ok: false; readonly reason: string };

let found: WasmFeatures | undefined;

/** Asked once; cheap enough for every start. */
export const wasmFeatures = (): WasmFeatures => (found ??= ask());

function ask(): WasmFeatures {
  const no = (reason: string): WasmFeatures => ({ ok: false, reason });
  if (webAssembly === undefined) return no('there is no WebAssembly here');
  const simd = probe(() => i32x4.splat(0));
  if (!webAssembly.validate(simd)) return no('its WebAssembly has no SIMD');
  try {
    new webAssembly.Module(simd);
  } catch {
    // a content security policy lets code be looked at that it does not let be compiled
    return no("code may not be compiled here (a page's security policy allows it by 'wasm-unsafe-eval')");
  }
  return { ok: true, fused: acceptsFused(), shared: acceptsShared() };
}

function acceptsFused(): boolean {
  const fused = probe((v) => f32x4.relaxedMadd(v, v, v));
  if (webAssembly.validate(fused)) return true;
  host.allowRelaxedSimd();
  return webAssembly.validate(fused);
}

function acceptsShared(): boolean {
  if (!host.sharesMemory) return false;
  try {
    new webAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    return true;
  } catch {
    return false;
  }
}

function probe(value: (v: Local<'v128'>) => Value<'v128'>): Uint8Array {
  const v = local('v128');
  const asked = wasmFunction('probe', [], [set(v, value(v))]);
  return encodeModule({ memory: undefined, functions: [asked] });
}
