/**
 * Estimates as tables. Parameters with a component's index share one table with a column per component:
 *
 *                        1          2
 *     pi          0.644127   0.355873   share of each kind of eruption
 *     mu
 *       eruptions   4.28966    2.03639
 *       waiting    79.9681    54.4785
 *
 * What has no component's index comes next; matrices stand side by side, one per component, at the end.
 */
import type { FitFile } from '../fit/fit-file.js';
import type { Nested } from '../fit/parameters.js';
import type { Model, Parameter, Size } from '../model/types.js';
import type { TextStyle } from './derivation-text.js';
import { matricesText } from './matrices-text.js';
import { alignPoints, clipped, padEnd, padStart, shortNumber, widthOf } from './numbers-text.js';

export interface Layout {
  readonly width: number;
  readonly style: TextStyle;
}

/** Longer vectors are left to the JSON form; of larger matrices only the diagonal is shown. */
const LONGEST_VECTOR = 40;
const LARGEST_MATRIX = 6;

export function parametersText(file: FitFile, model: Model, layout: Layout): readonly string[] {
  const names = namesOf(file, model);
  const estimates = model.parameters.flatMap((parameter): readonly Estimate[] => {
    const value = file.parameters[parameter.name];
    return value === undefined ? [] : [estimateOf(parameter, value, names)];
  });
  const blocks = [
    table(estimates.filter(isPerComponent), names.components, layout),
    table(estimates.filter(isShared), [], layout),
    ...estimates.filter((e) => e.form === 'matrix').map((e) => matrices(e, layout)),
    estimates.filter((e) => e.form === 'other').map((e) => `${e.name}   ${e.size}, in the JSON form only`),
  ];
  return blocks.filter((block) => block.length > 0).flatMap((block, n) => (n === 0 ? block : ['', ...block]));
}

// ------------------------------------------------------------------------------------------------ what to print

/** An estimate in the form in which it is printed. */
interface Estimate {
  readonly name: string;
  readonly documentation: string | undefined;
  readonly form: 'numbers' | 'matrix' | 'other';
  /** numbers: one list per line, with an entry per component where `perComponent`; matrix: rows of each matrix */
  readonly rows: readonly (readonly number[])[];
  readonly labels: readonly string[];
  readonly perComponent: boolean;
  readonly matrices: readonly { readonly title: string; readonly rows: readonly (readonly number[])[] }[];
  readonly size: string;
}

interface Names {
  readonly componentPlate: string | undefined;
  /** headings of the components: numbers from 1, or their labels */
  readonly components: readonly string[];
  readonly isComponents: (size: Size) => boolean;
  /** what an axis's entries are called */
  readonly ofAxis: (size: Size, length: number) => readonly string[];
  /** and those of a plate: the groups by their names in the data */
  readonly ofPlate: (plate: string, length: number) => readonly string[];
}

const isPerComponent = (e: Estimate): boolean => e.form === 'numbers' && e.perComponent;
const isShared = (e: Estimate): boolean => e.form === 'numbers' && !e.perComponent;

function namesOf(file: FitFile, model: Model): Names {
  const latent = model.latents.find((l) => l.type.domain === 'plate');
  const componentPlate = latent?.type.plate;
  // labels of the latent, or of data that range over its plate
  const alike = model.data.find((d) => componentPlate !== undefined && d.type.plate === componentPlate);
  const levels =
    latent === undefined ? undefined : (file.data.levels[latent.name] ?? file.data.levels[alike?.name ?? '']);
  const component = (k: number): string => levels?.[k] ?? String(k + 1);
  const plate = model.plates.find((p) => p.name === componentPlate);
  const isComponents = (size: Size): boolean =>
    (size.kind === 'plate' && size.plate === componentPlate) ||
    (size.kind === 'constant' &&
      plate?.range.kind === 'count' &&
      plate.range.upTo.kind === 'constant' &&
      plate.range.upTo.name === size.name);
  const ofAxis = (size: Size, length: number): readonly string[] => {
    if (isComponents(size)) return Array.from({ length }, (_, k) => component(k));
    const like = model.data.find(
      (d) => d.type.shape.length === 1 && isSameSize(d.type.shape[0], size, d.line),
    );
    const columns = like === undefined ? undefined : file.data.columns[like.name];
    return columns?.length === length ? columns : Array.from({ length }, (_, n) => String(n + 1));
  };
  const ofPlate = (name: string, length: number): readonly string[] => {
    const symbol = model.data.find((d) => d.type.plate === name);
    const known = symbol === undefined ? undefined : file.data.levels[symbol.name];
    return known?.length === length ? known : Array.from({ length }, (_, n) => String(n + 1));
  };
  const count = model.parameters
    .map((p) =>
      axisLength(
        file.parameters[p.name],
        [...p.plates].findIndex((x) => x === componentPlate),
      ),
    )
    .find((length) => length !== undefined);
  const simplex = model.parameters.find((p) => p.type.shape.length === 1 && isComponents(p.type.shape[0]));
  const length = count ?? (simplex === undefined ? 0 : axisLength(file.parameters[simplex.name], 0)) ?? 0;
  return {
    componentPlate,
    isComponents,
    components: Array.from({ length }, (_, k) => component(k)),
    ofAxis,
    ofPlate,
  };
}

