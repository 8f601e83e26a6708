/**
 * `npm run build [-- --no-types]`: bundles the program and the library into `dist/`, and their declarations.
 *
 *     dist/cli.js        the program; a verb's heavy parts are chunks that load when it is called
 *     dist/index.js      the library        dist/runtime.js   what emitted code imports
 *     dist/browser.js    the library for browsers, with all that it imports
 *     dist/explanations/ one page for each diagnostic
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { licencesOf } from './licences.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');

/** Name in `dist/` and source; what is not written yet is left out. */
const entries = Object.entries({
  cli: 'src/cli/main.ts',
  index: 'src/index.ts',
  runtime: 'src/runtime.ts',
}).filter(([, source]) => existsSync(join(root, source)));

/** Parts of which we need a few functions only, or that start faster as one file. */
const BUNDLED = [/^@stdlib\//, /^@?chevrotain\b/, /^lodash-es\b/, /^prettier\/doc$/];

/** @type {import('esbuild').Plugin} */
const externals = {
  name: 'externals',
  setup(context) {
    context.onResolve({ filter: /^[^./]/ }, ({ path, kind }) =>
      kind === 'entry-point' || BUNDLED.some((pattern) => pattern.test(path))
        ? undefined
        : { external: true },
    );
    // Shipped as they are: `npm run setup` runs them before anything is built. All chunks lie in dist/ itself.
    context.onResolve({ filter: /\/scripts\/[\w-]+\.mjs$/ }, ({ path }) => ({
      path: `../scripts/${basename(path)}`,
      external: true,
    }));
  },
};

/**
 * Every `….browser.ts` stands in the place of its neighbour `….ts`.
 *
 * @type {import('esbuild').Plugin}
 */
const forBrowsers = {
  name: 'for-browsers',
  setup(context) {
    context.onResolve({ filter: /^\.{1,2}\/.*\.js$/ }, ({ path, resolveDir }) => {
      const twin = join(resolveDir, path.replace(/\.js$/, '.browser.ts'));
      return existsSync(twin) ? { path: twin } : undefined;
    });
  },
};

rmSync(dist, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: Object.fromEntries(entries),
  outdir: dist,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  chunkNames: '[name]-[hash]',
  legalComments: 'linked',
  logLevel: 'warning',
  plugins: [externals],
});
const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: { browser: 'src/index.ts' },
  outdir: dist,
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  banner: { js: '/*! The licences of what is bundled here are in browser.licences.txt. */' },
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  plugins: [forBrowsers],
});
writeFileSync(join(dist, 'browser.licences.txt'), licencesOf(metafile, root));
if (existsSync(join(dist, 'cli.js'))) makeProgram(join(dist, 'cli.js'));

const explanations = join(root, 'src', 'diagnostics', 'explanations');
if (existsSync(explanations)) cpSync(explanations, join(dist, 'explanations'), { recursive: true });

if (!process.argv.includes('--no-types')) declarations();

/** @param {string} file */
function makeProgram(file) {
  writeFileSync(file, `#!/usr/bin/env node\n${readFileSync(file, 'utf8').replace(/^#!.*\n/, '')}`);
  chmodSync(file, 0o755);
}

function declarations() {
  const compiler = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const parameters = [compiler, '--project', 'tsconfig.build.json'];
  const { status } = spawnSync(process.execPath, parameters, { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  for (const [name, source] of entries.filter(([name]) => name !== 'cli')) {
    const declaration = source.replace(/\.ts$/, '.js');
    writeFileSync(join(dist, `${name}.d.ts`), `export * from './types/${declaration}';\n`);
  }
}
