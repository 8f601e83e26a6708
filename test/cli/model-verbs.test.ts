/** The verbs about models: check, derive, compile, explain, example, doctor. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DATA, MODEL, folderWith, gmm } from './run.js';

const BROKEN = `model Broken
plate i over rows
param mu : reel
param wieght : positive
data x[i] : real ~ Normal(mu, variance: 1)
`;
const folder = folderWith({ 'broken.gmm': BROKEN });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...parameters: readonly string[]) => gmm(parameters, { cwd: folder });

describe('check', () => {
  it('says of a good model that it is good', () => {
    const { code, stdout, stderr } = run('check', MODEL);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/no (errors|problems)/);
    expect(run('check', MODEL, '--quiet').stdout).toBe('');
  });

  it('reports all problems at once, each with its place', () => {
    const { code, stdout } = run('check', 'broken.gmm');
    expect(code).toBe(1);
    expect(stdout).toMatch(/broken\.gmm:3:\d+/);
  });

  it('takes several files, and standard input', () => {
    const { code, stdout } = gmm(['check', MODEL, '-'], { cwd: folder, input: BROKEN });
    expect(code).toBe(1);
    expect(stdout).toContain('standard input:3:');
  });

  it.each(['json', 'sarif'])('--format %s is JSON', (format) => {
    const { code, stdout } = run('check', MODEL, 'broken.gmm', '--format', format);
    expect(code).toBe(1);
    const report: unknown = JSON.parse(stdout);
    expect(JSON.stringify(report)).toContain('broken.gmm');
    if (format === 'sarif') expect(report).toMatchObject({ version: '2.1.0' });
    else expect(run('check', MODEL, 'broken.gmm', '--json').stdout).toBe(stdout);
  });

  it('--format github makes annotations', () => {
    expect(run('check', 'broken.gmm', '--format', 'github').stdout).toMatch(
      /^::error .*file=broken\.gmm.*line=3/m,
    );
  });

  it.each(['tree', 'model', 'derivation', 'plan'])('--show %s prints that station', (station) => {
    const { code, stdout } = run('check', MODEL, '--show', station);
    expect(code).toBe(0);
    expect(stdout.length).toBeGreaterThan(200);
    expect(stdout).toContain('OldFaithful');
  });
});

describe('check --show plan', () => {
  it('prints what a step costs, at the sizes that are given', () => {
    const symbolic = run('check', MODEL, '--show', 'plan');
    expect([symbolic.code, symbolic.stderr]).toEqual([0, '']);
    expect(symbolic.stdout).toMatch(/logits\n +multiply-adds +6 N K\n/);
    const { stdout } = run('check', MODEL, '--show', 'plan', '--set', 'N=272', '--set', 'K=3');
    expect(stdout).toMatch(/logits\n +multiply-adds +6 N K = 4 896\n/);
  });

  it('takes the sizes from a data file, and --set before them', () => {
    const { code, stdout, stderr } = run('check', MODEL, DATA, '--show', 'plan');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/sizes +N = 272 rows, K = 2\n/);
    expect(stdout).toMatch(/logits\n +multiply-adds +6 N K = 3 264\n/);
    const more = run('check', MODEL, DATA, '--show', 'plan', '--set', 'K=3', '--set', 'N=1000');
    expect(more.stdout).toMatch(/logits\n +multiply-adds +6 N K = 18 000\n/);
  });

  it('says what is wrong with the data, as fit does', () => {
    const missing = run('check', MODEL, 'nowhere.csv', '--show', 'plan');
    expect([missing.code, missing.stdout]).toEqual([2, '']);
    expect(missing.stderr).toContain('nowhere.csv');
    const column = run('check', MODEL, DATA, '--show', 'plan', '--bind', 'x=eruptions,weight');
    expect([column.code, column.stdout]).toEqual([3, '']);
    expect(column.stderr).toContain('GMM0403');
    const alone = run('check', MODEL, '--show', 'plan', '--bind', 'x=eruptions');
    expect([alone.code, alone.stdout]).toEqual([2, '']);
    expect(alone.stderr).toContain('check MODEL DATA --show plan');
  });

  it('has the plan as JSON', () => {
    const { stdout } = run('check', MODEL, '--show', 'plan', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'gmm-plan/1', model: 'OldFaithful' });
  });

  it.each([
    [['--show', 'plan', '--set', 'Q=3'], 'no such constant or size'],
    [['--set', 'K=3'], '--show plan'],
  ])('%j is wrong usage', (flags, said) => {
    const { code, stderr } = run('check', MODEL, ...flags);
    expect(code).toBe(2);
    expect(stderr).toContain(said);
  });
});

describe('derive', () => {
  it('prints the derivation', () => {
    const { code, stdout, stderr } = run('derive', MODEL);
    expect([code, stderr]).toEqual([0, '']);
    for (const word of ['E-step', 'Sigma', 'pi']) expect(stdout).toContain(word);
  });

  it('has it as Markdown, and in a file', () => {
    const { stdout } = run('derive', MODEL, '--format', 'markdown');
    expect(stdout).toMatch(/^# OldFaithful/);
    expect(stdout).toContain('$$');
    expect(run('derive', MODEL, '--format', 'markdown', '-o', 'derivation.md').stdout).toBe('');
    expect(readFileSync(join(folder, 'derivation.md'), 'utf8')).toBe(stdout);
  });

  it.each([
    ['latex', /^\\documentclass/, /\\end\{document\}\n$/],
    ['html', /^<!DOCTYPE html>/, /<\/html>\n$/],
  ])('has it as %s, with the certificate where it is asked for', (format, head, tail) => {
    const { code, stdout, stderr } = run('derive', MODEL, '--format', format);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(head);
    expect(stdout).toMatch(tail);
    expect(stdout).not.toContain('Certificate');
    const judged = run('derive', MODEL, '--format', format, '--verify', '-o', `derivation.${format}`);
    expect([judged.code, judged.stdout]).toEqual([0, '']);
    const file = readFileSync(join(folder, `derivation.${format}`), 'utf8');
    expect(file).toMatch(tail);
    expect(file).toContain('Certificate');
  });

  it('--verify judges the updates', () => {
    const { code, stdout } = run('derive', MODEL, '--verify');
    expect(code).toBe(0);
    expect(stdout).toContain('Certificate');
    expect(stdout).not.toContain('FAILED');
    expect(stdout.match(/ passed /g)?.length).toBeGreaterThan(5);
  });
});

describe('compile', () => {
  it('prints a TypeScript module', () => {
    const { code, stdout, stderr } = run('compile', MODEL);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('export ');
  });

  it('prints the plan as JSON', () => {
    const { stdout } = run('compile', MODEL, '--target', 'json');
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'gmm-plan/1', model: 'OldFaithful' });
  });

  it('writes files to a folder', () => {
    const { code, stdout, stderr } = run('compile', MODEL, '-o', 'code');
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toContain(join('code', 'OldFaithful.ts'));
    expect(readFileSync(join(folder, 'code', 'OldFaithful.ts'), 'utf8')).toBe(run('compile', MODEL).stdout);
  });

  it('writes a graph when the sizes are known, and else says which are wanted', () => {
    const graph = ['compile', MODEL, '--target', 'graph', '-o', 'graph'];
    const without = run(...graph);
    expect([without.code, without.stdout]).toEqual([2, '']);
    expect(without.stderr).toContain('--set N=');
    expect(run(...graph, '--set', 'N=272').code).toBe(0);
    expect(existsSync(join(folder, 'graph', 'saved_model.pb'))).toBe(true);
    expect(run('compile', MODEL, '--set', 'Q=2').code).toBe(2);
  });
});

describe('explain', () => {
  it('lists the codes', () => {
    const { code, stdout } = run('explain');
    expect(code).toBe(0);
    expect(stdout.match(/GMM\d{4}/g)?.length).toBeGreaterThan(10);
  });

  it('explains one, in either case', () => {
    const [known = ''] = /GMM\d{4}/.exec(run('check', 'broken.gmm').stdout) ?? [];
    const { code, stdout } = run('explain', known);
    expect(code).toBe(0);
    expect(stdout).toContain(known);
    expect(stdout).not.toContain('```');
    expect(run('explain', known.toLowerCase()).stdout).toBe(stdout);
  });
});

describe('example', () => {
  it('lists the models of the library, each with what it is', () => {
    const { code, stdout } = run('example');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}old-faithful +Two kinds of eruption/m);
  });

  it('copies a model with its data, which then fit', () => {
    const { code, stdout, stderr } = run('example', 'old-faithful', '-o', 'try');
    expect(code).toBe(0);
    const [model = '', data = ''] = stdout.trim().split('\n');
    expect(stderr).toContain(`gmm fit ${model} ${data}`);
    expect(run('fit', model, data).code).toBe(0);
  });

  it('does not write over what is there', () => {
    expect(run('example', 'k-means').code).toBe(0);
    const { code, stdout } = run('example', 'k-means');
    expect([code, stdout]).toEqual([2, '']);
  });
});

describe('doctor', () => {
  it('tells each engine, and for each one not found why and what to run', () => {
    const { code, stdout } = run('doctor', '--json');
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as {
      readonly engines: readonly {
        readonly name: string;
        readonly available: boolean;
        readonly reason: string | null;
      }[];
      readonly gpu: {
        readonly nvidiaDriver: string | null;
        readonly tfjsNodeGpu: { readonly installed: boolean };
        readonly limits: readonly string[];
      };
    };
    expect(report).toMatchObject({ schema: 'gmm-doctor/1' });
    expect(report.engines.map((e) => e.name)).toEqual([
      'reference',
      'javascript',
      'wasm',
      'tensorflow',
      'tfjs',
      'webgpu',
    ]);
    for (const engine of report.engines) expect(engine.available || engine.reason !== null).toBe(true);
    expect(report.gpu.limits.join()).toMatch(/small data.*float32/);
    const { stdout: text } = run('doctor');
    expect(text).toMatch(/javascript +works/);
    expect(text).toContain(`NVIDIA driver       ${report.gpu.nvidiaDriver ?? 'none'}\n`);
  });

  it('outlives a graphics driver that does not load', () => {
    const { code, stdout } = gmm(['doctor', '--json'], {
      env: { VK_ICD_FILENAMES: join(folder, 'none.json') },
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/"name": "webgpu"/);
  });
});