/** Sizes of one name are one size; equal numbers may be chance, so the data must at least be modelled. */
function isSameSize(own: Size, size: Size, line: number | undefined): boolean {
  if (own.kind === 'named') return size.kind === 'named' && own.name === size.name;
  return own.kind === 'number' && size.kind === 'number' && own.value === size.value && line !== undefined;
}

function axisLength(value: Nested | undefined, axis: number): number | undefined {
  if (axis < 0 || value === undefined || typeof value === 'number') return undefined;
  return axis === 0 ? value.length : axisLength(value[0], axis - 1);
}

function estimateOf(parameter: Parameter, value: Nested, names: Names): Estimate {
  const ownAxis = parameter.plates.findIndex((p) => p === names.componentPlate);
  const perComponent = ownAxis >= 0;
  const { shape } = parameter.type;
  const base: Estimate = {
    name: parameter.name,
    documentation: parameter.documentation?.split('\n', 1)[0],
    form: 'other',
    rows: [],
    labels: [],
    perComponent,
    matrices: [],
    size: sizeOf(value),
  };
  if (parameter.plates.length > (perComponent ? 1 : 0))
    return shape.length > 1 ? base : overPlates(base, parameter, value, ownAxis, names);
  const copies = perComponent ? (value as readonly Nested[]) : [value];
  if (shape.length > 2) return base;
  if (shape.length === 0) return { ...base, form: 'numbers', rows: [copies.map(Number)], labels: [''] };
  const first = copies[0] as readonly Nested[];
  const labels = names.ofAxis(shape[0], first.length);
  if (shape.length === 1) {
    // a simplex over the components is a row of their table
    if (!perComponent && names.isComponents(shape[0]))
      return { ...base, form: 'numbers', rows: [first.map(Number)], labels: [''], perComponent: true };
    return vectors(base, labels, copies as readonly (readonly number[])[]);
  }
  const arrays = copies as readonly (readonly (readonly number[])[])[];
  if (labels.length > LARGEST_MATRIX || (arrays[0]?.[0]?.length ?? 0) > LARGEST_MATRIX) {
    if (parameter.type.domain !== 'covariance') return base;
    return vectors(
      { ...base, name: `diag(${parameter.name})` },
      labels,
      arrays.map((m) => m.map((row, n) => row[n])),
    );
  }
  const title = (k: number): string =>
    perComponent ? `${parameter.name}[${names.components[k] ?? String(k + 1)}]` : parameter.name;
  return {
    ...base,
    form: 'matrix',
    labels,
    matrices: arrays.map((rows, k) => ({ title: title(k), rows })),
  };
}

const vectors = (
  base: Estimate,
  labels: readonly string[],
  copies: readonly (readonly number[])[],
): Estimate =>
  labels.length > LONGEST_VECTOR
    ? base
    : { ...base, form: 'numbers', labels, rows: labels.map((_, n) => copies.map((list) => list[n])) };

function sizeOf(value: Nested): string {
  const lengths: number[] = [];
  for (let at: Nested | undefined = value; typeof at !== 'number' && at !== undefined; at = at[0])
    lengths.push(at.length);
  return lengths.map(String).join(' × ');
}

// ------------------------------------------------------------------------------------------------ tables

