/**
 * The nodes of a row body over a block of rows: what the data alone say is computed once, in float64; what the parameters
 * alone say in every step, in float64; what is of both on tensors of float32 (`row-parts.ts`).
 */
import type * as tfjs from '@tensorflow/tfjs-core';
import { holds } from '../../algebra/build.js';
import { functions } from '../../algebra/functions.js';
import type { FunctionName, Relation } from '../../algebra/types.js';
import { needed, operands } from '../../plan/row-body.js';
import type { NodeId, RowBody, RowNode } from '../../plan/row-body.js';
import { rowValues } from '../../plan/row-values.js';
import { standardisationOf } from '../standardise.js';
import type { RowData } from '../types.js';
import type { Tf } from './module.js';
import { isFinitePart, numberPart, partAlgebra, tablePart } from './row-parts.js';
import type { Part, PartAlgebra } from './row-parts.js';
import { lgamma, logBesselI0 } from './special-tensors.js';

type Tensor = tfjs.Tensor2D;

// ------------------------------------------------------------------------------------------------ of the data alone

/** A node of the data alone, in every row: shift + scale × u. */
export interface DataNode {
  readonly id: NodeId;
  readonly u: Float32Array;
  readonly shift: number;
  readonly scale: number;
  readonly isFinite: boolean;
}

/** The largest nodes of the data alone that the wanted one is made of. */
export function dataNodes(body: RowBody, wanted: NodeId, data: RowData): readonly DataNode[] {
  const reads: ('nothing' | 'data' | 'parameters')[] = [];
  for (const node of body.nodes) {
    const parts = new Set(operands(node).map((id) => reads[id]));
    if (node.kind === 'slot' || node.kind === 'squares' || parts.has('parameters')) reads.push('parameters');
    else if (node.kind === 'column' || node.kind === 'support' || parts.has('data')) reads.push('data');
    else reads.push('nothing');
  }
  const asked = needed(body, [wanted])
    .filter((id) => reads[id] === 'parameters')
    .flatMap((id) => operands(body.nodes[id]));
  const ids = new Set([wanted, ...asked].filter((id) => reads[id] === 'data'));
  return [...ids].map((id) => {
    const node = body.nodes[id];
    return dataNode(
      id,
      node.kind === 'column'
        ? data.columns[node.column]
        : rowValues(body, [id], data.rows, data.columns, data.supports ?? [])[0],
    );
  });
}

/** The shift is a multiple of the scale, so that small whole numbers, and equality to them, stay exact in float32. */
function dataNode(id: NodeId, values: Float64Array): DataNode {
  const finite = values.every((x) => Number.isFinite(x)) ? values : values.filter((x) => Number.isFinite(x));
  const found = standardisationOf({
    rows: finite.length,
    columns: [finite],
    weights: undefined,
    labels: [],
  });
  const scale = found.scale[0];
  const shift = Math.round(found.shift[0] / scale) * scale;
  const u = Float32Array.from(values, (x) => (x - shift) / scale);
  return { id, u, shift, scale, isFinite: finite.length === values.length };
}

// ------------------------------------------------------------------------------------------------ of a block

/** What a body reads of a block of rows. */
export interface RowTensors {
  readonly components: number;
  readonly strataSizes: readonly number[];
  readonly slots: Float64Array;
  /** [B, 1] each */
  readonly data: readonly (Omit<DataNode, 'u'> & { readonly u: Tensor })[];
  /** int32 [B] */
  readonly codes: (stratum: number) => tfjs.Tensor1D;
}

/** The wanted node, [B, K] where it differs between components, else [B, 1] or [1, 1]; inside a `tf.tidy`. */
export function rowTensor(tf: Tf, body: RowBody, wanted: NodeId, inputs: RowTensors): Tensor {
  const algebra = partAlgebra(tf, inputs.strataSizes, inputs.codes);
  const parts = new Map<NodeId, Part>(
    inputs.data.map(({ id, u, shift, scale, isFinite }) => [
      id,
      { ...numberPart(shift), rows: u, scale, isFinite },
    ]),
  );
  const slot = (source: number, entry: number): Part => {
    const { length, stratum, isShared } = body.sources[source];
    const combinations = inputs.strataSizes[stratum];
    const width = isShared ? 1 : inputs.components;
    const table = new Float64Array(combinations * width);
    for (let k = 0; k < width; k++)
      for (let c = 0; c < combinations; c++)
        table[c * width + k] = inputs.slots[body.starts[source] + (k * length + entry) * combinations + c];
    return tablePart(table, width, stratum);
  };
  const of = (id: NodeId): Part => {
    const found = parts.get(id) ?? partOf(tf, body.nodes[id], { algebra, of, slot });
    parts.set(id, found);
    return found;
  };
  return algebra.whole(of(wanted));
}

