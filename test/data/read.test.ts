import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openTable } from '../../src/data/read.js';
import type { Table, TableOptions } from '../../src/data/types.js';
import { takeRowMemory } from '../../src/host/row-memory.js';
import { writeTable } from '../../src/data/write.js';

const folder = mkdtempSync(join(tmpdir(), 'gmm-test-'));
let files = 0;

async function csv(text: string, options: TableOptions = {}) {
  const path = join(folder, `t${String(files++)}.csv`);
  writeFileSync(path, text);
  return openTable({ kind: 'file', path }, options);
}

async function cellsOf(table: Table, name: string) {
  const { names, codes } = await table.byName(name);
  expect(new Set(names).size).toBe(names.length);
  return Array.from(codes, (code) => (code === 0 ? undefined : names[code - 1]));
}

async function columns(text: string, options: TableOptions = {}) {
  const { value: table, problems } = await csv(text, options);
  if (table === undefined) return { problems };
  const numeric = await table.numeric(table.names);
  return {
    names: table.names,
    rows: table.rows,
    numeric,
    values: numeric.map((c) => [...c.values]),
    problems,
  };
}

describe('a large table', () => {
  it('is read into memory that a kernel can take, column after column', async () => {
    const rows = 100_000;
    const lines = Array.from({ length: rows }, (_, i) => `${String(i)},${String(-2 * i)}`);
    const { numeric } = await columns(`a,b\n${lines.join('\n')}\n`);
    const [a, b] = numeric!.map((c) => c.values);
    expect([a[1], b[1], a[rows - 1], b[rows - 1]]).toEqual([1, -2, rows - 1, 2 - 2 * rows]);
    expect(takeRowMemory([a, b], 64, 0)).toBeDefined();
  });
});

