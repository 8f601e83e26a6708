/**
 * The columns that a body kernel holds: first those that are summed, then what else the body reads. A category of the data is
 * columns too, of ones where a row has the category and zeros elsewhere: what the parameters have for each is chosen by them, and
 * sums of weights by category are sums of these columns.
 *
 *     before   slot a[category]                                    Σ r by category
 *     after    choose c2 then a[2] else choose c1 then a[1] else a[0]      Σ r c0, Σ r c1, Σ r c2
 */
import { neededMoments } from '../../../plan/needed-moments.js';
import { withOperands } from '../../../plan/row-body.js';
import type { NodeId, RowBody, RowNode, Source } from '../../../plan/row-body.js';
import type { Program } from '../../../plan/types.js';
import { sumsPerComponent } from '../../../emit/javascript/kernel-shape.js';
import type { ColumnPair } from '../../feature-stage.js';
import type { RowData } from '../../types.js';

export interface HeldColumns {
  /** for each that is held: a column of the rows, or what tells a category */
  readonly held: readonly (number | { readonly stratum: number; readonly combination: number })[];
  /** how many of them are summed, and the products of these that are */
  readonly summed: number;
  readonly pairs: readonly ColumnPair[];
  /** where n, the sums of columns and those of products of component k stand among those of generated JavaScript */
  readonly places: readonly { readonly stratum: number; readonly first: number; readonly step: number }[];
}

/** `columns`: those of the program, and what is computed of them once; `read`: those that bodies read. */
export function heldColumnsOf(program: Program, columns: number, read: ReadonlySet<number>): HeldColumns {
  const { plan, strataSizes } = program;
  const c = program.columns.length;
  const { means, products } = neededMoments(program, 0);
  const all = Array.from({ length: columns }, (_, a) => a);
  const summed = all.filter((a) => a < c && means[a]);
  const categories = plan.strata.flatMap((_, stratum) =>
    stratum === 0
      ? []
      : Array.from({ length: strataSizes[stratum] }, (__, combination) => ({ stratum, combination })),
  );
  const [{ pairs: kind }] = plan.strata;
  // as the sums of generated JavaScript stand
  const stated = all.slice(0, c).flatMap((a) => {
    if (kind === 'none') return [];
    return kind === 'squares' ? [[a, a] as const] : all.slice(a, c).map((b) => [a, b] as const);
  });
  const made = stated.map((_, at) => at).filter((at) => products[stated[at][0] * c + stated[at][1]]);
  const ofAll = { stratum: 0, step: sumsPerComponent(c, kind) };
  return {
    held: [...summed, ...categories, ...all.filter((a) => read.has(a) && !summed.includes(a))],
    summed: summed.length + categories.length,
    pairs: made.map((at): ColumnPair => [summed.indexOf(stated[at][0]), summed.indexOf(stated[at][1])]),
    places: [
      { ...ofAll, first: 0 },
      ...summed.map((a) => ({ ...ofAll, first: 1 + a })),
      ...categories.map(({ stratum, combination }) => {
        const width = sumsPerComponent(c, plan.strata[stratum].pairs);
        return { stratum, first: combination * width, step: strataSizes[stratum] * width };
      }),
      ...made.map((at) => ({ ...ofAll, first: 1 + c + at })),
    ],
  };
}

/** A body that reads the columns held, and its nodes. Numbers of the parameters stay where they are. */
export function overHeldColumns(
  body: RowBody,
  { held }: HeldColumns,
  { strataSizes }: Program,
): { readonly body: RowBody; readonly of: (id: NodeId) => NodeId } {
  const nodes: RowNode[] = [];
  const put = (node: RowNode): NodeId => nodes.push(node) - 1;
  const places: NodeId[] = [];
  const category = (stratum: number, combination: number): number =>
    held.findIndex((h) => typeof h !== 'number' && h.stratum === stratum && h.combination === combination);
  const written = (node: RowNode): NodeId => {
    if (node.kind === 'column') return put({ ...node, column: held.indexOf(node.column) });
    const stratum = node.kind === 'slot' ? body.sources[node.source].stratum : 0;
    if (node.kind !== 'slot' || stratum === 0) return put(withOperands(node, (id) => places[id]));
    const slot = (combination: number): NodeId =>
      put({ ...node, entry: node.entry * strataSizes[stratum] + combination });
    let chosen = slot(0);
    for (let combination = 1; combination < strataSizes[stratum]; combination++) {
      const when = put({ kind: 'column', column: category(stratum, combination) });
      chosen = put({ kind: 'choose', when, then: slot(combination), otherwise: chosen });
    }
    return chosen;
  };
  for (const node of body.nodes) places.push(written(node));
  const isRead = new Set(body.nodes.flatMap((n) => (n.kind === 'squares' ? [n.source] : [])));
  const sources = body.sources.map((source, n): Source =>
    source.stratum === 0 || isRead.has(n)
      ? source
      : { ...source, stratum: 0, length: source.length * strataSizes[source.stratum] },
  );
  return { body: { ...body, nodes, sources }, of: (id) => places[id] };
}

/** The numbers of a column that is held. */
export const columnOf = (
  held: HeldColumns['held'][number],
  columns: readonly Float64Array[],
  { strata = [] }: Pick<RowData, 'strata'>,
): Float64Array =>
  typeof held === 'number'
    ? columns[held]
    : Float64Array.from(strata[held.stratum - 1], (code) => Number(code === held.combination));
