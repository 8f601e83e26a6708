/** Kernels in the memory that a table was read into: the same answers as from a copy, one after the other and side by side. */
import { describe, expect, it } from 'vitest';
import { compileSource } from '../../src/compile.js';
import type { RowData, Session } from '../../src/engine/types.js';
import { openWasm } from '../../src/engine/wasm/engine.js';
import { inRowMemory, takeRowMemory } from '../../src/host/row-memory.js';
import { rowsOfMatrix } from '../../src/linear-algebra/columns.js';
import { program } from '../../src/plan/program.js';
import type { Parameters, Program } from '../../src/plan/types.js';
import { stream } from '../../src/random.js';

interface Case {
  readonly program: Program;
  readonly parameters: Parameters;
}

function gaussian(columns: number, components: number, rows: number): Case {
  const { plan } = compileSource(`
model Mixture
const K = ${String(components)}
plate i over rows
plate k in 1..K
param  pi       : simplex[k]
param  mu[k]    : real[D]
param  Sigma[k] : covariance[D]
latent z[i] : k       ~ Categorical(pi)
data   x[i] : real[D] ~ Normal(mu[z[i]], Sigma[z[i]])
`);
  const [d, k] = [columns, components];
  const values: Readonly<Record<string, Float64Array>> = {
    pi: new Float64Array(k).fill(1 / k),
    mu: Float64Array.from({ length: k * d }, (_, at) => Math.sin(7 * at) + Math.floor(at / d)),
    Sigma: Float64Array.from({ length: k * d * d }, (_, at) =>
      (at % (d * d)) % (d + 1) === 0 ? 1.5 + 0.1 * Math.floor(at / (d * d)) : 0.2 / d,
    ),
  };
  const shapes: Readonly<Record<string, readonly number[]>> = { pi: [k], mu: [k, d], Sigma: [k, d, d] };
  return {
    program: program(plan!, { D: d, K: k, N: rows }, new Map()),
    parameters: new Map(
      plan!.model.parameters.map(({ name }) => [
        name,
        { shape: shapes[String(name)], data: values[String(name)] },
      ]),
    ),
  };
}

function table(columns: number, rows: number): Pick<RowData, 'rows' | 'columns'> {
  const random = stream('row memory', String(columns));
  const matrix = inRowMemory(columns * rows)!;
  matrix.forEach((_, at) => (matrix[at] = 3 * random.normal() + 40 * Math.floor(at / rows)));
  return { rows, columns: rowsOfMatrix(matrix, columns) };
}

const plain = (data: RowData): RowData => ({ ...data, columns: data.columns.map((c) => c.slice()) });
const isFree = ({ columns }: Pick<RowData, 'columns'>): boolean => {
  const taken = takeRowMemory(columns, 64, 0);
  taken?.giveBack();
  return taken !== undefined;
};

describe('kernels in the memory of the table', () => {
  const { engine } = openWasm({ threads: 2, device: 'auto' });
  const open = (c: Case, data: RowData): Promise<Session> => engine!.open(c.program, data);
  const ofOne = async (c: Case, data: RowData): Promise<unknown> => {
    const session = await open(c, data);
    const answer = await session.expectation(c.parameters);
    session.dispose();
    return answer;
  };

  it.each([
    { kernel: 'written out', columns: 2, components: [3, 2] },
    { kernel: 'grouped', columns: 5, components: [8, 7] },
    { kernel: 'grouped, padded', columns: 31, components: [2, 3] },
  ])('$kernel: the same bits as from a copy', async ({ columns, components }) => {
    const rows = Math.ceil(140_000 / columns);
    const base = table(columns, rows);
    const before = base.columns.map((c) => c.slice());
    const data: RowData = { ...base, weights: undefined, labels: [undefined] };
    const weighted: RowData = {
      ...data,
      weights: Float64Array.from({ length: rows }, (_, i) => i % 3),
      labels: [Int32Array.from({ length: rows }, (_, i) => (i % 10 === 0 ? 1 + (i % 2) : 0))],
    };
    const cases = components.map((k) => gaussian(columns, k, rows));
    const expected = await Promise.all(cases.map((c) => ofOne(c, plain(data))));
    const withWeights = await ofOne(cases[1], plain(weighted));

    const sessions = [await open(cases[0], data)];
    expect(isFree(data)).toBe(false);
    // another at the same time has a copy
    sessions.push(await open(cases[1], data));
    for (const n of [0, 1, 0]) {
      expect(await sessions[n].expectation(cases[n].parameters)).toEqual(expected[n]);
    }
    sessions.forEach((session) => {
      session.dispose();
    });
    expect(isFree(data)).toBe(true);
    // what the one before has left behind is gone
    expect(await ofOne(cases[1], weighted)).toEqual(withWeights);
    expect(await ofOne(cases[0], data)).toEqual(expected[0]);
    expect(base.columns).toEqual(before);
  });

  it('is taken as a whole or not at all', () => {
    const { columns } = table(3, 60_000);
    expect(takeRowMemory(columns.slice(0, 2), 64, 0)).toBeUndefined();
    expect(takeRowMemory(columns.slice(1), 64, 0)).toBeUndefined();
    expect(takeRowMemory([columns[1], columns[0], columns[2]], 64, 0)).toBeUndefined();
    expect(takeRowMemory(columns, 128, 0)).toBeUndefined();
    expect(
      takeRowMemory(
        columns.map((c) => c.slice()),
        64,
        0,
      ),
    ).toBeUndefined();
    expect(takeRowMemory(columns, 64, 0)).toBeDefined();
    expect(takeRowMemory(columns, 64, 0)).toBeUndefined();
  });

  it('small tables have none', () => {
    expect(inRowMemory(1000)).toBeUndefined();
  });
});
