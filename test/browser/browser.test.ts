/** The library in a browser: what bundlers make of it, and its numbers in Chromium beside the reference engine's here. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import * as library from '../../src/index.js';
import { stream } from '../../src/random.js';
import { root } from '../models.js';
import { answerOf, chromium, ISOLATED } from './chromium.js';
import type { Served } from './chromium.js';
import { answerTo } from './page.js';
import type { Answer, Answers, Request } from './page.js';

/** As a bundler for browsers makes it of `import … from 'gmm-lang'`: names kept, all else made short. */
const bundled = (contents: string) =>
  build({
    absWorkingDir: root,
    stdin: { contents, resolveDir: join(root, 'test/browser') },
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    keepNames: true,
    format: 'esm',
    platform: 'browser',
    logLevel: 'silent',
  });

const mixture = (covariance: string, declared: string, k: number): string => `model Mixture
const K = ${String(k)}
plate i over rows
plate k in 1..K
param  pi       : simplex[k]
param  mu[k]    : real[D]
${declared}
data   x[i]     : real[D] from x1, x2 ~ Normal(mu[z[i]], ${covariance})
latent z[i]     : k       ~ Categorical(pi)
`;
const FULL = mixture('Sigma[z[i]]', 'param  Sigma[k] : covariance[D]', 2);
const FOUR = mixture('Sigma[z[i]]', 'param  Sigma[k] : covariance[D]', 4);
const K_MEANS = mixture('eps * I', 'const eps\nlimit eps -> 0+', 4);

const faithful = (() => {
  const lines = readFileSync(join(root, 'models/data/faithful.csv'), 'utf8').trim().split('\n').slice(1);
  return [0, 1].map((c) => lines.map((line) => Number(line.split(',')[c])));
})();

/** Four groups that overlap. */
const large = (() => {
  const random = stream('browser', 'rows');
  return [0, 1].map((c) =>
    Array.from({ length: 30_000 }, (_, i) => 1.5 * ((i >> c) % 2) + 0.5 * random.normal()),
  );
})();

const limits = { seed: 1, restarts: 1, maxIterations: 20 } as const;
const cases = [
  { name: 'Old Faithful', source: FULL, columns: faithful },
  { name: '30 000 rows', source: FOUR, columns: large },
  { name: 'k-means of 30 000 rows', source: K_MEANS, columns: large },
];
const by = (engine: NonNullable<library.FitArguments['engine']>, threads = 4): readonly Request[] =>
  cases.map(({ source, columns }) => ({ source, columns, options: { ...limits, engine, threads } }));

const json = (value: unknown): Served => ({ type: 'application/json', body: JSON.stringify(value) });
const html = (body: string): Served => ({ type: 'text/html', body });
const script = (body: string): Served => ({ type: 'text/javascript', body });

const MAIN = `import * as gmm from 'gmm-lang';
import { answerAll } from './page.ts';
const said = (error) => fetch('/answer', { method: 'POST', body: JSON.stringify({ error: String(error) }) });
addEventListener('error', (event) => said(event.message));
answerAll(gmm).catch((error) => said(error.stack));`;

/** Posts what the example writes into its page. */
const WATCH = `const post = (value) => fetch('/answer', { method: 'POST', body: JSON.stringify(value) });
addEventListener('error', (event) => post({ error: event.message }));
addEventListener('unhandledrejection', (event) => post({ error: String(event.reason.stack) }));
new MutationObserver(() => {
  const { textContent } = document.querySelector('#fit') ?? {};
  if (textContent?.includes('log-likelihood')) post(textContent);
}).observe(document, { childList: true, subtree: true });`;

async function inPage(
  requests: readonly Request[],
  headers: Readonly<Record<string, string>>,
  start = '<script type="module" src="/main.js"></script>',
): Promise<Answers> {
  const [{ text }] = (await bundled(MAIN)).outputFiles;
  const files = {
    '/': html(`<!doctype html><meta charset="utf-8">${start}`),
    '/main.js': script(text),
    '/worker-page.js': script(`new Worker('/main.js', { type: 'module' });`),
    '/requests': json(requests),
  };
  return answerOf<Answers>({ files, headers });
}

