/** Row bodies in lanes of two rows: the logits of the zoo’s models, and each kind of node on odd numbers. */
import { describe, expect, it } from 'vitest';
import { encodeModule } from '../../../src/emit/wasm/encoder.js';
import {
  f64x2,
  i32,
  local,
  multiplyAdd,
  set,
  v128,
  wasmFunction,
} from '../../../src/emit/wasm/instructions.js';
import { bodyWriter, whyNotInLanes, slotsAt as readsAt } from '../../../src/emit/wasm/mixture/body.js';
import { written } from '../../../src/emit/wasm/scope.js';
import { logitFunctions } from '../../../src/engine/reference/logits.js';
import { wasmFeatures } from '../../../src/engine/wasm/features.js';
import { webAssembly } from '../../../src/host/webassembly.js';
import { lowerLogits } from '../../../src/plan/lower-rows.js';
import type { NodeId, RowBody, RowNode } from '../../../src/plan/row-body.js';
import { rowValues } from '../../../src/plan/row-values.js';
import { fillSlots } from '../../../src/plan/slots.js';
import { drawnParameters, prepared } from '../../engine/programs.js';
import { examples } from '../../models.js';

/** The node’s values [components, rows] by code that is made for it. */
function inLanes(
  { body, node }: { readonly body: RowBody; readonly node: NodeId },
  components: number,
  columns: readonly Float64Array[],
  slots: Float64Array,
): Float64Array {
  const rows = columns[0].length;
  const padded = rows + (rows % 2);
  const [columnsAt, slotsAt] = [0, 8 * padded * columns.length];
  const out = slotsAt + 16 * Math.ceil(slots.length / 2);
  const features = wasmFeatures();
  const fused = multiplyAdd(features.ok && features.fused);
  const place = local('i32');
  const functions = [
    wasmFunction(
      'run',
      [place],
      written((s) => {
        const u = columns.map((_, c) => s.let(v128.load(place, columnsAt + 8 * padded * c)));
        const write = bodyWriter(s, body, readsAt(s, body, slotsAt), [(column) => u[column]], fused);
        for (let k = 0; k < components; k++) {
          const [value] = write(node, k);
          s.push(v128.store(place, f64x2.mul(value, 1), out + 8 * padded * k));
        }
        s.push(set(place, i32.add(place, 16)));
      }),
    ),
  ];
  const memory = new webAssembly.Memory({ initial: 64, maximum: 64, shared: true });
  const import_ = { module: 'host', name: 'memory', pages: 64, maximumPages: 64, shared: true };
  const module = new webAssembly.Module(encodeModule({ memory: import_, functions }));
  const { exports } = new webAssembly.Instance(module, { host: { memory } });
  const numbers = new Float64Array(memory.buffer);
  columns.forEach((column, c) => numbers.set(column, padded * c));
  numbers.set(slots, slotsAt / 8);
  for (let i = 0; i < rows; i += 2) exports.run(8 * i);
  return Float64Array.from(
    { length: components * rows },
    (_, at) => numbers[out / 8 + padded * Math.floor(at / rows) + (at % rows)],
  );
}

describe('logits as the reference has them', () => {
  it.each(examples)('$name', async (example) => {
    const run = await prepared(example);
    const { program } = run;
    const data = { ...run.data, rows: 40, columns: run.data.columns.map((c) => c.slice(0, 40)) };
    const { body, logit } = lowerLogits(program);
    const reason = whyNotInLanes(body, logit);
    if (reason !== undefined || program.plan.strata.length > 1 || program.plan.supports.length > 0) {
      expect(reason ?? 'told apart by data').toMatch(/of what differs by row|data|every value/);
      return;
    }
    const parameters = await drawnParameters(run, 1);
    const slots = new Float64Array(body.slots);
    fillSlots(body, program, parameters, slots);
    const ours = inLanes({ body, node: logit }, program.components, data.columns, slots);
    logitFunctions(program, parameters, run.data).forEach((of, k) => {
      for (let i = 0; i < data.rows; i++) {
        const wanted = of(i);
        const off = Math.abs(ours[k * data.rows + i] - wanted);
        if (Number.isFinite(wanted)) expect(off).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(wanted)));
        else expect(ours[k * data.rows + i]).toBe(wanted);
      }
    });
  });
});

describe('a node', () => {
  const odd = Float64Array.of(0, -0, 1, -1, 2.5, -7, 1e300, 1e-300, 5e-324, Infinity, -Infinity, 3);
  const other = odd.map((_, i) => odd[(5 * i + 3) % odd.length]);
  const two: readonly RowNode[] = [
    { kind: 'column', column: 0 },
    { kind: 'column', column: 1 },
  ];
  const kinds: readonly (readonly [string, RowNode])[] = [
    ['add', { kind: 'add', left: 0, right: 1 }],
    ['product', { kind: 'product', left: 0, right: 1 }],
    ['multiply, of which a zero leaves nothing', { kind: 'multiply', left: 0, right: 1 }],
    ['square', { kind: 'power', base: 0, exponent: 2 }],
    ['inverse', { kind: 'power', base: 0, exponent: -1 }],
    ['root', { kind: 'power', base: 0, exponent: 0.5 }],
    ['abs', { kind: 'function', name: 'abs', argument: 0 }],
    ['log', { kind: 'function', name: 'log', argument: 0 }],
    ['exp', { kind: 'function', name: 'exp', argument: 0 }],
    ...(['=', '!=', '<', '<=', '>', '>='] as const).map((relation): readonly [string, RowNode] => [
      relation,
      { kind: 'condition', relation, left: 0, right: 1 },
    ]),
    ['choose', { kind: 'choose', when: 0, then: 1, otherwise: 0 }],
    ['maximum', { kind: 'maximum', left: 0, right: 1 }],
  ];

  it.each(kinds)('%s', (name, node) => {
    const body: RowBody = { nodes: [...two, node], sources: [], starts: [], slots: 0 };
    expect(whyNotInLanes(body, 2)).toBeUndefined();
    const [wanted] = rowValues(body, [2], odd.length, [odd, other], []);
    const ours = inLanes({ body, node: 2 }, 1, [odd, other], new Float64Array(2));
    ours.forEach((x, i) => {
      // beneath the normal numbers a logarithm is that of nothing
      if (name === 'log' && odd[i] > 0 && odd[i] < 2 ** -1022) expect(x).toBe(-Infinity);
      else if (Number.isFinite(wanted[i]))
        expect(Math.abs(x - wanted[i])).toBeLessThanOrEqual(
          (name === 'exp' ? 2e-15 : 4e-16) * Math.abs(wanted[i]),
        );
      else expect(x).toBe(wanted[i]);
    });
  });

  it.each([
    ['a power', { kind: 'power', base: 0, exponent: 3 }, 'the power 3'],
    ['a function', { kind: 'function', name: 'lgamma', argument: 0 }, 'lgamma of what differs'],
    ['a support', { kind: 'support', support: 0 }, 'every value'],
  ] as const)('%s without a form is named', (_, node, reason) => {
    const body: RowBody = { nodes: [...two, node], sources: [], starts: [], slots: 0 };
    expect(whyNotInLanes(body, 2)).toContain(reason);
  });
});
