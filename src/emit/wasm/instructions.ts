/**
 * Builds WebAssembly trees: `f64.add(x, 1)` is a value, `set(x, f64.mul(x, x))` a statement. Where a value is wanted a number
 * may stand: a constant, the same in all lanes of a vector. Addresses are bytes; loads and stores take a constant offset.
 *
 *     const x = local('f64');
 *     const square = wasmFunction('square', [x], [], f64.mul(x, x));
 */
import { unsigned } from './leb128.js';
import {
  address,
  apply,
  binary,
  extract,
  float32,
  float64,
  int32,
  int64,
  little,
  loads,
  operand,
  replace,
  simd,
  splat,
  splatConstant,
  statement,
  stores,
  unary,
  v128Constant,
  vectors,
} from './operands.js';
import type { I32, Operand, V128 } from './operands.js';

import type { Label, Local, Statement, Value, ValueType, WasmFunction } from './types.js';

export { v128Constant } from './operands.js';
export type { Operand } from './operands.js';

// ------------------------------------------------------------------------------------------------ variables, control

export const local = <T extends ValueType>(type: T): Local<T> => ({ type, node: { kind: 'local' } });

export const set = <T extends ValueType>(variable: Local<T>, value: Value<T>): Statement =>
  statement({ kind: 'set', local: variable, value });

/** Sets the variable and is its value. */
export const tee = <T extends ValueType>(variable: Local<T>, value: Value<T>): Value<T> => ({
  type: variable.type,
  node: { kind: 'tee', local: variable, value },
});

/** Throws the value away. */
export const drop = (value: Value<ValueType>): Statement =>
  statement({ kind: 'apply', bytes: [0x1a], operands: [value] });

/** A branch to its label leaves it. */
export function block(body: (leave: Label) => readonly Statement[]): Statement {
  const label: Label = { kind: 'label' };
  return statement({ kind: 'block', label, body: body(label) });
}

/** A branch to its label begins it again; without one it is left at its end. */
export function loop(body: (again: Label) => readonly Statement[]): Statement {
  const label: Label = { kind: 'label' };
  return statement({ kind: 'loop', label, body: body(label) });
}

export const branch = (label: Label, condition?: I32): Statement =>
  statement({ kind: 'branch', label, condition });

export const when = (
  condition: I32,
  then: readonly Statement[],
  otherwise: readonly Statement[] = [],
): Statement => statement({ kind: 'if', condition, then, otherwise });

/** for (i = from; i < to; i += step) body, signed; `to` is evaluated each time. At least once where `always` says so. */
export function count(
  i: Local<'i32'>,
  from: Operand<'i32'>,
  to: Operand<'i32'>,
  step: number,
  body: readonly Statement[],
  always = false,
): Statement {
  const run = loop((again) => [...body, branch(again, i32.ltS(tee(i, i32.add(i, step)), to))]);
  const start = set(i, operand('i32', from));
  return block((leave) => [start, ...(always ? [] : [branch(leave, i32.geS(i, to))]), run]);
}

export const call = (callee: WasmFunction, operands: readonly Value<ValueType>[]): Statement =>
  statement({ kind: 'call', callee, operands });

/** A call for what it returns; the type is that of the callee's result. */
export const callFor = <T extends ValueType>(
  type: T,
  callee: WasmFunction,
  operands: readonly Value<ValueType>[],
): Value<T> => ({ type, node: { kind: 'call', callee, operands } });

export const wasmFunction = (
  name: string | undefined,
  parameters: readonly Local<ValueType>[],
  body: readonly Statement[],
  result?: Value<ValueType>,
): WasmFunction => ({ name, parameters, body, result });

/** The first where the condition is not 0. */
export const select = <T extends 'i32' | 'i64' | 'f32' | 'f64'>(
  yes: Value<T>,
  no: Value<T>,
  condition: I32,
): Value<T> => apply(yes.type, [0x1b], yes, no, condition);

// ------------------------------------------------------------------------------------------------ numbers

