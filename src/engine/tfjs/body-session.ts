/**
 * A program that the emitted module has no tensors for (groups, several latents, categories, branches, log densities that
 * are no polynomials) on tfjs operations, float32: the nodes of its logits one by one. Groups are joined, and sums inside
 * Newton's method made, in float64 beside it.
 */
import type * as tfjs from '@tensorflow/tfjs-core';
import { lowerLogits } from '../../plan/lower-rows.js';
import { fillSlots } from '../../plan/slots.js';
import type { Moments, Pairs, Parameters, Program } from '../../plan/types.js';
import { groupCombinations, groupsOf, groupWeight, posteriorsOf } from '../groups.js';
import type { Posteriors } from '../groups.js';
import { openRowReading } from '../javascript/row-reading.js';
import { finiteColumns, keepMeansWithin, rangesOf, standardisationOf } from '../standardise.js';
import type { Expectation, RowData, RowPosterior, Session } from '../types.js';
import { mergeMoments } from './merge.js';
import type { Tf } from './module.js';
import { dataNodes, rowTensor } from './row-tensors.js';
import type { DataNode, RowTensors } from './row-tensors.js';

type Tensor = tfjs.Tensor2D;

/** Numbers in the largest tensor of a block, about. */
const BLOCK_NUMBERS = 4e6;

/** The rows of a block as tensors. */
interface Block {
  readonly first: number;
  readonly count: number;
  /** what the logits read of the data alone, [B, 1] each */
  readonly data: RowTensors['data'];
  /** [B, C] centred and scaled */
  readonly u: Tensor;
  /** [B, 1] */
  readonly weights: Tensor | undefined;
  /** for each stratum after the first: int32 [B] */
  readonly codes: readonly tfjs.Tensor1D[];
  /** [B, K], 0 where labels allow a component and −∞ where they do not */
  readonly known: Tensor | undefined;
}

export function openBodySession(tf: Tf, program: Program, data: RowData, threads: number): Session {
  const { plan, components } = program;
  const { rows } = data;
  const { body, logit } = lowerLogits(program);
  const g = groupCombinations(program);
  const standardisation = standardisationOf(finiteColumns(data));
  const ranges = rangesOf(data);
  const rowsRead = openRowReading(program, data, { threads });
  const blocks = blocksOf(tf, program, data, dataNodes(body, logit, data));
  const slots = new Float64Array(body.slots);

  const logitsOf = (block: Block): Tensor => {
    const own = rowTensor(tf, body, logit, {
      components,
      strataSizes: program.strataSizes,
      slots,
      data: block.data,
      codes: (s) => block.codes[s - 1],
    });
    const whole: Tensor = tf.broadcastTo(own, [block.count, components]);
    return block.known === undefined ? whole : tf.add<Tensor>(whole, block.known);
  };

  const posteriorsAt = async (parameters: Parameters): Promise<Posteriors> => {
    fillSlots(body, program, parameters, slots);
    const responsibilities = new Float64Array(rows * components);
    const ofRow = new Float64Array(rows * g);
    for (const block of blocks) {
      const { first, count } = block;
      const [r, l] = tf.tidy(() =>
        softmax(tf, tf.reshape(logitsOf(block), [count * g, components / g]), plan.assignment === 'hard'),
      );
      responsibilities.set(await r.data(), first * components);
      ofRow.set(await l.data(), first * g);
      tf.dispose([r, l]);
    }
    return posteriorsOf(program, data, parameters, responsibilities, ofRow);
  };

  const momentsUnder = async (responsibilities: Float64Array, ofGroups: Float64Array): Promise<Moments> => {
    const parts: Moments[][] = [];
    for (const block of blocks) {
      const from = block.first * components;
      const ofRows = Float32Array.from(responsibilities.subarray(from, from + block.count * components));
      const r = tf.tidy(() => {
        const given = tf.tensor2d(ofRows, [block.count, components]);
        return block.weights === undefined ? given : tf.mul<Tensor>(given, block.weights);
      });
      const ofBlock: Moments[] = [];
      for (const [s, { pairs }] of plan.strata.entries()) {
        const own = s === 0 ? r : spread(tf, r, block.codes[s - 1], program.strataSizes[s]);
        ofBlock.push(await momentsOf(tf, block.u, own, pairs));
        if (s > 0) own.dispose();
      }
      r.dispose();
      parts.push(ofBlock);
    }
    const { shift, scale } = standardisation;
    const [first, ...strata] = plan.strata.map((_, s) =>
      keepMeansWithin(ranges, inUnits(mergeMoments(parts.map((p) => p[s])), shift, scale)),
    );
    return {
      ...first,
      ...(strata.length === 0 ? {} : { strata }),
      ...(data.groups === undefined ? {} : { groupWeight: groupWeight(program, ofGroups) }),
      ...rowsRead.under(responsibilities),
    };
  };

  return {
    expectation: async (parameters): Promise<Expectation> => {
      const { responsibilities, ofGroups, logLikelihood } = await posteriorsAt(parameters);
      return { moments: await momentsUnder(responsibilities, ofGroups), logLikelihood };
    },
    momentsOf: (r) => momentsUnder(r, groupsOf(program, data, r)),
    posterior: async (parameters): Promise<RowPosterior> => {
      const { responsibilities, logDensity } = await posteriorsAt(parameters);
      return { responsibilities, logDensity };
    },
    dispose: () => {
      rowsRead.dispose();
      for (const { data: nodes, u, weights, codes, known } of blocks)
        tf.dispose([...nodes.map((node) => node.u), u, ...codes, weights ?? [], known ?? []].flat());
    },
  };
}

