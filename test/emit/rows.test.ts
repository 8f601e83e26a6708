/** Emitted modules that go through the rows one by one: their steps are those of the reference engine, in float64. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nestedParameters } from '../../src/engine/tfjs/nested.js';
import type { Nested } from '../../src/engine/tfjs/nested.js';
import { referenceEngine } from '../../src/engine/reference/engine.js';
import { emitTypeScript } from '../../src/emit/typescript/module.js';
import { parameterStage } from '../../src/plan/parameter-stage.js';
import { compiled, examples, exampleSource, plainExamples, root } from '../models.js';
import { drawnParameters, prepared } from '../engine/programs.js';
import type { Marks, Prepared } from '../engine/programs.js';
import { complaintsOf, difference, importText } from './emitted.js';

type Given = Readonly<Record<string, Nested>>;
type Table = Readonly<Record<string, unknown>>;
interface Emitted {
  readonly posterior: (data: Table, parameters: Given) => Given;
  readonly logLikelihood: (...of: unknown[]) => number;
  readonly maximisation: (data: Table, posterior: Given, previous: Given) => Given;
  readonly fit: (
    data: Table,
    start: Given,
    options?: object,
  ) => { readonly parameters: Given; readonly objective: number; readonly trace: readonly number[] };
}

const rowExamples = examples.filter((e) => e.name !== 'missing-cells' && !plainExamples.includes(e));
const flat = (value: Nested): number[] => (typeof value === 'number' ? [value] : value.flatMap(flat));

const textOf = ({ program }: Prepared): string =>
  emitTypeScript(program.plan, { types: true, sizes: sizesOf(program.sizes), constants: program.constants });

/** All but the numbers of rows and groups, which the data tell. */
const sizesOf = (sizes: Readonly<Record<string, number>>): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(sizes).filter(([name]) => name !== 'N' && !name.startsWith('N_')));

/** The data as a user of the module has them. */
function tableOf({ program, data, symbols }: Prepared): Table {
  const { model, axes } = program.plan;
  const table: Record<string, unknown> = {};
  for (const d of model.data) {
    const values = symbols.get(d.name);
    table[d.name] =
      d.as === 'weight'
        ? [...data.weights!]
        : d.type.shape.length === 0
          ? [...values![0]]
          : Array.from({ length: data.rows }, (_, i) => values!.map((c) => c[i]));
  }
  axes.forEach((a, n) => {
    const isLabelled = model.latents.some((l) => l.name === a.latent && l.labels !== undefined);
    if (isLabelled) table[a.latent] = [...(data.labels[n] ?? new Int32Array(data.rows))];
  });
  return table;
}

const variants: readonly (readonly [string, Marks])[] = [
  ['plain', {}],
  ['weighted', { weights: true }],
  ['weighted and labelled', { weights: true, labels: true }],
];

for (const [variant, marks] of variants)
  describe(variant, () => {
    // labels need one latent of the rows; a model of nothing hidden has none
    const fitting = rowExamples.filter(
      (e) => marks.labels !== true || compiled(exampleSource(e)).plan.latent !== undefined,
    );
    it.each(fitting)('$name: five steps are those of the reference engine', async (example) => {
      const run = await prepared(example, marks);
      const module = (await importText(textOf(run))) as unknown as Emitted;
      const table = tableOf(run);
      const reference = await referenceEngine.open(run.program, run.data);
      let theirs = await drawnParameters(run, 1);
      let ours = nestedParameters(theirs);
      for (let step = 0; step < 5; step++) {
        const posterior = module.posterior(table, ours);
        const likelihood = (posterior_: Given): number =>
          module.logLikelihood.length > 1
            ? module.logLikelihood(table, posterior_)
            : module.logLikelihood(posterior_);
        const truth = await reference.expectation(theirs);
        // labels may say what a density cannot give
        if (truth.logLikelihood === -Infinity) expect(likelihood(posterior)).toBe(-Infinity);
        else expect(difference([likelihood(posterior)], [truth.logLikelihood])).toBeLessThan(1e-10);
        ours = module.maximisation(table, posterior, ours);
        theirs = parameterStage(run.program, truth.moments, theirs).parameters;
        for (const [parameter, value] of theirs)
          expect(
            difference(flat(ours[parameter]), value.data),
            `${parameter} after step ${String(step + 1)}`,
          ).toBeLessThan(1e-7);
      }
      const fit = module.fit(table, nestedParameters(theirs), { iterations: 2 });
      expect(fit.trace.length).toBeGreaterThan(1);
      expect(fit.trace.at(-1)).toBe(fit.objective);
    });
  });

it('every module is TypeScript without a complaint', async () => {
  const files = new Map<string, string>();
  for (const example of rowExamples) {
    const text = textOf(await prepared(example));
    files.set(join(root, 'test/emit', `virtual-${example.name}.ts`), text);
  }
  expect(complaintsOf(files)).toEqual([]);
});

it.each(['raters', 'gamma', 'effects', 'noise'])('%s reads as its golden file', async (name) => {
  const example = rowExamples.find((e) => e.name === name)!;
  await expect(textOf(await prepared(example))).toMatchFileSnapshot(
    join(root, `test/golden/emitted/${name}.ts.txt`),
  );
});
