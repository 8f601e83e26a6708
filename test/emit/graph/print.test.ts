import { expect, it } from 'vitest';
import { buildGraph } from '../../../src/emit/graph/build.js';
import { allPairs } from '../../../src/emit/graph/feature-stage.js';
import { printGraph } from '../../../src/emit/graph/print.js';

it('builds the graph of a full covariance in two lanes and a rest', async () => {
  const model = buildGraph(
    {
      columns: 2,
      components: 3,
      logitPairs: allPairs(2),
      statisticPairs: allPairs(2),
      assignment: 'soft',
      weighted: false,
      labelled: false,
    },
    { rows: 1205, lanes: 2, block: 300 },
  );
  await expect(printGraph(model)).toMatchFileSnapshot('../../golden/graph/full-covariance.txt');
});

it('builds the graph of weighted, partly labelled k-means in one block', async () => {
  const model = buildGraph(
    {
      columns: 2,
      components: 3,
      logitPairs: [],
      statisticPairs: [],
      assignment: 'hard',
      weighted: true,
      labelled: true,
    },
    { rows: 100, lanes: 8, block: 300 },
  );
  await expect(printGraph(model)).toMatchFileSnapshot('../../golden/graph/k-means.txt');
});
