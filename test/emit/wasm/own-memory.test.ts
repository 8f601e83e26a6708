/** A module for memory that is not shared: what the encoder makes of the same functions for such memory. */
import { expect, it } from 'vitest';
import { encodeModule } from '../../../src/emit/wasm/encoder.js';
import { f64x2, local, v128, wasmFunction } from '../../../src/emit/wasm/instructions.js';
import { onOwnMemory } from '../../../src/emit/wasm/own-memory.js';
import { webAssembly } from '../../../src/host/webassembly.js';

const at = local('i32');
const double = wasmFunction('double', [at], [v128.store(at, f64x2.mul(v128.load(at), 2))]);
/** A type section longer than 127 bytes, and names as long, so that their lengths take two bytes. */
const many = Array.from({ length: 40 }, (_, n) =>
  wasmFunction(
    `f${String(n)}`,
    Array.from({ length: n }, () => local('f64')),
    [],
  ),
);

it.each([
  ['host', [double]],
  ['h'.repeat(300), [double, ...many]],
])('differs in nothing else', (module, functions) => {
  const memory = { module, name: 'memory', pages: 1, maximumPages: 65536 };
  const shared = encodeModule({ memory: { ...memory, shared: true }, functions });
  const before = shared.slice();
  expect(onOwnMemory(shared)).toEqual(encodeModule({ memory: { ...memory, shared: false }, functions }));
  expect(shared).toEqual(before);
});

it('runs on it', () => {
  const import_ = { module: 'host', name: 'memory', pages: 1, maximumPages: 65536, shared: true };
  const bytes = encodeModule({ memory: import_, functions: [double] });
  const memory = new webAssembly.Memory({ initial: 1, maximum: 1, shared: false });
  expect(() => new webAssembly.Instance(new webAssembly.Module(bytes), { host: { memory } })).toThrow(
    'shared',
  );
  const numbers = new Float64Array(memory.buffer);
  numbers.set([1, 2, 3]);
  const { exports } = new webAssembly.Instance(new webAssembly.Module(onOwnMemory(bytes)), {
    host: { memory },
  });
  exports['double'](0);
  expect([...numbers.subarray(0, 3)]).toEqual([2, 4, 3]);
});
