/** The host's compiler accepts what is encoded, and it computes what JavaScript computes. */
import { setFlagsFromString } from 'node:v8';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeModule } from '../../../src/emit/wasm/encoder.js';
import {
  block,
  branch,
  call,
  callFor,
  count,
  f32,
  f32x4,
  f64,
  f64x2,
  i32,
  i32x4,
  i64,
  i64x2,
  local,
  loop,
  multiplyAdd,
  select,
  set,
  tee,
  v128,
  wasmFunction,
  when,
} from '../../../src/emit/wasm/instructions.js';
import { signed, unsigned } from '../../../src/emit/wasm/leb128.js';
import { webAssembly } from '../../../src/host/webassembly.js';
import type { Value, WasmFunction, WasmModule } from '../../../src/emit/wasm/types.js';

const memoryImport = { module: 'host', name: 'memory', pages: 1, maximumPages: 4, shared: true };

function instantiate(functions: readonly WasmFunction[], memory = false) {
  const module: WasmModule = { memory: memory ? memoryImport : undefined, functions };
  const shared = new webAssembly.Memory({ initial: 1, maximum: 4, shared: true });
  const instance = new webAssembly.Instance(
    new webAssembly.Module(encodeModule(module)),
    memory ? { host: { memory: shared } } : {},
  );
  return { run: instance.exports, memory: shared.buffer };
}

/** What a function without parameters returns. */
const valueOf = (result: Value<'i32' | 'f64' | 'f32'>): number =>
  instantiate([wasmFunction('f', [], [], result)]).run['f']();

describe('integers in LEB128', () => {
  it('are those of the specification', () => {
    expect(unsigned(624485)).toEqual([0xe5, 0x8e, 0x26]);
    expect(signed(-123456n)).toEqual([0xc0, 0xbb, 0x78]);
    expect([signed(0n), signed(63n), signed(64n), signed(-64n), signed(-65n)]).toEqual([
      [0],
      [63],
      [0xc0, 0],
      [0x40],
      [0xbf, 0x7f],
    ]);
    expect(() => unsigned(-1)).toThrow(RangeError);
  });

  it('come back as constants', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double(), (n, x) => {
        expect(valueOf(i32.constant(n))).toBe(n);
        expect(valueOf(f64.constant(x))).toBe(x);
      }),
    );
  });
});

describe('functions', () => {
  it('compute with scalars of all types', () => {
    const [a, b] = [local('f64'), local('f64')];
    const { run } = instantiate([
      wasmFunction('hypotenuse', [a, b], [], f64.sqrt(f64.add(f64.mul(a, a), f64.mul(b, b)))),
      wasmFunction('larger', [a, b], [], select(a, b, f64.gt(a, b))),
      wasmFunction('exponent', [a], [], i32.wrap(i64.sub(i64.shrU(i64.bitsOf(a), 52), 1023))),
      wasmFunction('single', [a], [], f64.promote(f32.demote(a))),
    ]);
    expect(run['hypotenuse'](3, 4)).toBe(5);
    expect(run['larger'](3, 4)).toBe(4);
    expect(run['exponent'](1000)).toBe(9);
    expect(run['single'](0.1)).toBe(Math.fround(0.1));
  });

  it('branch, loop and call each other', () => {
    const [n, i, total] = [local('i32'), local('i32'), local('i32')];
    const square = wasmFunction(undefined, [n], [], i32.mul(n, n));
    const { run } = instantiate([
      wasmFunction(
        'squares',
        [n],
        [count(i, 0, n, 1, [set(total, i32.add(total, callFor('i32', square, [i])))])],
        total,
      ),
      // the Collatz sequence
      wasmFunction(
        'steps',
        [n],
        [
          block((leave) => [
            loop((again) => [
              branch(leave, i32.eq(n, 1)),
              when(i32.and(n, 1), [set(n, i32.add(i32.mul(n, 3), 1))], [set(n, i32.shrU(n, 1))]),
              set(total, i32.add(total, 1)),
              branch(again),
            ]),
          ]),
        ],
        total,
      ),
    ]);
    expect(run['squares'](0)).toBe(0);
    expect(run['squares'](10)).toBe(285);
    expect(run['steps'](27)).toBe(111);
  });

  it('share a memory with JavaScript', () => {
    const [from, to, i] = [local('i32'), local('i32'), local('i32')];
    const clear = wasmFunction(undefined, [from], [v128.store(from, f64x2.constant(0))]);
    const { run, memory } = instantiate(
      [
        wasmFunction(
          'double',
          [from, to],
          [count(i, from, to, 16, [v128.store(i, f64x2.mul(v128.load(i), 2), 1024)]), call(clear, [from])],
        ),
      ],
      true,
    );
    expect(memory).toBeInstanceOf(SharedArrayBuffer);
    const numbers = new Float64Array(memory);
    numbers.set([1, 2, 3, 4]);
    run['double'](0, 32);
    expect([...numbers.subarray(128, 132)]).toEqual([2, 4, 6, 8]);
    expect([...numbers.subarray(0, 4)]).toEqual([0, 0, 3, 4]);
  });

  it('may not branch out of what encloses them', () => {
    const label = { kind: 'label' } as const;
    expect(() => instantiate([wasmFunction('f', [], [branch(label)])])).toThrow('does not enclose');
  });
});