describe('a CSV file', () => {
  it('has its first line as the header, also where the names are numbers', async () => {
    const t = await columns('2019,2020\n1,2\n3,4\n');
    expect(t.names).toEqual(['2019', '2020']);
    expect(t.values).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });

  it('may begin with a byte-order mark and have Windows line ends, quotes and empty lines', async () => {
    const t = await columns('\uFEFF"length","mass"\r\n"1.5",2\r\n\r\n3,"4"\r\n\r\n');
    expect(t.names).toEqual(['length', 'mass']);
    expect(t.values).toEqual([
      [1.5, 3],
      [2, 4],
    ]);
  });

  it('has no row for an empty line where it has a single column', async () => {
    const t = await columns('x\n1\n\n2\n');
    expect(t.values).toEqual([[1, 2]]);
  });

  it('finds tabs and semicolons, also where a text column has commas', async () => {
    const tabs = await columns('a\tnote\tb\n1\tone, two\t2\n');
    expect(tabs.names).toEqual(['a', 'note', 'b']);
    expect((await columns('a;b\n1;2\n')).values).toEqual([[1], [2]]);
  });

  it('reads decimal commas when told, and says so when not', async () => {
    expect((await columns('a;b\n1,5;2\n', { decimal: ',' })).values).toEqual([[1.5], [2]]);
    const t = await columns('a;b\n1,5;2\n');
    expect(t.numeric?.[0].bad).toEqual([{ row: 1, text: '1,5' }]);
  });

  it('leaves out an unnamed empty column at the end', async () => {
    expect((await columns('a,b,\n1,2,\n3,4,\n')).names).toEqual(['a', 'b']);
  });

  it('is refused where a row has more cells than the header, as with row names that have no name', async () => {
    for (const text of ['x,y\n1,2\n3,4,5\n', 'x,y\n"1",2\n3,4,5\n', 'x;y\n7;1;2\n', 'x\n1,2\n'])
      expect((await csv(text, text === 'x\n1,2\n' ? { delimiter: ',' } : {})).problems).toMatchObject([
        { kind: 'malformed-table', line: undefined, reason: expect.stringMatching(/row [12] has/) as string },
      ]);
    // a delimiter at the end is no cell
    expect((await columns('x,y\n1,2,\n3,4\n')).values).toEqual([
      [1, 3],
      [2, 4],
    ]);
  });

  it('keeps two columns of one name apart', async () => {
    expect((await columns('x,x\n1,2\n')).names).toEqual(['x', 'x']);
  });

  it('keeps the names of columns in any script, with blanks and brackets', async () => {
    expect((await columns('Länge (mm),重さ [g]\n1,2\n')).names).toEqual(['Länge (mm)', '重さ [g]']);
  });

  it('takes empty, blank and the words for missing as missing, quoted or not', async () => {
    const t = await columns('a,b\n1,\nNA, \n?,"NA"\n2,3\n', { missing: ['NA', '?'] });
    expect(t.numeric?.map((c) => c.missing)).toEqual([2, 3]);
    expect(t.numeric?.map((c) => c.badCount)).toEqual([0, 0]);
    expect(t.values?.[0]).toEqual([1, NaN, NaN, 2]);
  });

  it('tells what is no number, with its row, and never guesses', async () => {
    const t = await columns('a\n4.8 mm\n1_000\n0x10\n1e5\n+5\n.5\n-.5e-3\n9003489346132480123\n');
    expect(t.numeric?.[0].bad.map((c) => c.text)).toEqual(['4.8 mm', '1_000', '0x10']);
    expect(t.values?.[0].slice(3)).toEqual([1e5, 5, 0.5, -0.0005, Number('9003489346132480123')]);
  });

  it('tells NaN, infinity and overflow from missing', async () => {
    const t = await columns('a\nNaN\ninf\n1e999\n1\n');
    expect(t.numeric?.[0]).toMatchObject({
      missing: 0,
      badCount: 0,
      notFiniteCount: 3,
      notFinite: [
        { row: 1, text: 'NaN' },
        { row: 2, text: 'inf' },
        { row: 3, text: '1e999' },
      ],
    });
  });

  it('does not fix a type from its first lines', async () => {
    const t = await columns(`x\n${'7\n'.repeat(21700)}2.5\n`);
    expect(t.rows).toBe(21701);
    expect(t.values?.[0][21700]).toBe(2.5);
  });

  it('knows numeric columns by most of their cells', async () => {
    const { value } = await csv('a,b,c\n1,x,\n2,y,\nz,3,\n');
    expect(await Promise.all(['a', 'b', 'c'].map((n) => value!.isNumeric(n)))).toEqual([true, false, false]);
  });

  it('is refused when it is empty, has only a header, is a folder or is not there', async () => {
    expect((await csv('')).problems).toMatchObject([{ kind: 'no-rows', hasHeader: false }]);
    expect((await csv('a,b\n')).problems).toMatchObject([{ kind: 'no-rows', hasHeader: true }]);
    expect((await openTable({ kind: 'file', path: folder })).problems).toMatchObject([
      { kind: 'file-unreadable', reason: 'it is a folder' },
    ]);
    writeFileSync(join(folder, 'data.csv'), 'a\n1\n');
    expect((await openTable({ kind: 'file', path: join(folder, 'dta.csv') })).problems).toMatchObject([
      { kind: 'file-unreadable', reason: 'there is no such file', near: [join(folder, 'data.csv')] },
    ]);
  });
});

