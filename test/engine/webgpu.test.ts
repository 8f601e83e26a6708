/** GPUs: what is there and what is said of it, everywhere; the engine itself where it can run. */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it, test } from 'vitest';
import { gpuReport, limitsOf, nvidiaDriverOf } from '../../src/engine/gpu.js';
import { openTensorFlow } from '../../src/engine/tensorflow/engine.js';
import { isTensorFlowGpuInstalled, whyNoGpu } from '../../src/engine/tensorflow/load.js';
import { adapterOf, adapterText } from '../../src/engine/tfjs/adapter.js';
import { openTfjs } from '../../src/engine/tfjs/engine.js';
import { packagesFrom } from '../../src/engine/tfjs/webgpu-packages.js';
import { readProbe } from '../../src/engine/tfjs/webgpu-probe.js';
import { examples, plainExamples } from '../models.js';
import { drawnParameters, prepared } from './programs.js';
import { whyNoWebGpu } from './webgpu.js';

const skipped = await whyNoWebGpu();
const why = skipped === undefined ? '' : ` (skipped: ${skipped})`;

const SWIFTSHADER = {
  vendor: 'google',
  architecture: 'swiftshader',
  device: 'swiftshader-device-subzero-',
  description: 'SwiftShader driver 5.0.0',
  isFallbackAdapter: true,
};
const CARD = { vendor: 'nvidia', architecture: 'ampere', device: '', description: '' };

test('an adapter has a name, and is known for software', () => {
  expect(adapterText(adapterOf(SWIFTSHADER))).toBe('SwiftShader driver 5.0.0, software');
  expect(adapterOf(CARD)).toEqual({ name: 'nvidia ampere', isSoftware: false });
  expect(adapterOf({ ...CARD, description: 'llvmpipe (LLVM 15.0.6, 256 bits)' }).isSoftware).toBe(true);
  expect(adapterOf({ vendor: '', architecture: '', device: '', description: '' }).name).toBe(
    'without a name',
  );
});

test('packages that are missing, or not for this tfjs, are named with one command', () => {
  const command = 'npm install webgpu@0.6.2 @tensorflow/tfjs-backend-webgpu@4.22.0';
  expect(packagesFrom({ dawn: undefined, backend: undefined, tfjs: '4.22.0' })).toEqual({
    ok: false,
    reason: 'the packages webgpu and @tensorflow/tfjs-backend-webgpu are not installed',
    command,
  });
  expect(packagesFrom({ dawn: undefined, backend: '4.22.0', tfjs: '4.22.0' })).toEqual({
    ok: false,
    reason: 'the package webgpu is not installed',
    command,
  });
  expect(packagesFrom({ dawn: '/d/index.js', backend: '4.21.0', tfjs: '4.22.0' })).toEqual({
    ok: false,
    reason: '@tensorflow/tfjs-backend-webgpu 4.21.0 is not the one for tfjs 4.22.0',
    command,
  });
  expect(packagesFrom({ dawn: '/d/index.js', backend: '4.22.0', tfjs: '4.22.0' })).toEqual({
    ok: true,
    dawn: '/d/index.js',
    tfjsVersion: '4.22.0',
  });
});

test('a driver that is missing, broken or silent is told from one that works', () => {
  const ended = { stdout: '', stderr: '', code: 0, signal: null, timedOut: false };
  const noise = 'error: XDG_RUNTIME_DIR is invalid\n';
  expect(readProbe({ ...ended, stdout: `${noise}\n${JSON.stringify(SWIFTSHADER)}` })).toEqual(
    adapterOf(SWIFTSHADER),
  );
  expect(readProbe({ ...ended, stdout: `${noise}\nnull` })).toMatch(/finds no adapter.*Vulkan/);
  expect(readProbe({ ...ended, code: null, signal: 'SIGSEGV' })).toBe(
    'the graphics driver crashed (SIGSEGV)',
  );
  expect(readProbe({ ...ended, code: null, signal: 'SIGKILL', timedOut: true })).toMatch(/did not answer/);
  expect(readProbe({ ...ended, code: 1, stderr: 'at x\n\nError: no such library\n    at y' })).toBe(
    'Dawn does not load: Error: no such library',
  );
});