describe('vectors', () => {
  const [a, b] = [local('f64'), local('f64')];
  const lanes = (value: Value<'v128'>) =>
    instantiate([wasmFunction('f', [a, b], [], f64x2.extract(value, 1))]).run['f'];

  it('of float64 compute in each lane', () => {
    const pair = f64x2.replace(f64x2.splat(a), 1, b);
    expect(lanes(f64x2.add(pair, f64x2.splat(a)))(3, 4)).toBe(7);
    expect(lanes(f64x2.pmax(pair, f64x2.splat(a)))(3, 4)).toBe(4);
    expect(lanes(f64x2.pmin(pair, f64x2.splat(a)))(3, 4)).toBe(3);
    expect(lanes(f64x2.nearest(f64x2.div(pair, 3)))(3, 4)).toBe(1);
    expect(lanes(v128.bitselect(pair, f64x2.splat(a), f64x2.lt(pair, 10)))(3, 4)).toBe(4);
    expect(
      lanes(v128.shuffle(pair, pair, [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7]))(3, 4),
    ).toBe(3);
    expect(lanes(f64x2.fromLowI32x4(i32x4.truncF64x2(pair)))(0, -4.75)).toBe(-4);
    expect(lanes(f64x2.promoteLow(f32x4.demote(pair)))(0, 0.1)).toBe(Math.fround(0.1));
    // 2^4 from its exponent
    expect(lanes(i64x2.shl(i64x2.add(i64x2.extendLowS(i32x4.truncF64x2(pair)), 1023), 52))(0, 4)).toBe(16);
  });

  it('of float32 and integers compute in each lane', () => {
    const x = local('v128');
    const of = (value: Value<'v128'>, lane: number): number =>
      valueOf(f64.promote(f32x4.extract(value, lane)));
    expect(of(f32x4.add(f32x4.splat(f32.constant(1.5)), 2), 3)).toBe(3.5);
    expect(of(f32x4.fromI32x4(i32x4.add(i32x4.constant(5), -7)), 2)).toBe(-2);
    expect(valueOf(i32x4.bitmask(f32x4.lt(f32x4.constant(1), 2)))).toBe(15);
    expect(valueOf(v128.anyTrue(f32x4.gt(f32x4.constant(1), 2)))).toBe(0);
    const kept = wasmFunction('f', [], [], i32x4.extract(i32x4.mul(tee(x, i32x4.constant(6)), x), 0));
    expect(instantiate([kept]).run['f']()).toBe(36);
  });

  it.each([true, false])('multiply and add, fused: %s', (relaxed) => {
    if (relaxed) setFlagsFromString('--experimental-wasm-relaxed-simd');
    const { madd, nmadd } = multiplyAdd(relaxed);
    expect(lanes(madd(f64x2.splat(a), f64x2.splat(b), 1))(3, 4)).toBe(13);
    expect(lanes(nmadd(f64x2.splat(a), f64x2.splat(b), 1))(3, 4)).toBe(-11);
  });
});