describe('other sources', () => {
  it('text from standard input is CSV or JSON', async () => {
    const fromCsv = await openTable({ kind: 'text', text: 'a,b\n1,2\n', name: 'standard input' });
    expect(fromCsv.value?.names).toEqual(['a', 'b']);
    fromCsv.value?.close();
    const fromJson = await openTable({
      kind: 'text',
      text: '[{"a": 1, "b": null}, {"a": 2}]',
      name: 'standard input',
    });
    expect((await fromJson.value?.numeric(['a', 'b']))?.map((c) => c.missing)).toEqual([0, 2]);
    const lines = await openTable({ kind: 'text', text: '{"a": 1}\n{"a": 2}\n', name: 'standard input' });
    expect(lines.value?.rows).toBe(2);
  });

  it('columns and rows in memory', async () => {
    const t = await openTable({ kind: 'columns', columns: { x: Float64Array.of(1, 2), g: ['a', 'b'] } });
    expect(await cellsOf(t.value!, 'g')).toEqual(['a', 'b']);
    expect(await t.value?.isNumeric('g')).toBe(false);
    const uneven = await openTable({ kind: 'columns', columns: { x: [1, 2], y: [1] } });
    expect(uneven.problems).toMatchObject([{ kind: 'malformed-table' }]);
  });

  it('Parquet as it was written, numbers to the last digit', async () => {
    const path = join(folder, 'w.parquet');
    await writeTable(path, [
      { name: 'x', values: [0.1, 1e300, -3] },
      { name: 'G', values: ['a', 'b,c', 'd"e'] },
      { name: 'z', values: [1, 2, 3] },
    ]);
    const { value } = await openTable({ kind: 'file', path });
    expect(value?.names).toEqual(['x', 'G', 'z']);
    expect([...(await value!.numeric(['x']))[0].values]).toEqual([0.1, 1e300, -3]);
    expect(await cellsOf(value!, 'G')).toEqual(['a', 'b,c', 'd"e']);
  });

  it.each(['csv', 'parquet'])(
    'names in a large %s file, missing ones, numbers and none at all',
    async (ending) => {
      const path = join(folder, `names.${ending}`);
      const rows = Array.from({ length: 3000 }, (_, i) => i);
      const [first, second] = [(i: number) => ['b"', "it's", '', '10', ' é '][i % 5], (i: number) => i % 700];
      await writeTable(path, [
        { name: 'g', values: rows.map(first) },
        { name: 'n', values: rows.map(second) },
        { name: 'none', values: rows.map(() => '') },
      ]);
      const { value } = await openTable({ kind: 'file', path });
      expect(await cellsOf(value!, 'g')).toEqual(rows.map((i) => first(i).trim() || undefined));
      expect((await cellsOf(value!, 'n')).map(Number)).toEqual(rows.map(second));
      expect(await cellsOf(value!, 'none')).toEqual(rows.map(() => undefined));
      expect((await cellsOf(value!, 'g')).slice(0, 2)).toEqual(['b"', "it's"]);
    },
  );

  it('a written CSV reads back the same', async () => {
    const path = join(folder, 'w.csv');
    await writeTable(path, [
      { name: 'a b', values: [1 / 3, 2] },
      { name: 'c', values: ['x,y', 'z'] },
    ]);
    expect(readFileSync(path, 'utf8')).toBe('a b,c\n0.3333333333333333,"x,y"\n2,z\n');
  });
});

const cases = join(import.meta.dirname, '../../../shared/cases');
describe('the cases of public bug reports', () => {
  it.skipIf(!existsSync(cases))('stored integers, decimals and float32 become doubles', async () => {
    const { value } = await openTable({
      kind: 'file',
      path: join(cases, 'parquet-integer-decimal-float32/data.parquet'),
    });
    expect(value?.names).toEqual(['byte', 'long', 'money', 'single']);
    const mean = (await value!.numeric(value!.names)).map(
      (c) => c.values.reduce((a, b) => a + b, 0) / c.values.length,
    );
    expect(mean[0]).toBeCloseTo(208.075, 10);
    expect(mean[2]).toBeCloseTo(-3.61225, 10);
  });
});

it('keeps what was read when the table lets go of its file, which it may do twice', async () => {
  const path = join(folder, 'closed.parquet');
  await writeTable(path, [
    { name: 'a', values: Float64Array.of(1.5, 2) },
    { name: 'b', values: Float64Array.of(-3, 4) },
  ]);
  const { value: table } = await openTable({ kind: 'file', path });
  const [a, b] = await table!.numeric(['a', 'b']);
  table!.close();
  table!.close();
  expect([...a.values, ...b.values]).toEqual([1.5, 2, -3, 4]);
});

it('tells numbers of a Parquet file from text by their types', async () => {
  const path = join(folder, 'types.parquet');
  await writeTable(path, [
    { name: 'whole', values: Float64Array.of(1, 2) },
    { name: 'real', values: Float64Array.of(1.5, 2) },
    { name: 'word', values: ['x', 'y'] },
    { name: 'number', values: ['1', 'y'] },
  ]);
  const { value: table } = await openTable({ kind: 'file', path });
  const found = await Promise.all(table!.names.map((name) => table!.isNumeric(name)));
  expect(Object.fromEntries(table!.names.map((name, n) => [name, found[n]]))).toEqual({
    whole: true,
    real: true,
    word: false,
    number: false,
  });
  table!.close();
});