/** A number or vector for every combination of several plates: a line for each that is not the component's. */
function overPlates(
  base: Estimate,
  parameter: Parameter,
  value: Nested,
  ownAxis: number,
  names: Names,
): Estimate {
  const axes = [
    ...parameter.plates.map((plate, axis) => names.ofPlate(plate, axisLength(value, axis) ?? 1)),
    ...parameter.type.shape.map((size, n) =>
      names.ofAxis(size, axisLength(value, parameter.plates.length + n) ?? 1),
    ),
  ];
  const at = (position: readonly number[]): number =>
    Number(position.reduce<Nested>((v, i) => (v as readonly Nested[])[i], value));
  const others = axes.flatMap((labels, axis) => (axis === ownAxis ? [] : [{ labels, axis }]));
  const combinations = others.reduce<readonly (readonly number[])[]>(
    (list, { labels }) => list.flatMap((head) => labels.map((_, i) => [...head, i])),
    [[]],
  );
  const labels = combinations.map((c) => c.map((i, n) => others[n].labels[i]).join(', '));
  const components = ownAxis < 0 ? [0] : Array.from(axes[ownAxis], (_, k) => k);
  const copies = components.map((k) =>
    combinations.map((c) => {
      const position = axes.map((_, axis) =>
        axis === ownAxis ? k : c[others.findIndex((o) => o.axis === axis)],
      );
      return at(position);
    }),
  );
  return vectors(base, labels, copies);
}

/** One table for all, its columns broken into several where the components are many. */
function table(
  estimates: readonly Estimate[],
  headings: readonly string[],
  layout: Layout,
): readonly string[] {
  if (estimates.length === 0) return [];
  const lines = estimates.flatMap((e) => linesOf(e));
  const corner = headings.length > 1 ? 'component' : '';
  const nameWidth = Math.max(...lines.map((line) => widthOf(line.name)), corner.length);
  const columns = Math.max(1, headings.length);
  const cells = Array.from({ length: columns }, (_, k) => {
    const aligned = alignedIn(lines, k, widthOf(headings[k] ?? ''));
    return {
      heading: headings[k] ?? '',
      texts: aligned,
      width: Math.max(...aligned.map(widthOf), widthOf(headings[k] ?? '')),
    };
  });
  const groups = grouped(cells, layout.width - nameWidth);
  return groups.flatMap((group, g) => {
    const head = group.map((cell) => `   ${padStart(cell.heading, cell.width)}`).join('');
    const body = lines.map((line, n) => {
      const numbers = group.map((cell) => `   ${padStart(cell.texts[n], cell.width)}`).join('');
      const used = nameWidth + widthOf(numbers) + 3;
      const note =
        line.note === undefined || g > 0 || layout.width - used < 12
          ? ''
          : `   ${layout.style.note(clipped(line.note, layout.width - used))}`;
      return `${padEnd(line.name, nameWidth)}${numbers}${note}`.trimEnd();
    });
    const table =
      headings.length === 0 ? body : [layout.style.label(`${padEnd(corner, nameWidth)}${head}`), ...body];
    return g === 0 ? table : ['', ...table];
  });
}

interface Line {
  readonly name: string;
  /** undefined: the heading of the lines below it */
  readonly values: readonly number[] | undefined;
  readonly note: string | undefined;
}

function linesOf(e: Estimate): readonly Line[] {
  if (e.labels.length === 1 && e.labels[0] === '')
    return [{ name: e.name, values: e.rows[0], note: e.documentation }];
  return [
    { name: e.name, values: undefined, note: e.documentation },
    ...e.rows.map((values, n) => ({ name: `  ${clipped(e.labels[n], 24)}`, values, note: undefined })),
  ];
}

/** Texts of one column, points aligned; headings of vectors are blank. */
function alignedIn(lines: readonly Line[], k: number, width: number): readonly string[] {
  const shown = lines.map((line) => (line.values?.[k] === undefined ? '' : shortNumber(line.values[k])));
  const aligned = alignPoints(
    shown.filter((text) => text !== ''),
    width,
  );
  let next = 0;
  return shown.map((text) => (text === '' ? '' : aligned[next++]));
}

/** As many columns in a row as fit. */
function grouped<T extends { readonly width: number }>(
  cells: readonly T[],
  room: number,
): readonly (readonly T[])[] {
  const groups: T[][] = [];
  let used = Infinity;
  for (const cell of cells) {
    if (used + cell.width + 3 > room) {
      groups.push([]);
      used = 0;
    }
    groups[groups.length - 1].push(cell);
    used += cell.width + 3;
  }
  return groups;
}

const matrices = (e: Estimate, layout: Layout): readonly string[] =>
  matricesText({ labels: e.labels, matrices: e.matrices, note: e.documentation }, layout);
