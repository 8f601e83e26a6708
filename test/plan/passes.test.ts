/** Each pass over a plan: what it rewrites, as a picture; and that no answer changes where it is left out. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { printText } from '../../src/algebra/print.js';
import type { Derivation } from '../../src/derive/types.js';
import { javascriptEngine } from '../../src/engine/javascript/engine.js';
import { referenceEngine } from '../../src/engine/reference/engine.js';
import { openTensorFlow } from '../../src/engine/tensorflow/engine.js';
import { isTensorFlowInstalled } from '../../src/engine/tensorflow/load.js';
import type { Engine } from '../../src/engine/types.js';
import { basePlan } from '../../src/plan/build.js';
import { lowerLogits } from '../../src/plan/lower-rows.js';
import { parameterStage } from '../../src/plan/parameter-stage.js';
import { afterPass, passes } from '../../src/plan/passes/passes.js';
import { hoistRows } from '../../src/plan/passes/hoist-rows.js';
import { whyNotPlain } from '../../src/plan/plain.js';
import { nodeText } from '../../src/plan/row-body.js';
import { rowValues } from '../../src/plan/row-values.js';
import type { AffineForm, LogitTerm, Pass, Plan, StatisticReading } from '../../src/plan/types.js';
import { compiled, root } from '../models.js';
import { caseOf, sources, toArrays } from './instances.js';
import type { Case } from './instances.js';

const without =
  (left: readonly Pass[]) =>
  (derivation: Derivation): Plan =>
    passes.filter((p) => !left.includes(p)).reduce(afterPass, basePlan(derivation));

/** What an engine says of an instance: log densities, posterior, and the parameters after one step. */
async function answers(engine: Engine, run: Case) {
  const session = await engine.open(run.program, run.data);
  const before = toArrays(run.instance.parameters);
  const { responsibilities, logDensity } = await session.posterior(before);
  const { moments, logLikelihood } = await session.expectation(before);
  // the first Newton steps, and one round of what is repeated until it settles
  const limits = { cycle: 1, newton: 2, tangents: 1, mixed: 1 };
  const { parameters, failures } = parameterStage(run.program, moments, before, limits);
  session.dispose();
  const after = [...parameters].map(([name, { data }]) => [name, data] as const);
  return {
    values: [['r', responsibilities], ['log p', logDensity], ['f', [logLikelihood]], ...after] as const,
    failures,
  };
}

/** Equal to a share of the largest of them. */
function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
) {
  const finite = Array.from(expected).filter(Number.isFinite).map(Math.abs);
  const scale = Math.max(1e-300, ...finite);
  expect(actual.length, what).toBe(expected.length);
  Array.from(expected, (x, n) => {
    if (!Number.isFinite(x)) expect(actual[n], what).toBe(x);
    else
      expect(
        Math.abs(actual[n] - x),
        `${what}[${String(n)}]: ${String(actual[n])}, not ${String(x)}`,
      ).toBeLessThanOrEqual(tolerance * scale);
  });
}

async function expectSame(
  engine: Engine,
  source: string,
  left: readonly Pass[],
  tolerance: number,
): Promise<void> {
  for (const seed of [1, 2]) {
    const whole = await answers(engine, caseOf(source, seed));
    const apart = await answers(engine, caseOf(source, seed, without(left)));
    expect(apart.failures).toEqual(whole.failures);
    apart.values.forEach(([name, found], n) => expectClose(found, whole.values[n][1], tolerance, name));
  }
}

/** Models in which a pass finds something: its notes are there. */
const concerned = (pass: Pass): readonly (readonly [string, string])[] =>
  Object.entries(sources).filter(([, source]) =>
    compiled(source).plan.notes.some((n) => n.pass === pass.name),
  );

describe.each(passes.map((p) => [p.name, p] as const))('%s', (name, pass) => {
  it('finds something to do', () => {
    expect(concerned(pass).length).toBeGreaterThan(0);
  });

  it.each(concerned(pass))('%s: the reference engine answers alike without it', async (_, source) => {
    await expectSame(referenceEngine, source, [pass], 1e-12);
  });

  it('rewrites a plan once: a second time leaves it alone', () => {
    for (const [, source] of concerned(pass)) {
      const { plan } = compiled(source);
      const { notes: _, ...again } = afterPass(plan, pass);
      const { notes: __, ...first } = plan;
      expect(again).toEqual(first);
    }
  });

  it('is pictured', async () => {
    const example = pictures[name];
    const { derivation } = compiled(sources[example]);
    const before = passes.slice(0, passes.indexOf(pass)).reduce(afterPass, basePlan(derivation));
    const after = afterPass(before, pass);
    const notes = after.notes.slice(before.notes.length).map((n) => n.note);
    const text = [
      `${name}: ${example}`,
      '',
      'before',
      ...picture(before),
      '',
      'after',
      ...picture(after),
      '',
      ...notes,
      '',
    ];
    await expect(text.join('\n')).toMatchFileSnapshot(join(root, `test/golden/passes/${name}.txt`));
  });
});

const pictures: Readonly<Record<string, string>> = {
  'merge-columns': 'parallel-lines',
  'symmetric-products': 'old-faithful',
  'needed-products': 'diagonal',
  'shared-quadratic': 'tied',
  'pooled-scatter': 'tied',
  'centred-solve': 'two-curves',
};

describe('no pass at all', () => {
  it.each(Object.entries(sources))('%s: the reference engine answers alike', async (_, source) => {
    await expectSame(referenceEngine, source, passes, 1e-12);
  });

  it.each(Object.entries(sources))('%s: so does the javascript engine', async (_, source) => {
    await expectSame(javascriptEngine({ threads: 1 }), source, passes, 1e-10);
  });
});

