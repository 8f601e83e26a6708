import seedrandom from 'seedrandom';
import { describe, expect, it } from 'vitest';
import { LANES, blockRows } from '../../../src/emit/graph/blocks.js';
import { buildGivenGraph, buildGraph, buildRowGraph } from '../../../src/emit/graph/build.js';
import { allPairs, featureLayout, squarePairs } from '../../../src/emit/graph/feature-stage.js';
import type { ColumnPair, FeatureStage } from '../../../src/emit/graph/feature-stage.js';
import { isTensorFlowInstalled, loadTensorFlow } from '../../../src/engine/tensorflow/load.js';
import { float64Tensor, loadGraph } from '../../../src/engine/tensorflow/saved-graph.js';
import type { Tensor } from '../../../src/engine/tensorflow/saved-graph.js';
import { plainStage } from './plain-stage.js';
import type { StageInput } from './plain-stage.js';

const missing = !isTensorFlowInstalled().ok;

async function tensorflow() {
  const loaded = await loadTensorFlow({ threads: 2 });
  if (loaded.kind === 'unavailable') throw new Error(loaded.reason);
  return loaded.tf;
}

function randomInput(stage: FeatureStage, rows: number, seed: string): StageInput {
  const random = seedrandom(seed);
  const spread = (): number => 2 * random() - 1;
  const { columns, components } = stage;
  const eta = Float64Array.from(
    { length: featureLayout(stage).logitFeatures * components },
    () => 2 * spread(),
  );
  return {
    rows,
    u: Float64Array.from({ length: columns * rows }, () => 2 * spread()),
    eta,
    weights: stage.weighted
      ? Float64Array.from({ length: rows }, () => (random() < 0.2 ? 0 : 3 * random()))
      : undefined,
    labels: stage.labelled
      ? Int32Array.from({ length: rows }, () => (random() < 0.5 ? 0 : 1 + Math.floor(random() * components)))
      : undefined,
  };
}

async function rowTensors(stage: FeatureStage, input: StageInput): Promise<Record<string, Tensor>> {
  const tf = await tensorflow();
  return {
    rows: float64Tensor(tf, input.u, [stage.columns, input.rows]),
    ...(input.weights === undefined ? {} : { weights: float64Tensor(tf, input.weights, [1, input.rows]) }),
    ...(input.labels === undefined ? {} : { labels: tf.tensor(input.labels, [input.rows], 'int32') }),
  };
}

async function graphStage(stage: FeatureStage, input: StageInput, block = blockRows(stage)) {
  const tf = await tensorflow();
  const graph = await loadGraph(tf, buildGraph(stage, { rows: input.rows, lanes: LANES, block }));
  const eta = float64Tensor(tf, input.eta, [featureLayout(stage).logitFeatures, stage.components]);
  const out = graph.run({ ...(await rowTensors(stage, input)), eta });
  graph.dispose();
  const uncertainty = 'uncertainty' in out ? out['uncertainty'][0] : 0;
  return { sums: out['sums'], logLikelihood: out['logLikelihood'][0], uncertainty };
}

async function graphRows(stage: FeatureStage, input: StageInput, block: number) {
  const tf = await tensorflow();
  const graph = await loadGraph(tf, buildRowGraph(stage, { rows: input.rows, lanes: LANES, block }));
  const { weights: _, ...tensors } = await rowTensors(stage, input);
  const eta = float64Tensor(tf, input.eta, [featureLayout(stage).logitFeatures, stage.components]);
  const responsibilities: number[] = [];
  const logDensity: number[] = [];
  for (let start = 0; start < input.rows; start += LANES * block) {
    const part = graph.run({ ...tensors, eta, start: tf.scalar(start, 'int32') });
    responsibilities.push(...part['responsibilities']);
    logDensity.push(...part['logDensity']);
  }
  graph.dispose();
  return { responsibilities, logDensity };
}

/** Equal to 1e-12 of the largest of them. */
function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  const values = Array.from(expected);
  const tolerance = 1e-12 * Math.max(1, ...values.map(Math.abs));
  expect(actual.length).toBe(values.length);
  for (const [i, value] of values.entries())
    expect(Math.abs(actual[i] - value)).toBeLessThanOrEqual(tolerance);
}

const lists: Readonly<Record<string, (columns: number) => readonly ColumnPair[]>> = {
  none: () => [],
  squares: squarePairs,
  all: allPairs,
  some: (columns) => allPairs(columns).filter(([a, b]) => (a + 2 * b) % 3 === 0),
};

const cases = [
  { logits: 'all', statistics: 'all', columns: 3, components: 4, rows: 5000, block: 200 },
  { logits: 'squares', statistics: 'squares', columns: 4, components: 3, rows: 4097, block: 300 },
  { logits: 'none', statistics: 'none', columns: 3, components: 5, rows: 3000, block: 128 },
  { logits: 'none', statistics: 'all', columns: 3, components: 2, rows: 2300, block: 1000 },
  { logits: 'all', statistics: 'squares', columns: 3, components: 2, rows: 2300, block: 1000 },
  { logits: 'some', statistics: 'all', columns: 5, components: 3, rows: 2200, block: 256 },
  { logits: 'all', statistics: 'all', columns: 1, components: 3, rows: 2500, block: 256 },
  { logits: 'all', statistics: 'all', columns: 2, components: 1, rows: 2500, block: 256 },
  { logits: 'none', statistics: 'none', columns: 1, components: 1, rows: 2048, block: 256 },
  { logits: 'all', statistics: 'all', columns: 2, components: 3, rows: 50, block: 3000 },
  { logits: 'all', statistics: 'all', columns: 2, components: 3, rows: 1, block: 3000 },
] as const;

