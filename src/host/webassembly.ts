/**
 * The host's WebAssembly with the types of the few things used here: TypeScript knows it from the browser's library only,
 * which this project does without. The same names are there in Node and in browsers.
 */
export interface Memory {
  readonly buffer: SharedArrayBuffer | ArrayBuffer;
  readonly grow: (pages: number) => number;
}

/** Compiled code; may be sent to workers. */
export type Module = object;

export interface Instance {
  readonly exports: Readonly<Record<string, (...values: readonly number[]) => number>>;
}

interface WebAssemblyHost {
  readonly Memory: new (limits: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: boolean;
  }) => Memory;
  /** throws what says where the bytes are wrong, or which feature is not known */
  readonly Module: new (bytes: Uint8Array) => Module;
  readonly Instance: new (
    module: Module,
    imports: Readonly<Record<string, Readonly<Record<string, Memory>>>>,
  ) => Instance;
  readonly validate: (bytes: Uint8Array) => boolean;
}

export const webAssembly = (globalThis as unknown as { readonly WebAssembly: WebAssemblyHost }).WebAssembly;
