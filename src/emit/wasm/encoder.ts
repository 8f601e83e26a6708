/**
 * A module as bytes (WebAssembly core specification, chapter 5, with the threads proposal's shared memory and relaxed SIMD).
 * Nothing is checked that the compiler of the host checks: `WebAssembly.Module` rejects what is ill-typed.
 */
import { unsigned } from './leb128.js';
import type { Any, Label, Local, Node, ValueType, WasmFunction, WasmModule } from './types.js';

const TYPE_BYTES: Readonly<Record<ValueType, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};
const EMPTY_BLOCK = 0x40;
const END = 0x0b;

type Bytes = readonly number[];

export function encodeModule(module: WasmModule): Uint8Array {
  const functions = reachable(module.functions);
  const signatures = functions.map(signature);
  const types = [...new Set(signatures.map(String))];
  const typeOf = (at: number): number => types.indexOf(String(signatures[at]));
  const distinct = types.map((t) => signatures.find((s) => String(s) === t)!);
  const numbers = new Map(functions.map((f, n) => [f, n]));
  const exported = functions.filter((f) => f.name !== undefined);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(distinct)),
    ...(module.memory === undefined
      ? []
      : section(
          2,
          vector([
            [
              ...text(module.memory.module),
              ...text(module.memory.name),
              0x02,
              module.memory.shared ? 0x03 : 0x01,
              ...unsigned(module.memory.pages),
              ...unsigned(module.memory.maximumPages),
            ],
          ]),
        )),
    ...section(3, vector(functions.map((_, at) => unsigned(typeOf(at))))),
    ...section(7, vector(exported.map((f) => [...text(f.name!), 0x00, ...unsigned(numbers.get(f)!)]))),
    ...section(10, vector(functions.map((f) => sized(encodeFunction(f, numbers))))),
  ]);
}

/** The functions and all that they call, callers first. */
function reachable(functions: readonly WasmFunction[]): readonly WasmFunction[] {
  const found = new Set<WasmFunction>();
  const enter = (f: WasmFunction): void => {
    if (found.has(f)) return;
    found.add(f);
    f.body.forEach(visit);
    if (f.result !== undefined) visit(f.result);
  };
  const visit = ({ node }: Any): void => {
    if (node.kind === 'call') enter(node.callee);
    childrenOf(node).forEach(visit);
  };
  functions.forEach(enter);
  return [...found];
}

function childrenOf(node: Node): readonly Any[] {
  switch (node.kind) {
    case 'local':
      return [];
    case 'apply':
    case 'call':
      return node.operands;
    case 'set':
    case 'tee':
      return [node.value];
    case 'block':
    case 'loop':
      return node.body;
    case 'if':
      return [node.condition, ...node.then, ...node.otherwise];
    case 'branch':
      return node.condition === undefined ? [] : [node.condition];
  }
}

const signature = (f: WasmFunction): Bytes => [
  0x60,
  ...vector(f.parameters.map((p) => [TYPE_BYTES[p.type]])),
  ...vector(f.result === undefined ? [] : [[TYPE_BYTES[f.result.type]]]),
];

/** Locals that are no parameters are declared in the order in which they are first met. */
function encodeFunction(f: WasmFunction, numbers: ReadonlyMap<WasmFunction, number>): Bytes {
  const code: number[] = [];
  const locals = new Map<Local<ValueType>, number>(f.parameters.map((p, n) => [p, n]));
  const declared: number[] = [];
  const numberOf = (local: Local<ValueType>): Bytes => {
    let number = locals.get(local);
    if (number === undefined) {
      number = locals.size;
      locals.set(local, number);
      declared.push(TYPE_BYTES[local.type]);
    }
    return unsigned(number);
  };
  /** labels from the outermost in */
  const labels: (Label | undefined)[] = [];
  const within = (label: Label | undefined, body: readonly Any[]): void => {
    labels.push(label);
    body.forEach(write);
    labels.pop();
  };
  const write = (any: Any): void => {
    const { node } = any;
    switch (node.kind) {
      case 'local':
        code.push(0x20, ...numberOf(any as Local<ValueType>));
        return;
      case 'apply':
        node.operands.forEach(write);
        code.push(...node.bytes);
        return;
      case 'set':
      case 'tee':
        write(node.value);
        code.push(node.kind === 'set' ? 0x21 : 0x22, ...numberOf(node.local));
        return;
      case 'block':
      case 'loop':
        code.push(node.kind === 'block' ? 0x02 : 0x03, EMPTY_BLOCK);
        within(node.label, node.body);
        code.push(END);
        return;
      case 'if':
        write(node.condition);
        code.push(0x04, EMPTY_BLOCK);
        within(undefined, node.then);
        if (node.otherwise.length > 0) {
          code.push(0x05);
          within(undefined, node.otherwise);
        }
        code.push(END);
        return;
      case 'branch': {
        if (node.condition !== undefined) write(node.condition);
        const at = labels.lastIndexOf(node.label);
        if (at < 0) throw new Error('a branch to a label that does not enclose it');
        code.push(node.condition === undefined ? 0x0c : 0x0d, ...unsigned(labels.length - 1 - at));
        return;
      }
      case 'call':
        node.operands.forEach(write);
        code.push(0x10, ...unsigned(numbers.get(node.callee)!));
        return;
    }
  };
  f.body.forEach(write);
  if (f.result !== undefined) write(f.result);
  return [...vector(declared.map((type) => [0x01, type])), ...code, END];
}

// ------------------------------------------------------------------------------------------------ framing

const vector = (items: readonly Bytes[]): Bytes => [...unsigned(items.length), ...items.flat()];
const sized = (bytes: Bytes): Bytes => [...unsigned(bytes.length), ...bytes];
const section = (id: number, bytes: Bytes): Bytes => [id, ...sized(bytes)];
const text = (s: string): Bytes => sized([...new TextEncoder().encode(s)]);