/** Weights and labels: all four combinations where there is a loop and a rest, both at once elsewhere. */
const marksFor = (rows: number): readonly (readonly [weighted: boolean, labelled: boolean])[] =>
  rows >= 4000
    ? [
        [false, false],
        [true, false],
        [false, true],
        [true, true],
      ]
    : [[true, true]];

describe('the graph of a feature stage', () => {
  for (const { logits, statistics, columns, components, rows, block } of cases)
    for (const assignment of ['soft', 'hard'] as const)
      for (const [weighted, labelled] of marksFor(rows)) {
        const marks = `${weighted ? ', weights' : ''}${labelled ? ', labels' : ''}`;
        const name = `${assignment}, logits ${logits}, statistics ${statistics}, C=${columns}, K=${components}, N=${rows}${marks}`;
        it.skipIf(missing)(`agrees with plain float64: ${name}`, async () => {
          const stage: FeatureStage = {
            columns,
            components,
            logitPairs: lists[logits](columns),
            statisticPairs: lists[statistics](columns),
            assignment,
            weighted,
            labelled,
          };
          const input = randomInput(stage, rows, name);
          const plain = plainStage(stage, input);
          const graph = await graphStage(stage, input, block);
          expectClose(graph.sums, plain.sums);
          expectClose([graph.logLikelihood], [plain.logLikelihood]);
          expectClose([graph.uncertainty], [plain.uncertainty]);
          const byRow = await graphRows(stage, input, 100);
          expectClose(byRow.responsibilities, plain.responsibilities);
          expectClose(byRow.logDensity, plain.logDensity);
        });
      }

  it.skipIf(missing)('gives a row between several centres to the first of them', async () => {
    const stage: FeatureStage = {
      columns: 1,
      components: 4,
      logitPairs: [],
      statisticPairs: [],
      assignment: 'hard',
      weighted: false,
      labelled: false,
    };
    const rows = 3000;
    const u = Float64Array.from({ length: rows }, (_, i) => (i % 5) - 2);
    // at u = 0 the first three are equal, elsewhere pairs of them
    const eta = Float64Array.of(0, 0, 0, -9, 1, 1, -1, 1);
    const input = { rows, u, eta, weights: undefined, labels: undefined };
    expect((await graphStage(stage, input, 100)).sums).toEqual(plainStage(stage, input).sums);
    expectClose(
      (await graphRows(stage, input, 100)).responsibilities,
      plainStage(stage, input).responsibilities,
    );
  });

  it.skipIf(missing)('takes a component without weight: logit −∞', async () => {
    const stage: FeatureStage = {
      columns: 2,
      components: 3,
      logitPairs: squarePairs(2),
      statisticPairs: squarePairs(2),
      assignment: 'soft',
      weighted: false,
      labelled: true,
    };
    const random = randomInput(stage, 2500, 'no weight');
    const eta = random.eta.slice();
    eta[1] = -Infinity;
    const input = { ...random, eta, labels: random.labels!.map((label) => (label === 2 ? 0 : label)) };
    const plain = plainStage(stage, input);
    const graph = await graphStage(stage, input, 200);
    expectClose(graph.sums, plain.sums);
    expectClose([graph.logLikelihood], [plain.logLikelihood]);
  });

  it.skipIf(missing)('gives the same bits on every run', async () => {
    const stage: FeatureStage = {
      columns: 3,
      components: 4,
      logitPairs: allPairs(3),
      statisticPairs: allPairs(3),
      assignment: 'soft',
      weighted: false,
      labelled: false,
    };
    const input = randomInput(stage, 20_000, 'bits');
    const first = await graphStage(stage, input);
    for (let run = 0; run < 3; run++) expect(await graphStage(stage, input)).toEqual(first);
  });

  it.skipIf(missing)('makes the sums under given responsibilities', async () => {
    const tf = await tensorflow();
    const stage: FeatureStage = {
      columns: 3,
      components: 4,
      logitPairs: squarePairs(3),
      statisticPairs: allPairs(3),
      assignment: 'soft',
      weighted: true,
      labelled: false,
    };
    const input = randomInput(stage, 3100, 'given');
    const { responsibilities } = plainStage(stage, input);
    const graph = await loadGraph(tf, buildGivenGraph(stage, { rows: input.rows, lanes: LANES, block: 200 }));
    const { sums } = graph.run({
      ...(await rowTensors(stage, input)),
      responsibilities: float64Tensor(tf, responsibilities, [input.rows, stage.components]),
    });
    graph.dispose();
    expectClose(
      sums,
      plainStage({ ...stage, logitPairs: [] }, { ...input, eta: input.eta }).sums.map((_, at) =>
        expected(at),
      ),
    );

    function expected(at: number): number {
      const [p, k] = [Math.floor(at / stage.components), at % stage.components];
      let sum = 0;
      for (let i = 0; i < input.rows; i++) {
        const x = [0, 1, 2].map((c) => input.u[c * input.rows + i]);
        const phi = [1, ...x, ...allPairs(3).map(([a, b]) => x[a] * x[b])];
        sum += input.weights![i] * responsibilities[i * stage.components + k] * phi[p];
      }
      return sum;
    }
  });
});
