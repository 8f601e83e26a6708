/** Plain cells are read as DuckDB reads them: a quoted name in the header sends the same rows there. */
import { mkdtempSync, readdirSync, readFileSync, existsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readHeader } from '../../src/data/header.js';
import { plainColumns } from '../../src/data/plain-csv.js';
import { openTable } from '../../src/data/read.js';
import { stream } from '../../src/random.js';
import { root } from '../models.js';

const folder = mkdtempSync(join(tmpdir(), 'gmm-test-'));

async function everything(text: string) {
  const path = join(folder, 'table.csv');
  writeFileSync(path, text);
  const { value: table, problems } = await openTable({ kind: 'file', path });
  if (table === undefined) return { problems };
  const { names, rows, source } = table;
  const cells = [];
  for (const name of names) {
    const { names: different, codes } = await table.byName(name);
    const text = Array.from(codes, (code) => different[code - 1]);
    cells.push([await table.isNumeric(name), text, await table.numeric([name])]);
  }
  table.close();
  return { names, rows, source, cells };
}

const isPlain = (text: string): boolean => {
  const header = readHeader(text, undefined)!;
  return plainColumns(text, header.names, header.delimiter) !== undefined;
};

/** The same table for DuckDB. */
const quoted = (text: string): string => text.replace(/[^\s,;|]+/, '"$&"');

const CELLS = [
  '1',
  '-2.5',
  '3e-7',
  '1e400',
  '007',
  '4.',
  '.5',
  '+6',
  'NA',
  '',
  ' 8 ',
  '\t9',
  'setosa',
  'a b',
  'nan',
];
const MORE = ['1_000', '0x10', '1,5', 'é', '-', 'Inf', '2026-11-27', '1e', 'true', '12345678901234567890.5'];

describe('plain CSV', () => {
  it('is what DuckDB makes of the same rows, whatever the cells', async () => {
    const random = stream('1', 'cells');
    const any = <T>(list: readonly T[]): T => list[Math.floor(random.uniform() * list.length)];
    let plain = 0;
    for (let n = 0; n < 150; n++) {
      const delimiter = any([',', ';', '\t']);
      const end = any(['\n', '\r\n']);
      const pool = n % 3 === 0 ? [...CELLS, ...MORE] : n % 3 === 1 ? CELLS.slice(0, 4) : CELLS;
      const names = ['x', 'y', 'z'].slice(0, 1 + (n % 3));
      const lines = Array.from({ length: 1 + Math.floor(random.uniform() * 6) }, () =>
        names
          .slice(0, random.uniform() < 0.9 ? 3 : 1)
          .map(() => any(pool))
          .join(delimiter),
      );
      const text = [names.join(delimiter), ...lines, ...any([[], [''], ['', '']])].join(end);
      if (isPlain(text)) plain++;
      expect(await everything(text), JSON.stringify(text)).toEqual(await everything(quoted(text)));
    }
    expect(plain).toBeGreaterThan(40);
  });

  const files = [join(root, 'models/data'), join(root, '../shared/data'), join(root, '../shared/cases')]
    .filter(existsSync)
    .flatMap((place) => readdirSync(place, { recursive: true }).map((f) => join(place, String(f))))
    .filter((f) => f.endsWith('.csv') && statSync(f).size < 1e5);
  it.each(files.map((f) => [f.slice(f.indexOf('/data')), f]))('%s', async (_, file) => {
    const text = readFileSync(file, 'utf8');
    if (text.trim() !== '') expect(await everything(text)).toEqual(await everything(quoted(text)));
  });

  it.each(['x,x\n1,2\n', 'x,\n1,2\n', '2,1\n1,2\n', 'x\n1,2\n', 'x,y\n"1",2\n', 'x,y\n \n1,2\n'])(
    'is left to DuckDB: %j',
    (text) => {
      expect(isPlain(text)).toBe(false);
    },
  );
});
