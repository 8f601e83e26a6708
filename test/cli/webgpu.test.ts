/** The engine `webgpu` as a user runs it: processes that must end although Dawn works in the background. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { whyNoWebGpu } from '../engine/webgpu.js';
import { DATA, gmm, MODEL } from './run.js';

const skipped = await whyNoWebGpu();
const why = skipped === undefined ? '' : ` (skipped: ${skipped})`;

describe.skipIf(skipped !== undefined)(`--engine webgpu${why}`, () => {
  it('fits, says what it ran on, and ends', () => {
    const parameters = ['fit', MODEL, DATA, '--engine', 'webgpu', '--restarts', '1', '--json'];
    const { code, stdout } = gmm(parameters);
    expect(code).toBe(0);
    const { engine, fit } = JSON.parse(stdout) as {
      readonly engine: Readonly<Record<string, unknown>>;
      readonly fit: { readonly logLikelihood: number; readonly precisionLoss: { readonly perRow: number } };
    };
    expect(engine).toMatchObject({ name: 'webgpu', precision: 'float32', device: 'gpu' });
    expect(engine['version']).toMatch(/\(webgpu, .+\)/);
    expect(fit.logLikelihood).toBeCloseTo(-1130.264, 2);
    expect(Math.abs(fit.precisionLoss.perRow)).toBeLessThan(1e-4);
  });

  it('excludes float64', () => {
    const parameters = ['fit', MODEL, DATA, '--engine', 'webgpu', '--precision', 'float64'];
    expect(gmm(parameters)).toMatchObject({ code: 2, stderr: expect.stringMatching(/float32/) as string });
  });

  it('ends in the library too, after engines in turn', () => {
    const script = `
      import { compile } from './dist/index.js';
      const model = compile(${JSON.stringify(readFileSync(MODEL, 'utf8'))});
      const said = [];
      for (const engine of ['webgpu', 'tfjs', 'webgpu']) {
        const fit = await model.fit(${JSON.stringify(DATA)}, { engine, restarts: 1, maxIterations: 3 });
        said.push(fit.toJSON().engine.name + ' ' + fit.logLikelihood.toFixed(1));
      }
      process.stdout.write(said.join());`;
    const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
      timeout: 50_000,
    });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^webgpu (-[\d.]+),tfjs \1,webgpu \1$/);
  });
});
