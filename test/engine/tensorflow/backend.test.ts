/** tfjs has one current backend for the whole process. */
import { expect, it } from 'vitest';
import { referenceEngine } from '../../../src/engine/reference/engine.js';
import { openTensorFlow } from '../../../src/engine/tensorflow/engine.js';
import { isTensorFlowInstalled } from '../../../src/engine/tensorflow/load.js';
import { openTfjs } from '../../../src/engine/tfjs/engine.js';
import { examples } from '../../models.js';
import { drawnParameters, prepared } from '../programs.js';

const installed = isTensorFlowInstalled();

it.skipIf(!installed.ok)('TensorFlow takes its backend back from another engine', async () => {
  const options = { threads: 2, device: 'cpu' } as const;
  const run = await prepared(examples.find((e) => e.name === 'old-faithful')!);
  const parameters = await drawnParameters(run, 1);
  const { engine } = await openTensorFlow(options);
  const session = await engine!.open(run.program, run.data);
  const other = await openTfjs({ ...options, backend: 'cpu' });
  const theirs = await other.engine!.open(run.program, run.data);
  await theirs.expectation(parameters);
  const ours = await session.expectation(parameters);
  const truth = await (await referenceEngine.open(run.program, run.data)).expectation(parameters);
  expect(ours.logLikelihood).toBeCloseTo(truth.logLikelihood, 6);
  theirs.dispose();
  session.dispose();
});
