/** Columns that a model computes of its data: as the parameter stage would evaluate them, row by row. */
import { describe, expect, it } from 'vitest';
import { openTable } from '../../src/data/read.js';
import { bind } from '../../src/data/bind.js';
import { prepare } from '../../src/fit/prepare.js';
import { compiled } from '../models.js';

const rows = 50;
const x = Float64Array.from({ length: rows }, (_, i) => Math.sin(i) * 3);
const t = Float64Array.from({ length: rows }, (_, i) => 1 + ((7 * i) % 11));

async function columnsOf(declared: string, features: readonly string[]) {
  const names = features.map((_, n) => `w${String(n)}`);
  const mean = names.map((w, n) => `${w} * phi${String(n)}[i]`).join(' + ');
  const { plan } = compiled(`
model Line
plate i over rows
${declared}
${names.map((w) => `param ${w} : real`).join('\n')}
param s2 : variance
data x[i] : real
data t[i] : positive
data v[i] : real[2]
${features.map((f, n) => `let phi${String(n)}[i] = ${f}`).join('\n')}
data y[i] : real ~ Normal(${mean}, s2)
`);
  const { value: table } = await openTable({ kind: 'columns', columns: { x, t, y: x, v1: x, v2: t } });
  const { value } = await bind(plan.model, table!, {
    bind: { v: ['v1', 'v2'] },
    constants: new Map(),
    use: 'fit',
  });
  return prepare(plan, value!, new Map([['c' as never, 2.5]])).data.columns;
}

describe('a column that is computed of the data', () => {
  it.each<readonly [string, (x: number, t: number) => number]>([
    ['x[i]^2', (a) => a ** 2],
    ['x[i]^3 - 2 * x[i] + 0.1', (a) => a ** 3 + -2 * a + 0.1],
    ['x[i] * t[i]', (a, b) => a * b],
    ['log(t[i])', (_, b) => Math.log(b)],
    ['exp(x[i]) / t[i]', (a, b) => (1 / b) * Math.exp(a)],
    ['sqrt(t[i])', (_, b) => Math.sqrt(b)],
    ['c * x[i]^2', (a) => 2.5 * a ** 2],
    ['v[i, 2] * v[i, 1]', (a, b) => b * a],
    ['dot(v[i], v[i])', (a, b) => a * a + b * b],
  ])('%s', async (feature, value) => {
    const columns = await columnsOf('const c = 2.5', [feature]);
    const wanted = Array.from(x, (a, i) => value(a, t[i]));
    const distance = (column: Float64Array): number =>
      wanted.reduce((most, w, i) => Math.max(most, Math.abs(w - column[i]) / (1 + Math.abs(w))), 0);
    expect(Math.min(...columns.map(distance))).toBeLessThan(1e-15);
  });
});