interface Reading {
  readonly algebra: PartAlgebra;
  readonly of: (id: NodeId) => Part;
  readonly slot: (source: number, entry: number) => Part;
}

function partOf(tf: Tf, node: RowNode, { algebra, of, slot }: Reading): Part {
  const { add, product, multiply, square, map, pair, whole } = algebra;
  switch (node.kind) {
    case 'number':
      return numberPart(node.value);
    case 'column':
    case 'support':
      throw new Error('a column is a node of the data alone');
    case 'slot':
      return slot(node.source, node.entry);
    case 'add':
      return add(of(node.left), of(node.right));
    case 'product':
      return product(of(node.left), of(node.right));
    case 'multiply':
      return multiply(of(node.left), of(node.right));
    case 'maximum':
      return pair(of(node.left), of(node.right), Math.max, (x, y) => tf.maximum(x, y));
    case 'power': {
      const { base, exponent } = node;
      if (exponent === 2) return square(of(base));
      return map(
        of(base),
        (x) => x ** exponent,
        (x) => power(tf, x, exponent),
      );
    }
    case 'function':
      return map(of(node.argument), functions[node.name].value, (x) => functionOf(tf, node.name, x));
    case 'condition': {
      const { relation } = node;
      const [left, right] = [of(node.left), of(node.right)];
      const areFinite = isFinitePart(left) && isFinitePart(right);
      // what is left of numbers that are alike is exact
      const [a, b] = areFinite ? [add(left, product(numberPart(-1), right)), numberPart(0)] : [left, right];
      return pair(
        a,
        b,
        (x, y) => (holds(relation, x, y) ? 1 : 0),
        (x, y) => tf.cast(compare(tf, relation, x, y), 'float32'),
      );
    }
    case 'choose': {
      const when = of(node.when);
      if (when.rows === undefined && when.table.every((x) => x !== 0)) return of(node.then);
      if (when.rows === undefined && when.table.every((x) => x === 0)) return of(node.otherwise);
      const chosen: Tensor = tf.where(
        tf.notEqual(whole(when), 0),
        whole(of(node.then)),
        whole(of(node.otherwise)),
      );
      return { ...numberPart(0), rows: chosen, isFinite: false };
    }
    case 'squares': {
      const n = node.residual.length;
      let at = 0;
      const rows = Array.from({ length: n }, (_, i) => {
        const columns = Array.from({ length: n }, (__, j) => j).filter((j) =>
          node.triangle === 'lower' ? j <= i : j >= i,
        );
        const terms = columns.map((j) => product(slot(node.source, at++), of(node.residual[j])));
        return square(terms.reduce(add));
      });
      return rows.reduce(add);
    }
  }
}

const power = (tf: Tf, base: Tensor, exponent: number): Tensor => {
  if (exponent === -1) return tf.reciprocal(base);
  return exponent === 0.5 ? tf.sqrt(base) : tf.pow(base, exponent);
};

function compare(tf: Tf, relation: Relation, left: Tensor, right: Tensor): Tensor {
  switch (relation) {
    case '=':
      return tf.equal(left, right);
    case '!=':
      return tf.notEqual(left, right);
    case '<':
      return tf.less(left, right);
    case '<=':
      return tf.lessEqual(left, right);
    case '>':
      return tf.greater(left, right);
    case '>=':
      return tf.greaterEqual(left, right);
  }
}

function functionOf(tf: Tf, name: FunctionName, x: Tensor): Tensor {
  switch (name) {
    case 'log':
      return tf.log(x);
    case 'exp':
      return tf.exp(x);
    case 'abs':
      return tf.abs(x);
    case 'cos':
      return tf.cos(x);
    case 'sin':
      return tf.sin(x);
    case 'logistic':
      return tf.sigmoid(x);
    // tfjs has a softplus of its own, which some backends lack
    case 'softplus':
      return tf.add(tf.relu(x), tf.log1p(tf.exp(tf.neg(tf.abs(x)))));
    case 'lgamma':
      return lgamma(tf, x);
    case 'logbesseli0':
      return logBesselI0(tf, x);
    // slopes of the two above: no log density has them
    case 'digamma':
    case 'trigamma':
    case 'besselratio':
      throw new Error(`no tensor has ${name}`);
  }
}