export const i32 = {
  constant: int32,
  load: loads('i32', 2, 0x28),
  load8U: loads('i32', 0, 0x2d),
  load16U: loads('i32', 1, 0x2f),
  store: stores('i32', 2, 0x36),
  store8: stores('i32', 0, 0x3a),
  store16: stores('i32', 1, 0x3b),
  eqz: unary('i32', 'i32', 0x45),
  eq: binary('i32', 'i32', 0x46),
  ne: binary('i32', 'i32', 0x47),
  ltS: binary('i32', 'i32', 0x48),
  ltU: binary('i32', 'i32', 0x49),
  gtS: binary('i32', 'i32', 0x4a),
  gtU: binary('i32', 'i32', 0x4b),
  leS: binary('i32', 'i32', 0x4c),
  geS: binary('i32', 'i32', 0x4e),
  clz: unary('i32', 'i32', 0x67),
  ctz: unary('i32', 'i32', 0x68),
  add: binary('i32', 'i32', 0x6a),
  sub: binary('i32', 'i32', 0x6b),
  mul: binary('i32', 'i32', 0x6c),
  divS: binary('i32', 'i32', 0x6d),
  divU: binary('i32', 'i32', 0x6e),
  and: binary('i32', 'i32', 0x71),
  or: binary('i32', 'i32', 0x72),
  xor: binary('i32', 'i32', 0x73),
  shl: binary('i32', 'i32', 0x74),
  shrS: binary('i32', 'i32', 0x75),
  shrU: binary('i32', 'i32', 0x76),
  /** saturating */
  truncF64: unary('f64', 'i32', 0xfc, 0x02),
  wrap: unary('i64', 'i32', 0xa7),
};

export const i64 = {
  constant: int64,
  load: loads('i64', 3, 0x29),
  store: stores('i64', 3, 0x37),
  add: binary('i64', 'i64', 0x7c),
  sub: binary('i64', 'i64', 0x7d),
  and: binary('i64', 'i64', 0x83),
  or: binary('i64', 'i64', 0x84),
  shl: binary('i64', 'i64', 0x86),
  shrS: binary('i64', 'i64', 0x87),
  shrU: binary('i64', 'i64', 0x88),
  extendS: unary('i32', 'i64', 0xac),
  bitsOf: unary('f64', 'i64', 0xbd),
};

const floats = <T extends 'f32' | 'f64'>(type: T, compare: number, arithmetic: number) => ({
  eq: binary(type, 'i32', compare),
  ne: binary(type, 'i32', compare + 1),
  lt: binary(type, 'i32', compare + 2),
  gt: binary(type, 'i32', compare + 3),
  le: binary(type, 'i32', compare + 4),
  ge: binary(type, 'i32', compare + 5),
  abs: unary(type, type, arithmetic),
  neg: unary(type, type, arithmetic + 1),
  floor: unary(type, type, arithmetic + 3),
  nearest: unary(type, type, arithmetic + 5),
  sqrt: unary(type, type, arithmetic + 6),
  add: binary(type, type, arithmetic + 7),
  sub: binary(type, type, arithmetic + 8),
  mul: binary(type, type, arithmetic + 9),
  div: binary(type, type, arithmetic + 10),
  min: binary(type, type, arithmetic + 11),
  max: binary(type, type, arithmetic + 12),
});

export const f32 = {
  ...floats('f32', 0x5b, 0x8b),
  constant: float32,
  load: loads('f32', 2, 0x2a),
  store: stores('f32', 2, 0x38),
  demote: unary('f64', 'f32', 0xb6),
};

export const f64 = {
  ...floats('f64', 0x61, 0x99),
  constant: float64,
  load: loads('f64', 3, 0x2b),
  store: stores('f64', 3, 0x39),
  promote: unary('f32', 'f64', 0xbb),
  fromI32: unary('i32', 'f64', 0xb7),
  ofBits: unary('i64', 'f64', 0xbf),
};

// ------------------------------------------------------------------------------------------------ vectors

const bits = vectors('i32x4');

export const v128 = {
  load: loads('v128', 4, ...simd(0)),
  load32Splat: loads('v128', 2, ...simd(9)),
  load64Splat: loads('v128', 3, ...simd(10)),
  load32Zero: loads('v128', 2, ...simd(92)),
  load64Zero: loads('v128', 3, ...simd(93)),
  store: (base: Operand<'i32'>, value: V128, offset = 0): Statement =>
    statement({ kind: 'apply', bytes: simd(11, 4, ...unsigned(offset)), operands: [address(base), value] }),
  not: bits.unary(77),
  and: bits.binary(78),
  /** a and not b */
  andNot: bits.binary(79),
  or: bits.binary(80),
  xor: bits.binary(81),
  anyTrue: bits.test(83),
  /** bits of a where the mask has 1, else of b */
  bitselect: (a: V128, b: V128, mask: V128): V128 => apply('v128', simd(82), a, b, mask),
  /** byte n of the result is byte bytes[n] of a followed by b */
  shuffle: (a: V128, b: V128, bytes: readonly number[]): V128 => apply('v128', simd(13, ...bytes), a, b),
};