const reference = await Promise.all(by('reference').map((request) => answerTo(library, request)));

const close = (a: number, b: number, tolerance: number): boolean =>
  Math.abs(a - b) <= tolerance * Math.abs(b);

function expectAlike(found: Answer, at: number, engine: string): void {
  const wanted = reference[at];
  const { name } = cases[at];
  if (found.failed !== undefined || wanted.failed !== undefined)
    throw new Error(`${name}: ${String(found.failed ?? wanted.failed)}`);
  expect(found.engine.name).toBe(engine);
  expect(found.sha256).toBe(wanted.sha256);
  expect(found.trace.length).toBe(wanted.trace.length);
  expect(
    found.trace.filter((x, n) => !close(x, wanted.trace[n], 1e-12)),
    name,
  ).toEqual([]);
  expect(found.components).toEqual(wanted.components);
  const [ours, theirs] = [found, wanted].map((a) => [...a.densities, ...a.responsibilities]);
  expect(ours.length).toBe(theirs.length);
  expect(Math.max(...ours.map((x, n) => Math.abs(x - theirs[n]))), name).toBeLessThan(1e-8);
}

const ENGINES = ['reference', 'javascript', 'wasm'] as const;
const everyEngine = ENGINES.flatMap((engine) => by(engine));
const expectEveryEngine = ({ answers }: Answers): void =>
  answers.forEach((answer, n) =>
    expectAlike(answer, n % cases.length, ENGINES[Math.floor(n / cases.length)]),
  );
const engines = ({ answers }: Answers) => answers.flatMap((a) => (a.failed === undefined ? [a.engine] : []));

describe('the bundle for browsers', () => {
  it('is what bundlers take, whole, and imports nothing', async () => {
    const { metafile, warnings } = await bundled(`export * from 'gmm-lang'`);
    expect(warnings).toEqual([]);
    const [output] = Object.values(metafile.outputs);
    expect(output.imports).toEqual([]);
    expect(output.exports.sort()).toEqual(Object.keys(library).sort());
    const read = Object.entries(metafile.inputs).filter(([file]) => file !== '<stdin>');
    const importsOf = read.map(([file, { imports }]) => [file, ...imports.map((i) => i.path)]);
    // what esbuild keeps names with
    expect(importsOf).toEqual([['dist/browser.js', '<runtime>']]);
  });
});

const why = chromium === undefined ? ', which is not here' : '';