test('the version of NVIDIA’s driver', () => {
  const text =
    'NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.129.03  Thu Oct 19 18:56:32 UTC 2023\nGCC version: 12.2.0\n';
  const open = 'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.54.15  Release Build  (u@h)\n';
  expect(nvidiaDriverOf(text, true)).toBe('535.129.03');
  expect(nvidiaDriverOf(open, false)).toBe('550.54.15');
  expect(nvidiaDriverOf(undefined, true)).toBe('unknown');
  expect(nvidiaDriverOf(undefined, false)).toBeNull();
});

test('where a GPU will not help', () => {
  const found = (info: typeof CARD) =>
    limitsOf({ ok: true, adapter: adapterOf(info), tfjsVersion: '4.22.0' }).join('\n');
  expect(found(SWIFTSHADER)).toMatch(/software[^]*small data[^]*float32/);
  expect(found(CARD)).toMatch(/^with small data/);
});

test('the report says of each part whether it is there', async () => {
  const report = await gpuReport();
  expect(report.webgpu.ok).toBe(skipped === undefined);
  if (!report.webgpu.ok) expect(report.webgpu.reason).toContain(skipped);
  expect(report.tfjsNodeGpu.installed).toBe(report.tfjsNodeGpu.reason === null);
});

describe('--device gpu', () => {
  test.skipIf(isTensorFlowGpuInstalled().ok)('without its package is refused, with the command', async () => {
    for (const { problem } of [
      await openTensorFlow({ threads: 2, device: 'gpu' }),
      await openTfjs({ threads: 2, device: 'gpu' }),
    ])
      expect(problem).toMatchObject({
        kind: 'engine-unavailable',
        reason: expect.stringContaining('@tensorflow/tfjs-node-gpu') as string,
        command: 'npm install --ignore-scripts=false @tensorflow/tfjs-node-gpu@4.22.0',
      });
  });

  test('TensorFlow that sees no GPU does not pass for one that does', () => {
    expect(whyNoGpu({ isUsingGpuDevice: true })).toBeUndefined();
    expect(whyNoGpu({ isUsingGpuDevice: false })).toMatch(/sees no GPU/);
    expect(whyNoGpu({})).toMatch(/sees no GPU/);
  });

  test('what runs elsewhere only is refused', async () => {
    const { problem } = await openTfjs({ threads: 1, device: 'cpu', backend: 'webgpu' });
    expect(problem).toMatchObject({ engine: 'webgpu', reason: 'it runs on a GPU only' });
    const cpu = await openTfjs({ threads: 1, device: 'gpu', backend: 'cpu' });
    expect(cpu.problem).toMatchObject({ engine: 'tfjs', reason: 'it runs on the processor only' });
  });
});

describe.skipIf(skipped !== undefined)(`webgpu${why}`, () => {
  const opened = async () => (await openTfjs({ threads: 1, device: 'auto', backend: 'webgpu' })).engine!;

  it('says what it is', async () => {
    const engine = await opened();
    expect(engine).toMatchObject({ name: 'webgpu', precision: 'float32', device: 'gpu', threads: 1 });
    expect(engine.version).toMatch(/^4\.22\.0 \(webgpu, .+\)$/);
  });

  it('leaves the globals that tell a browser as they were', async () => {
    await opened();
    expect((globalThis as { navigator?: { gpu?: unknown } }).navigator?.gpu).toBeUndefined();
  });

  it.each([plainExamples[0], ...examples.filter((e) => /^(student-t|group-means|noise)$/.test(e.name))])(
    '$name leaves nothing on the GPU',
    async (example) => {
      const run = await prepared(example);
      const engine = await opened();
      const parameters = await drawnParameters(run, 1);
      const used = () => {
        const { numTensors, ...rest } = tf.memory();
        return { numTensors, bytes: (rest as { numBytesInGPU?: number }).numBytesInGPU };
      };
      const once = async () => {
        const session = await engine.open(run.program, run.data);
        await session.expectation(parameters);
        const held = used();
        await session.expectation(parameters);
        const { responsibilities } = await session.posterior(parameters);
        await session.momentsOf(responsibilities);
        expect(used().numTensors).toBe(held.numTensors);
        session.dispose();
      };
      await once();
      const before = used();
      expect(typeof before.bytes).toBe('number');
      await once();
      expect(used()).toEqual(before);
    },
  );
});
