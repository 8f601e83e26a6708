import { expect, test } from 'vitest';
import { referenceEngine } from '../../../src/engine/reference/engine.js';
import { isTensorFlowInstalled } from '../../../src/engine/tensorflow/load.js';
import { openTfjs } from '../../../src/engine/tfjs/engine.js';
import { example, momentsDifference } from '../../emit/emitted.js';
import { all } from '../../emit/models.js';

test.skipIf(!isTensorFlowInstalled().ok)('the same module runs on the TensorFlow library', async () => {
  const { engine, problem } = await openTfjs({ threads: 1, device: 'auto' });
  expect(problem).toBeUndefined();
  expect(engine!.version).toContain('tensorflow');
  for (const model of [all.full, all.kMeans, all.regressions, all.labelled, all.weighted]) {
    const { program, data, start } = await example(model);
    const session = await engine!.open(program, data);
    const reference = await referenceEngine.open(program, data);
    const [ours, theirs] = [await session.expectation(start), await reference.expectation(start)];
    expect(Math.abs(ours.logLikelihood - theirs.logLikelihood)).toBeLessThan(
      1e-5 * Math.abs(theirs.logLikelihood),
    );
    expect(momentsDifference(ours.moments, theirs.moments)).toBeLessThan(1e-4);
    session.dispose();
  }
});