/** Responsibilities and log Σ exp [B, 1]: on the first largest where it is hard, and in a row of density 0. */
function softmax(tf: Tf, logits: Tensor, hard: boolean): [Tensor, Tensor] {
  if (logits.shape[1] === 1) return [tf.onesLike(logits), tf.clone(logits)];
  const top = tf.max<Tensor>(logits, 1, true);
  const owner = tf.cast(tf.oneHot(tf.argMax(logits, 1), logits.shape[1]), 'float32') as Tensor;
  if (hard) return [owner, tf.clone(top)];
  const isNowhere = tf.equal(top, -Infinity);
  const share = tf.exp(tf.sub(logits, tf.where(isNowhere, tf.zerosLike(top), top)));
  const total = tf.sum<Tensor>(share, 1, true);
  const within: Tensor = tf.div(share, total);
  return [tf.where(isNowhere, owner, within), tf.add(top, tf.log(total))];
}

/** Responsibilities for each combination of a stratum, [B, K × combinations]; disposes of nothing that it is given. */
const spread = (tf: Tf, r: Tensor, codes: tfjs.Tensor1D, combinations: number): Tensor =>
  tf.tidy(() => {
    if (combinations === 1) return tf.clone(r);
    const own = tf.cast(tf.oneHot(codes, combinations), 'float32');
    const [rows, k] = r.shape;
    return tf.reshape(tf.mul(tf.expandDims(r, 2), tf.expandDims(own, 1)), [rows, k * combinations]);
  });

/** The moments of u under responsibilities [B, K]: sums in float32, each around its own mean. */
async function momentsOf(tf: Tf, u: Tensor, r: Tensor, pairs: Pairs): Promise<Moments> {
  const sums = tf.tidy(() => {
    const weight = tf.sum(r, 0);
    // what owns nothing has the mean 0
    const own = tf.maximum(tf.expandDims(weight, 1), 1e-30);
    const mean = tf.div(tf.matMul(r, u, true), own);
    if (pairs === 'none') return [weight, mean];
    const d = tf.sub(tf.expandDims(u, 0), tf.expandDims(mean, 1));
    const rd = tf.mul(tf.expandDims(tf.transpose(r), 2), d);
    return [weight, mean, pairs === 'all' ? tf.matMul(rd, d, true) : tf.sum(tf.mul(rd, d), 1)];
  });
  const [weight, mean, scatter] = await Promise.all(sums.map((t) => t.data()));
  tf.dispose(sums);
  return {
    components: r.shape[1],
    columns: u.shape[1],
    weight: Float64Array.from(weight),
    mean: Float64Array.from(mean),
    scatter: Float64Array.from((scatter as Float32Array | undefined) ?? []),
  };
}

/** Moments of u = (column − shift) / scale as those of the columns. */
function inUnits(m: Moments, shift: Float64Array, scale: Float64Array): Moments {
  const c = m.columns;
  const isAll = m.scatter.length === m.components * c * c;
  return {
    ...m,
    mean: m.mean.map((x, at) => (m.weight[Math.floor(at / c)] > 0 ? shift[at % c] + scale[at % c] * x : 0)),
    scatter: m.scatter.map((x, at) =>
      isAll ? x * scale[at % c] * scale[Math.floor(at / c) % c] : x * scale[at % c] ** 2,
    ),
  };
}

function blocksOf(tf: Tf, program: Program, data: RowData, nodes: readonly DataNode[]): readonly Block[] {
  const c = data.columns.length;
  const widest = Math.max(1, ...program.strataSizes) * program.components * Math.max(1, c);
  const size = Math.max(1, Math.floor(BLOCK_NUMBERS / widest));
  const { shift, scale } = standardisationOf(finiteColumns(data));
  const standardised = finiteColumns(data).columns;
  return Array.from({ length: Math.max(1, Math.ceil(data.rows / size)) }, (_, n) => {
    const first = n * size;
    const count = Math.min(size, data.rows - first);
    const column = (values: ArrayLike<number>): Tensor =>
      tf.tensor2d(
        Float32Array.from({ length: count }, (__, i) => values[first + i]),
        [count, 1],
      );
    const u = Float32Array.from(
      { length: count * c },
      (__, at) => (standardised[at % c][first + Math.floor(at / c)] - shift[at % c]) / scale[at % c],
    );
    return {
      first,
      count,
      data: nodes.map((node) => ({ ...node, u: column(node.u) })),
      u: tf.tensor2d(u, [count, c]),
      weights: data.weights && column(data.weights),
      codes: (data.strata ?? []).map((s) => tf.tensor1d(s.slice(first, first + count), 'int32')),
      known: knownOf(tf, program, data, first, count),
    };
  });
}

function knownOf(tf: Tf, program: Program, data: RowData, first: number, count: number): Tensor | undefined {
  if (!data.labels.some((l) => l?.some((label) => label > 0))) return undefined;
  const { components: k, axisSizes } = program;
  const mask = new Float32Array(count * k);
  data.labels.forEach((labels, axis) => {
    const step = axisSizes.slice(axis + 1).reduce((a, b) => a * b, 1);
    for (let at = 0; labels !== undefined && at < mask.length; at++) {
      const label = labels[first + Math.floor(at / k)];
      const value = Math.floor((at % k) / step) % axisSizes[axis];
      if (label !== 0 && label !== value + 1) mask[at] = -Infinity;
    }
  });
  return tf.tensor2d(mask, [count, k]);
}
