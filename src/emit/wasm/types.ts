/**
 * WebAssembly as data: a module is functions, a function is locals and a list of statements, a statement or value is a
 * tree of instructions. Locals, labels and functions are told apart by identity; their numbers are given when the module
 * is encoded. `instructions.ts` builds such trees, `encoder.ts` makes bytes of them.
 */
export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128';

/** Something that leaves a value of this type: a local, or an instruction over values. */
export interface Value<T extends ValueType> {
  readonly type: T;
  readonly node: Node;
}

/** A variable of a function. It is declared by being used. */
export interface Local<T extends ValueType> extends Value<T> {
  readonly node: { readonly kind: 'local' };
}

/** What leaves no value. */
export interface Statement {
  readonly type: 'none';
  readonly node: Node;
}

/** Where a branch goes: the end of a block, or the beginning of a loop. */
export interface Label {
  readonly kind: 'label';
}

export type Any = Value<ValueType> | Statement;

export type Node =
  | { readonly kind: 'local' }
  /** operands in order, then the bytes of the instruction with its immediates */
  | { readonly kind: 'apply'; readonly bytes: readonly number[]; readonly operands: readonly Any[] }
  | { readonly kind: 'set'; readonly local: Local<ValueType>; readonly value: Value<ValueType> }
  | { readonly kind: 'tee'; readonly local: Local<ValueType>; readonly value: Value<ValueType> }
  | {
      readonly kind: 'block' | 'loop';
      readonly label: Label;
      readonly body: readonly Statement[];
    }
  | {
      readonly kind: 'if';
      readonly condition: Value<'i32'>;
      readonly then: readonly Statement[];
      readonly otherwise: readonly Statement[];
    }
  | { readonly kind: 'branch'; readonly label: Label; readonly condition: Value<'i32'> | undefined }
  | { readonly kind: 'call'; readonly callee: WasmFunction; readonly operands: readonly Value<ValueType>[] };

export interface WasmFunction {
  /** exported under this name; undefined: called inside the module only */
  readonly name: string | undefined;
  readonly parameters: readonly Local<ValueType>[];
  readonly body: readonly Statement[];
  /** what it returns, after its body */
  readonly result: Value<ValueType> | undefined;
}

/** Pages are of 64 KiB. */
export interface ImportedMemory {
  readonly module: string;
  readonly name: string;
  readonly pages: number;
  readonly maximumPages: number;
  readonly shared: boolean;
}

export interface WasmModule {
  readonly memory: ImportedMemory | undefined;
  /** those that these call need not be listed */
  readonly functions: readonly WasmFunction[];
}