const installed = isTensorFlowInstalled();
describe.skipIf(!installed.ok)(`graphs${installed.ok ? '' : ` (skipped: ${installed.reason})`}`, () => {
  const plain = Object.entries(sources).filter(([, source]) => {
    const { plan } = compiled(source);
    return whyNotPlain(plan) === undefined && (plan.pooledScatter || plan.sharedQuadratic);
  });
  it.each(plain)('%s: the same with its products in the softmax and in every sum', async (_, source) => {
    const { engine } = await openTensorFlow({ threads: 1, device: 'auto' });
    const left = passes.filter((p) => p.name === 'shared-quadratic' || p.name === 'pooled-scatter');
    await expectSame(engine!, source, left, 1e-10);
  });
});

describe('hoist-rows', () => {
  const bodies = Object.entries(sources).map(([name, source]) => [name, source] as const);
  const hoistedOf = ({ program }: Case) => {
    const { body, logit } = lowerLogits(program);
    return { body, logit, hoisted: hoistRows(body, [logit], program.columns.length) };
  };

  it('finds the logarithms of the data inside of expressions', () => {
    const found = bodies.flatMap(([name, source]) => {
      const { body, hoisted } = hoistedOf(caseOf(source, 1));
      return hoisted.once.length === 0
        ? []
        : [`${name}: ${hoisted.once.map((id) => nodeText(body, id)).join(', ')}`];
    });
    expect(found).toMatchInlineSnapshot(`
      [
        "weibull: function log (column 1)",
        "claims: function log (column 4)",
        "poisson-regression: function log (column 4)",
        "counts that grow, with an offset: function log (column 4)",
        "logarithms of vectors that are normal: function log (column 0), function log (column 1)",
      ]
    `);
  });

  it.each(['weibull', 'logarithms of vectors that are normal'])('%s is pictured', async (name) => {
    const { body, logit, hoisted } = hoistedOf(caseOf(sources[name], 1));
    const lines = (nodes: typeof body.nodes): readonly string[] =>
      nodes.map((n, id) => `  ${String(id)} ${JSON.stringify(n)}`);
    const text = [
      `hoist-rows: ${name}, node ${String(logit)}`,
      '',
      'before',
      ...lines(body.nodes),
      '',
      'after',
      ...lines(hoisted.body.nodes),
      '',
      `once: ${hoisted.once.join(', ')}`,
      '',
    ];
    await expect(text.join('\n')).toMatchFileSnapshot(
      join(root, `test/golden/passes/hoist-rows-${name.split(' ')[0]}.txt`),
    );
  });

  it('has the values of the rows', () => {
    const run = caseOf(sources['weibull'], 1);
    const { body, hoisted } = hoistedOf(run);
    const [column] = rowValues(body, hoisted.once, run.data.rows, run.data.columns, []);
    const hours = run.plan.groups.findIndex((g) => g.kind === 'symbol' && g.symbol === 'hours');
    expect([...column]).toEqual([...run.data.columns[run.program.groupStart[hours]]].map(Math.log));
  });
});

// ------------------------------------------------------------------------------------------------ pictures

function picture(plan: Plan): readonly string[] {
  const names = plan.groups.map((g) => (g.kind === 'symbol' ? g.symbol : g.name));
  const form = (f: AffineForm): string =>
    [
      ...f.parts.map(
        (p) =>
          `${p.kind === 'scaled' ? '' : `${p.kind} `}${printText(p.coefficient)} × column group ${String(p.group)}`,
      ),
      printText(f.offset),
    ].join(' + ');
  const logit = (t: LogitTerm): string => {
    switch (t.kind) {
      case 'linear':
        return `linear: ${printText(t.coefficient)} × column group ${String(t.group)}`;
      case 'quadratic':
        return `quadratic: ${printText(t.coefficient)} × eᵀ ${printText(t.matrix)} e, e = ${form(t.residual)}`;
      case 'support':
        return `support ${String(t.support)}`;
      case 'constant':
      case 'general':
        return `${t.kind}: ${printText(t.value)}`;
    }
  };
  const reading = (r: StatisticReading): string => {
    switch (r.kind) {
      case 'weight':
        return 'weight';
      case 'general':
        return `rows: ${printText(r.body)}`;
      case 'median':
        return `median of rows: ${printText(r.value)}; ${printText(r.weight)}`;
      case 'first':
        return `first: ${form(r.form)}`;
      case 'second':
        return `second (${r.as}): ${form(r.left)}; ${r.left === r.right ? 'with itself' : form(r.right)}`;
    }
  };
  return [
    `  column groups: ${names.map((n, at) => `${String(at)} ${n}`).join(', ')}`,
    `  products: ${plan.pairs.logits} in the logits, ${plan.pairs.statistics} in the sums`,
    `  quadratic part outside of the softmax: ${String(plan.sharedQuadratic)}`,
    `  products summed once: ${String(plan.pooledScatter)}`,
    ...plan.logits.map((t) => `  logit ${logit(t)}`),
    ...plan.statistics.map((s) => `  ${s.name} ${reading(s.reading)}`),
    ...plan.updates.map(
      (u) =>
        `  ${u.parameter} ← ${printText(u.value)}${u.centred === undefined ? '' : `, around the means (constant: element ${String(u.centred.constant)} of group ${String(u.centred.group)})`}`,
    ),
  ];
}