describe.skipIf(chromium === undefined)(`in a page of Chromium${why}`, () => {
  it('the example of docs/browser.md runs as it stands', async () => {
    const page = /^```html\n([\s\S]*?)^```$/m.exec(readFileSync(join(root, 'docs/browser.md'), 'utf8'))![1];
    const read = (file: string): string => readFileSync(join(root, file), 'utf8');
    const text = await answerOf<string>({
      files: {
        '/': html(`<script src="/watch.js"></script>${page}`),
        '/watch.js': script(WATCH),
        '/node_modules/gmm-lang/dist/browser.js': script(read('dist/browser.js')),
        '/faithful.csv': { type: 'text/csv', body: read('models/data/faithful.csv') },
      },
    });
    expect(text).toContain('log-likelihood -1130.2640');
    expect(text).toMatch(/rows of the first component: (97|175)$/);
  });

  it('that is cross-origin isolated, every engine has the numbers of the reference engine in Node', async () => {
    const found = await inPage(everyEngine, ISOLATED);
    expect(found.isolated).toBe(true);
    expectEveryEngine(found);
    expect(engines(found).at(-1)!.threads).toBe(4);
    expect(engines(found).at(-1)!.version).toMatch(/Chrom.*SIMD with fused multiply-add/);
    // three for each fit; predicting is short, and automatic
    expect(found.started).toBeGreaterThanOrEqual(9);
    expect(found.ended).toBe(found.started);
  });

  const strict = "script-src 'self' 'wasm-unsafe-eval'; worker-src blob:";
  it.each([
    ['', ISOLATED],
    [', under a security policy that lets them', { ...ISOLATED, 'Content-Security-Policy': strict }],
  ])('its workers take their share of the rows, and the numbers stay%s', async (_, headers) => {
    const [, request] = by('wasm', 3);
    const options = { ...request.options, maxIterations: 200, tolerance: 0 };
    const alone = { ...request, options: { ...options, threads: 1 } };
    const { answers, lanes } = await inPage([alone, { ...request, options, untilShared: true }], headers);
    expect(lanes).toBeGreaterThan(0);
    const [wanted, ...found] = answers.map((answer) => ({ ...answer, engine: null }));
    for (const answer of found) expect(answer).toEqual(wanted);
  });

  it('the bits are the same for any number of threads', async () => {
    const found = await inPage([...by('wasm', 1), ...by('wasm', 2), ...by('wasm', 5)], ISOLATED);
    const [one, two, five] = [0, 3, 6].map((at) =>
      found.answers.slice(at, at + 3).map((a) => (a.failed === undefined ? [a.trace, a.parameters] : a)),
    );
    expect(two).toEqual(one);
    expect(five).toEqual(one);
    // Old Faithful's rows are few: the calling thread does them
    expect(engines(found).map((e) => e.threads)).toEqual([1, 1, 1, 1, 2, 2, 1, 5, 5]);
  });

  it('that is not isolated, wasm runs in one thread on memory of its own', async () => {
    const found = await inPage(everyEngine, {});
    expect(found.isolated).toBe(false);
    expectEveryEngine(found);
    expect(engines(found).at(-1)!.threads).toBe(1);
    expect([found.started, found.lanes]).toEqual([0, 0]);
  });

  it('in a worker of it, whose threads are its own', async () => {
    const found = await inPage(by('wasm'), ISOLATED, '<script src="/worker-page.js"></script>');
    expect(found.isolated).toBe(true);
    found.answers.forEach((answer, n) => expectAlike(answer, n, 'wasm'));
    expect(found.started).toBeGreaterThanOrEqual(9);
  });

  it('what is not there says so', async () => {
    const [old] = by('auto');
    const engines = (['tensorflow', 'tfjs', 'webgpu'] as const).map((engine) => by(engine)[0]);
    const float32 = { ...old, options: { ...limits, precision: 'float32' } } as const;
    const requests = [
      { ...old, path: 'faithful.csv' },
      ...engines,
      float32,
      { ...old, source: 'model M\nx' },
    ];
    const { answers } = await inPage(requests, {});
    expect(answers.map((a) => a.failed)).toEqual([
      'FitError: GMM0401: cannot read `faithful.csv`: in a browser no files are read; give columns by name, or an array of rows',
      ...['tensorflow', 'tfjs', 'webgpu', 'tfjs'].map(
        (engine) =>
          expect.stringContaining(
            `FitError: GMM0601: the engine \`${engine}\` is not available: it `,
          ) as string,
      ),
      expect.stringMatching(/^ModelError: GMM/),
    ]);
  });

  it('that forbids code from text, javascript says so, auto takes reference, and wasm goes on', async () => {
    const policy = { ...ISOLATED, 'Content-Security-Policy': "script-src 'self' 'wasm-unsafe-eval'" };
    const [old] = by('javascript');
    const requests = [old, { ...old, options: { ...limits, engine: 'auto' } } as const, ...by('wasm')];
    const { answers } = await inPage(requests, policy);
    expect(answers[0].failed).toMatch(/GMM0601.*javascript.*forbids code made from text/);
    expectAlike(answers[1], 0, 'reference');
    // its workers are code from text too, and do not start: one thread does their part
    answers.slice(2).forEach((answer, n) => expectAlike(answer, n, 'wasm'));
  });

  it('that forbids WebAssembly, wasm says so', async () => {
    const { answers } = await inPage(by('wasm').slice(0, 1), {
      'Content-Security-Policy': "script-src 'self'",
    });
    expect(answers[0].failed).toMatch(/GMM0601.*wasm.*'wasm-unsafe-eval'/);
  });
});
