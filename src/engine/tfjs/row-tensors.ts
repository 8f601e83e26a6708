/** Nodes of a row body as tensors of a block of rows: [B, K] where a node differs between components, else [B, 1] or [1, 1]. */
import type * as tfjs from '@tensorflow/tfjs-core';
import { functions } from '../../algebra/functions.js';
import type { FunctionName, Relation } from '../../algebra/types.js';
import { needed } from '../../plan/row-body.js';
import type { NodeId, RowBody, RowNode } from '../../plan/row-body.js';
import type { Tf } from './module.js';

type Tensor = tfjs.Tensor2D;

/** What a body reads. */
export interface RowTensors {
  readonly components: number;
  readonly strataSizes: readonly number[];
  readonly slots: Float64Array;
  /** [B, 1] */
  readonly column: (column: number) => Tensor;
  /** int32 [B] */
  readonly codes: (stratum: number) => tfjs.Tensor1D;
  /** [B, 1], 1 inside */
  readonly support: (support: number) => Tensor;
}

/** The wanted node; inside a `tf.tidy`. */
export function rowTensor(tf: Tf, body: RowBody, wanted: NodeId, inputs: RowTensors): Tensor {
  const tensors = new Map<NodeId, Tensor>();
  /** [1, K or 1] or, told apart by what the row says, [B, K or 1] */
  const slot = (source: number, entry: number): Tensor => {
    const { length, stratum, isShared } = body.sources[source];
    const combinations = inputs.strataSizes[stratum];
    const components = isShared ? 1 : inputs.components;
    const table = new Float32Array(combinations * components);
    for (let k = 0; k < components; k++)
      for (let c = 0; c < combinations; c++)
        table[c * components + k] =
          inputs.slots[body.starts[source] + (k * length + entry) * combinations + c];
    const whole = tf.tensor2d(table, [combinations, components]);
    return stratum === 0 ? whole : tf.gather(whole, inputs.codes(stratum));
  };
  for (const id of needed(body, [wanted]))
    tensors.set(
      id,
      tensorOf(tf, body.nodes[id], (other) => tensors.get(other)!, { inputs, slot }),
    );
  return tensors.get(wanted)!;
}

interface Reading {
  readonly inputs: RowTensors;
  readonly slot: (source: number, entry: number) => Tensor;
}

function tensorOf(tf: Tf, node: RowNode, of: (id: NodeId) => Tensor, { inputs, slot }: Reading): Tensor {
  const number = (value: number): Tensor => tf.tensor2d([value], [1, 1]);
  switch (node.kind) {
    case 'number':
      return number(node.value);
    case 'column':
      return inputs.column(node.column);
    case 'support':
      return inputs.support(node.support);
    case 'slot':
      return slot(node.source, node.entry);
    case 'add':
      return tf.add(of(node.left), of(node.right));
    case 'product':
      return tf.mul(of(node.left), of(node.right));
    case 'multiply': {
      const [left, right] = [of(node.left), of(node.right)];
      const isZero = tf.logicalOr(tf.equal(left, 0), tf.equal(right, 0));
      const product: Tensor = tf.mul(left, right);
      return tf.where(isZero, number(0), product);
    }
    case 'maximum':
      return tf.maximum(of(node.left), of(node.right));
    case 'power':
      return power(tf, of(node.base), node.exponent);
    case 'function':
      return functionOf(tf, node.name, of(node.argument));
    case 'condition':
      return tf.cast(compare(tf, node.relation, of(node.left), of(node.right)), 'float32');
    case 'choose':
      return tf.where(tf.notEqual(of(node.when), 0), of(node.then), of(node.otherwise));
    case 'squares': {
      const n = node.residual.length;
      let at = 0;
      const rows = Array.from({ length: n }, (_, i) => {
        const columns = Array.from({ length: n }, (__, j) => j).filter((j) =>
          node.triangle === 'lower' ? j <= i : j >= i,
        );
        return tf.square(
          addAll(
            tf,
            columns.map((j) => tf.mul(slot(node.source, at++), of(node.residual[j]))),
          ),
        );
      });
      return addAll(tf, rows);
    }
  }
}

const addAll = (tf: Tf, terms: readonly Tensor[]): Tensor => terms.reduce((a, b) => tf.add(a, b));

function power(tf: Tf, base: Tensor, exponent: number): Tensor {
  if (exponent === 2) return tf.square(base);
  if (exponent === -1) return tf.reciprocal(base);
  return exponent === 0.5 ? tf.sqrt(base) : tf.pow(base, exponent);
}

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
    // tfjs has no operation for these: number by number
    case 'lgamma':
    case 'digamma':
    case 'trigamma':
    case 'logbesseli0':
    case 'besselratio':
      return tf.tensor2d(Float32Array.from(x.dataSync(), functions[name].value), x.shape);
  }
}
