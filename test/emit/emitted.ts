/** Programs over data for the tests, and emitted modules written to a folder, imported and run. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import ts from 'typescript';
import { derive } from '../../src/derive/derive.js';
import type { RowData } from '../../src/engine/types.js';
import type { Model, Parameter, SymbolName } from '../../src/model/types.js';
import { plan } from '../../src/plan/build.js';
import { shapeOfParameter } from '../../src/plan/frame.js';
import { parameterStage } from '../../src/plan/parameter-stage.js';
import { program } from '../../src/plan/program.js';
import type { Moments, ParameterArray, Parameters, Plan, Program } from '../../src/plan/types.js';
import { referenceEngine } from '../../src/engine/reference/engine.js';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export function planOf(model: Model): Plan {
  const { value, problems } = derive(model);
  if (value === undefined) throw new Error(JSON.stringify(problems));
  return plan(value);
}

/** A table in shared/data or beside the tests: numeric columns by name. */
function faithful(): Readonly<Record<'eruptions' | 'waiting', Float64Array>> {
  const lines = readFileSync(join(root, '../shared/data/faithful.csv'), 'utf8').trim().split('\n').slice(1);
  const rows = lines.map((l) => l.split(',').map(Number));
  return { eruptions: Float64Array.from(rows, (r) => r[0]), waiting: Float64Array.from(rows, (r) => r[1]) };
}

export interface Example {
  readonly program: Program;
  readonly data: RowData;
  /** what `fit` of the emitted module takes */
  readonly table: Readonly<Record<string, unknown>>;
  readonly start: Parameters;
}

/** A model over Old Faithful: vectors read both columns, `y` the waiting time, `t` and other numbers the eruption. */
export async function example(model: Model): Promise<Example> {
  const p = planOf(model);
  const { eruptions, waiting } = faithful();
  const rows = eruptions.length;
  const value = (name: string, row: number): number[] =>
    name === 'x' ? [eruptions[row], waiting[row]] : name === 'y' ? [waiting[row]] : [eruptions[row]];
  const table: Record<string, unknown> = {};
  const indices = Array.from({ length: rows }, (_, i) => i);
  const weights = Float64Array.from(indices, (i) => 0.5 + (i % 3));
  const labels = Int32Array.from(indices, (i) => (i % 5 === 0 ? (eruptions[i] < 3 ? 1 : 2) : 0));
  for (const d of model.data)
    table[d.name] = indices.map((i) =>
      d.as === 'weight' ? weights[i] : d.type.shape.length === 0 ? value(d.name, i)[0] : value(d.name, i),
    );
  const hasLabels = model.latents.some((l) => l.labels !== undefined);
  if (hasLabels) table[p.latent!] = [...labels];
  const constants = new Map<string, ParameterArray>();
  for (const c of model.constants)
    if (typeof c.value === 'number') constants.set(c.name, { shape: [], data: Float64Array.of(c.value) });
  const K = p.component === undefined ? 1 : 2;
  const run = program(p, { D: 2, K, N: rows }, constants);
  const isWeighted = model.data.some((d) => d.as === 'weight');
  const columns = run.columns.map(({ group, coordinate }) => {
    const g = p.groups[group];
    if (g.kind === 'symbol') return Float64Array.from(indices, (i) => value(g.symbol, i)[coordinate]);
    return Float64Array.from(indices, (i) => [1, eruptions[i], eruptions[i] ** 2][coordinate]);
  });
  const data: RowData = {
    rows,
    columns,
    weights: isWeighted ? weights : undefined,
    labels: hasLabels ? [labels] : [],
  };
  const session = await referenceEngine.open(run, data);
  // a start that an EM step improves: each row to the side it lies on, with doubt
  const responsibilities = Float64Array.from({ length: rows * K }, (_, at) =>
    K === 1 ? 1 : eruptions[Math.floor(at / K)] < 3.5 === (at % K === 0) ? 0.8 : 0.2,
  );
  const moments = await session.momentsOf(responsibilities);
  const guess: Parameters = new Map(
    model.parameters.map((x): [SymbolName, ParameterArray] => [
      x.name,
      guessOf(x, shapeOfParameter(run, x.name)),
    ]),
  );
  return { program: run, data, table, start: parameterStage(run, moments, guess).parameters };
}

/** Something feasible, for what an update reads before it is computed. */
function guessOf(parameter: Parameter, shape: readonly number[]): ParameterArray {
  const data = new Float64Array(shape.reduce((a, b) => a * b, 1));
  const d = shape[shape.length - 1] ?? 1;
  const isMatrix = parameter.type.domain === 'covariance';
  return { shape, data: data.map((_, at) => (isMatrix && Math.floor(at / d) % d !== at % d ? 0 : 1)) };
}

// ------------------------------------------------------------------------------------------------ modules

const folder = join(root, 'node_modules/.cache/gmm-emitted');
let count = 0;

/** Writes TypeScript to a folder and imports it, its types taken away; the runtime is ours. */
export async function importText(text: string): Promise<Record<string, unknown>> {
  mkdirSync(folder, { recursive: true });
  const place = mkdtempSync(join(folder, 'module-'));
  try {
    const source = join(place, `emitted${String(count++)}.ts`);
    const output = join(place, 'emitted.mjs');
    writeFileSync(source, text);
    await build({
      entryPoints: [source],
      outfile: output,
      bundle: true,
      format: 'esm',
      platform: 'node',
      alias: { 'gmm-lang/runtime': join(root, 'src/runtime.ts') },
      external: ['@tensorflow/*'],
      logLevel: 'error',
    });
    return (await import(/* @vite-ignore */ pathToFileURL(output).href)) as Record<string, unknown>;
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}

/** What a strict compiler says of files that are only texts, by path. */
export function complaintsOf(files: ReadonlyMap<string, string>): readonly string[] {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    noImplicitReturns: true,
    noUnusedLocals: true,
    noUnusedParameters: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
    paths: { 'gmm-lang/runtime': [join(root, 'src/runtime.ts')] },
  };
  const host = ts.createCompilerHost(options);
  const readFile = host.readFile.bind(host);
  const fileExists = host.fileExists.bind(host);
  const getSourceFile = host.getSourceFile.bind(host);
  host.readFile = (file) => files.get(file) ?? readFile(file);
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.getSourceFile = (file, version) => {
    const text = files.get(file);
    return text === undefined ? getSourceFile(file, version) : ts.createSourceFile(file, text, version);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return ts
    .getPreEmitDiagnostics(program)
    .map(
      (d) =>
        `${d.file?.fileName ?? ''}:${String(d.start)} ${ts.flattenDiagnosticMessageText(d.messageText, ' ')}`,
    );
}

/** Largest difference of two lists of numbers, relative to the largest of them. */
export function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  let off = a.length === b.length ? 0 : Infinity;
  for (let i = 0; i < a.length; i++) {
    largest = Math.max(largest, Math.abs(a[i]), Math.abs(b[i]));
    off = Math.max(off, Math.abs(a[i] - b[i]));
  }
  return off / (largest === 0 ? 1 : largest);
}

export const momentsDifference = (a: Moments, b: Moments): number =>
  Math.max(difference(a.weight, b.weight), difference(a.mean, b.mean), difference(a.scatter, b.scatter));
