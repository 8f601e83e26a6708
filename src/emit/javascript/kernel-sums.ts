/** Sums over the rows under responsibilities, in code. */
import type { Pairs } from '../../plan/types.js';
import { columnsBefore, columnsOfRow, each, indented, sumsPerComponent } from './kernel-shape.js';
import type { KernelShape, Together } from './kernel-shape.js';
import { codeName, columnName } from './row-code.js';

/** More columns than this are summed in loops. */
export const LOOPED_COLUMNS = 8;

export interface SumsCode {
  readonly before: readonly string[];
  readonly row: readonly string[];
  readonly inside: readonly string[];
  readonly after: readonly string[];
}

/** `local`: sums of the first stratum are variables, stored at the end. */
export function sumsCode(
  shape: KernelShape,
  unrolled: boolean,
  local: boolean,
  responsibility: (k: string) => string,
): SumsCode {
  const { columns: c, strata } = shape;
  const all = Array.from({ length: c }, (_, a) => a);
  const before = [...sumsOfRows(shape).before];
  const after: string[] = [];
  strata.slice(0, local ? 1 : 0).forEach((stratum) => {
    const width = sumsPerComponent(c, stratum.pairs);
    for (let k = 0; k < shape.components; k++) {
      if (c > 0)
        before.push(
          `const ${all.map((a) => `m${String(k)}_${String(a)} = M0[${String(k * c + a)}]`).join(', ')};`,
        );
      before.push(
        `let ${Array.from({ length: width }, (_, f) => `s${String(k)}_${String(f)} = 0`).join(', ')};`,
      );
      for (let f = 0; f < width; f++)
        after.push(`S0[${String(k * width + f)}] = s${String(k)}_${String(f)};`);
    }
  });
  const inside = each(shape, unrolled, (k) => {
    const r = `q${unrolled ? k : ''}`;
    const share = shape.weighted ? `w * ${responsibility(k)}` : responsibility(k);
    return [
      `const ${r} = ${share};`,
      // what owns nothing of the row need not be looked at, and may be no number there
      `if (${r} !== 0) {`,
      ...indented(
        strata.flatMap((stratum, s) => {
          if (local && s === 0)
            return addedSums(
              c,
              stratum.pairs,
              r,
              (f) => `s${k}_${String(f)}`,
              (a) => `m${k}_${String(a)}`,
              shape.together,
            );
          return sumsOfComponent(shape, s, k, r);
        }),
      ),
      '}',
    ];
  });
  return {
    before,
    row: sumsOfRows(shape).row,
    inside,
    after,
  };
}

/** Columns of the scatter of groups that stand for rows. */
export const scatterColumns = ({ together }: KernelShape): readonly number[] =>
  together === undefined ? [] : together.pairs.map((_, p) => together.first + p);

/** What a pair of columns of such a row has beside the product of its means. */
function scatterOf(together: Together | undefined, a: number, b: number): string {
  const at = together?.pairs.findIndex(([x, y]) => x === a && y === b) ?? -1;
  return at < 0 ? '' : columnName(together!.first + at);
}

/** What sums in arrays read before the loop over the rows, and of a row. */
export function sumsOfRows(shape: KernelShape): Pick<SumsCode, 'before' | 'row'> {
  const { columns, strata } = shape;
  const all = [...Array.from({ length: columns }, (_, a) => a), ...scatterColumns(shape)];
  return {
    before: [
      ...columnsBefore(all),
      ...strata.flatMap((_, s) => [
        ...(s > 0 ? [`const codes${String(s)} = codes[${String(s - 1)}];`] : []),
        `const S${String(s)} = S[${String(s)}], M${String(s)} = M[${String(s)}];`,
      ]),
    ],
    row: [
      ...columnsOfRow(all),
      ...strata.flatMap((_, s) => (s === 0 ? [] : [`const ${codeName(s)} = codes${String(s)}[i];`])),
    ],
  };
}

/** Adds a row to the sums of component `k`, in arrays, with responsibility `r`. */
export function sumsOfComponent(
  shape: KernelShape,
  s: number,
  k: string,
  r: string,
  more: readonly string[] = [],
): readonly string[] {
  const { columns: c } = shape;
  const { combinations, pairs, weightsOnly } = shape.strata[s];
  const component = s === 0 ? k : `(${k} * ${String(combinations)} + ${codeName(s)})`;
  const base = `base${String(s)}`;
  const centre = `centre${String(s)}`;
  return [
    '{',
    ...indented([
      `const ${base} = ${component} * ${String(sumsPerComponent(c, pairs))}, ${centre} = ${component} * ${String(c)};`,
      ...(c > LOOPED_COLUMNS && !weightsOnly
        ? loopedSums(c, pairs, r, s)
        : addedSums(
            weightsOnly ? 0 : c,
            pairs,
            r,
            (f) => `S${String(s)}[${base} + ${String(f)}]`,
            (a) => `M${String(s)}[${centre} + ${String(a)}]`,
            shape.together,
          )),
      ...more,
    ]),
    '}',
  ];
}

/** Adds a row to sums of a component, whatever they are called in code. */
export function addedSums(
  c: number,
  pairs: Pairs,
  r: string,
  sum: (f: number) => string,
  centre: (a: number) => string,
  together: Together | undefined,
): readonly string[] {
  const lines = [`${sum(0)} += ${r};`];
  const product = (a: number, b: number): string => {
    const scatter = scatterOf(together, a, b);
    return `e${String(a)} * d${String(b)}${scatter === '' ? '' : ` + ${r} * ${scatter}`}`;
  };
  let f = 1 + c;
  for (let a = 0; a < c; a++) {
    lines.push(
      `const d${String(a)} = ${columnName(a)} - ${centre(a)}, e${String(a)} = ${r} * d${String(a)};`,
    );
    lines.push(`${sum(1 + a)} += e${String(a)};`);
    if (pairs === 'squares') lines.push(`${sum(f++)} += ${product(a, a)};`);
  }
  if (pairs === 'all')
    for (let a = 0; a < c; a++) for (let b = a; b < c; b++) lines.push(`${sum(f++)} += ${product(a, b)};`);
  return ['{', ...indented(lines), '}'];
}

/** The same for many columns, as loops. */
function loopedSums(c: number, pairs: Pairs, r: string, s: number): readonly string[] {
  const [S, M, base, centre] = ['S', 'M', 'base', 'centre'].map((x) => `${x}${String(s)}`);
  const n = String(c);
  const lines = [
    `${S}[${base}] += ${r};`,
    ...Array.from(
      { length: c },
      (_, a) => `D[${String(a)}] = ${columnName(a)} - ${M}[${centre} + ${String(a)}];`,
    ),
    `for (let a = 0; a < ${n}; a++) ${S}[${base} + 1 + a] += ${r} * D[a];`,
  ];
  if (pairs === 'squares')
    lines.push(`for (let a = 0; a < ${n}; a++) ${S}[${base} + 1 + ${n} + a] += ${r} * D[a] * D[a];`);
  if (pairs === 'all')
    lines.push(
      `for (let a = 0, at = ${base} + 1 + ${n}; a < ${n}; a++) {`,
      `  const e = ${r} * D[a];`,
      `  for (let b = a; b < ${n}; b++, at++) ${S}[at] += e * D[b];`,
      '}',
    );
  return lines;
}