const integerLanes = (lanes: 'i32x4' | 'i64x2', base: number) => {
  const { unary: one, binary: two, shift, test } = vectors(lanes);
  return {
    abs: one(base),
    neg: one(base + 1),
    allTrue: test(base + 3),
    bitmask: test(base + 4),
    shl: shift(base + 11),
    shrS: shift(base + 12),
    shrU: shift(base + 13),
    add: two(base + 14),
    sub: two(base + 17),
    mul: two(base + 21),
    extendLowS: one(base + 7),
    extendHighS: one(base + 8),
  };
};
const integers = vectors('i32x4');
const longs = vectors('i64x2');

export const i32x4 = {
  ...integerLanes('i32x4', 160),
  constant: (x: number): V128 => splatConstant('i32x4', x),
  splat: splat('i32', 17),
  extract: extract('i32', 27),
  replace: replace('i32', 28),
  eq: integers.binary(55),
  ne: integers.binary(56),
  ltS: integers.binary(57),
  gtS: integers.binary(59),
  minS: integers.binary(182),
  maxS: integers.binary(184),
  truncF32x4: integers.unary(248),
  /** two lanes, the others 0 */
  truncF64x2: integers.unary(252),
};

export const i64x2 = {
  ...integerLanes('i64x2', 192),
  constant: (x: number): V128 => splatConstant('i64x2', x),
  bits: (x: bigint): V128 => {
    const lane = little(8, (v, at) => v.setBigInt64(at, BigInt.asIntN(64, x), true));
    return v128Constant([...lane, ...lane]);
  },
  splat: splat('i64', 18),
  extract: extract('i64', 29),
  replace: replace('i64', 30),
  eq: longs.binary(214),
  ltS: longs.binary(216),
  gtS: longs.binary(217),
};

const floatLanes = (lanes: 'f32x4' | 'f64x2', compare: number, base: number, relaxed: number) => {
  const { unary: one, binary: two, ternary } = vectors(lanes);
  return {
    constant: (x: number): V128 => splatConstant(lanes, x),
    eq: two(compare),
    ne: two(compare + 1),
    lt: two(compare + 2),
    gt: two(compare + 3),
    le: two(compare + 4),
    ge: two(compare + 5),
    abs: one(base),
    neg: one(base + 1),
    sqrt: one(base + 3),
    add: two(base + 4),
    sub: two(base + 5),
    mul: two(base + 6),
    div: two(base + 7),
    min: two(base + 8),
    max: two(base + 9),
    /** b < a ? b : a, one instruction */
    pmin: two(base + 10),
    /** a < b ? b : a */
    pmax: two(base + 11),
    /** a · b + c */
    relaxedMadd: ternary(relaxed),
    /** c − a · b */
    relaxedNmadd: ternary(relaxed + 1),
  };
};

export const f32x4 = {
  ...floatLanes('f32x4', 65, 224, 0x105),
  splat: splat('f32', 19),
  extract: extract('f32', 31),
  replace: replace('f32', 32),
  nearest: vectors('f32x4').unary(106),
  fromI32x4: vectors('i32x4').unary(250),
  /** of f64x2; the others 0 */
  demote: vectors('f64x2').unary(94),
};

export const f64x2 = {
  ...floatLanes('f64x2', 71, 236, 0x107),
  splat: splat('f64', 20),
  extract: extract('f64', 33),
  replace: replace('f64', 34),
  nearest: vectors('f64x2').unary(148),
  floor: vectors('f64x2').unary(117),
  /** of the two low lanes */
  promoteLow: vectors('f32x4').unary(95),
  fromLowI32x4: vectors('i32x4').unary(254),
};

/** a · b + c and c − a · b in lanes: one rounding with relaxed SIMD, else two. */
export const multiplyAdd = (relaxed: boolean) => ({
  madd: (a: Operand<'v128'>, b: Operand<'v128'>, c: Operand<'v128'>): V128 =>
    relaxed ? f64x2.relaxedMadd(a, b, c) : f64x2.add(f64x2.mul(a, b), c),
  nmadd: (a: Operand<'v128'>, b: Operand<'v128'>, c: Operand<'v128'>): V128 =>
    relaxed ? f64x2.relaxedNmadd(a, b, c) : f64x2.sub(c, f64x2.mul(a, b)),
});
