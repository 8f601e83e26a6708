/** Operands of instructions, and the shapes that instructions come in: `instructions.ts` is the table made of these. */
import { signed, unsigned } from './leb128.js';
import type { Any, Statement, Value, ValueType } from './types.js';

export type I32 = Value<'i32'>;
export type I64 = Value<'i64'>;
type F32 = Value<'f32'>;
type F64 = Value<'f64'>;
export type V128 = Value<'v128'>;

export const statement = (node: Statement['node']): Statement => ({ type: 'none', node });

export type Operand<T extends ValueType> = Value<T> | number;
/** What the number stands for where a vector is wanted. */
type Lanes = 'i8x16' | 'i16x8' | 'i32x4' | 'i64x2' | 'f32x4' | 'f64x2';

export const apply = <T extends ValueType>(
  type: T,
  bytes: readonly number[],
  ...operands: readonly Any[]
): Value<T> => ({
  type,
  node: { kind: 'apply', bytes, operands },
});

const bytesOf = (buffer: ArrayBuffer): readonly number[] => [...new Uint8Array(buffer)];
export const little = (
  size: number,
  write: (view: DataView, at: number) => void,
  times = 1,
): readonly number[] => {
  const view = new DataView(new ArrayBuffer(size * times));
  for (let at = 0; at < times; at++) write(view, at * size);
  return bytesOf(view.buffer);
};
const SIMD = 0xfd;
export const simd = (code: number, ...immediates: readonly number[]): readonly number[] => [
  SIMD,
  ...unsigned(code),
  ...immediates,
];

export const int32 = (n: number): I32 => apply('i32', [0x41, ...signed(BigInt(n | 0))]);
export const int64 = (n: bigint): I64 => apply('i64', [0x42, ...signed(BigInt.asIntN(64, n))]);
export const float32 = (x: number): F32 =>
  apply('f32', [0x43, ...little(4, (v, at) => v.setFloat32(at, x, true))]);
export const float64 = (x: number): F64 =>
  apply('f64', [0x44, ...little(8, (v, at) => v.setFloat64(at, x, true))]);

/** All lanes the same. */
export function splatConstant(lanes: Lanes, x: number): V128 {
  const at = {
    i8x16: () => little(1, (v, i) => v.setInt8(i, x), 16),
    i16x8: () => little(2, (v, i) => v.setInt16(i, x, true), 8),
    i32x4: () => little(4, (v, i) => v.setInt32(i, x, true), 4),
    i64x2: () => little(8, (v, i) => v.setBigInt64(i, BigInt(x), true), 2),
    f32x4: () => little(4, (v, i) => v.setFloat32(i, x, true), 4),
    f64x2: () => little(8, (v, i) => v.setFloat64(i, x, true), 2),
  };
  return apply('v128', simd(12, ...at[lanes]()));
}

/** Sixteen bytes, the lowest first. */
export const v128Constant = (bytes: readonly number[]): V128 => apply('v128', simd(12, ...bytes));

const scalars = { i32: int32, i64: (n: number) => int64(BigInt(n)), f32: float32, f64: float64 };

export function operand<T extends 'i32' | 'i64' | 'f32' | 'f64'>(type: T, x: Operand<T>): Value<T> {
  return typeof x === 'number' ? (scalars[type](x) as unknown as Value<T>) : x;
}
export const lanesOf = (lanes: Lanes, x: Operand<'v128'>): V128 =>
  typeof x === 'number' ? splatConstant(lanes, x) : x;

// ------------------------------------------------------------------------------------------------ shapes of instructions

/** a, b → a value of `to` */
export const binary =
  <A extends 'i32' | 'i64' | 'f32' | 'f64', R extends ValueType>(of: A, to: R, code: number) =>
  (a: Operand<A>, b: Operand<A>): Value<R> =>
    apply(to, [code], operand(of, a), operand(of, b));
export const unary =
  <A extends 'i32' | 'i64' | 'f32' | 'f64', R extends ValueType>(of: A, to: R, ...bytes: readonly number[]) =>
  (a: Operand<A>): Value<R> =>
    apply(to, bytes, operand(of, a));
export const address = (base: Operand<'i32'>): I32 => operand('i32', base);
export const loads =
  <R extends ValueType>(to: R, align: number, ...bytes: readonly number[]) =>
  (base: Operand<'i32'>, offset = 0): Value<R> =>
    apply(to, [...bytes, align, ...unsigned(offset)], address(base));
export const stores =
  <A extends 'i32' | 'i64' | 'f32' | 'f64'>(of: A, align: number, code: number) =>
  (base: Operand<'i32'>, value: Operand<A>, offset = 0): Statement =>
    statement({
      kind: 'apply',
      bytes: [code, align, ...unsigned(offset)],
      operands: [address(base), operand(of, value)],
    });

export const vectors = (lanes: Lanes) => ({
  unary:
    (code: number) =>
    (a: Operand<'v128'>): V128 =>
      apply('v128', simd(code), lanesOf(lanes, a)),
  binary:
    (code: number) =>
    (a: Operand<'v128'>, b: Operand<'v128'>): V128 =>
      apply('v128', simd(code), lanesOf(lanes, a), lanesOf(lanes, b)),
  /** a · b + c, or c − a · b: rounded once where the machine has it, with `relaxed` SIMD only */
  ternary:
    (code: number) =>
    (a: Operand<'v128'>, b: Operand<'v128'>, c: Operand<'v128'>): V128 =>
      apply('v128', simd(code), lanesOf(lanes, a), lanesOf(lanes, b), lanesOf(lanes, c)),
  shift:
    (code: number) =>
    (a: Operand<'v128'>, by: Operand<'i32'>): V128 =>
      apply('v128', simd(code), lanesOf(lanes, a), operand('i32', by)),
  test:
    (code: number) =>
    (a: Operand<'v128'>): I32 =>
      apply('i32', simd(code), lanesOf(lanes, a)),
});
export const splat =
  <A extends 'i32' | 'i64' | 'f32' | 'f64'>(of: A, code: number) =>
  (x: Operand<A>): V128 =>
    apply('v128', simd(code), operand(of, x));
export const extract =
  <R extends ValueType>(to: R, code: number) =>
  (a: V128, lane: number): Value<R> =>
    apply(to, simd(code, lane), a);
export const replace =
  <A extends 'i32' | 'i64' | 'f32' | 'f64'>(of: A, code: number) =>
  (a: V128, lane: number, x: Operand<A>): V128 =>
    apply('v128', simd(code, lane), a, operand(of, x));
