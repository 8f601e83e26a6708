/**
 * The tfjs engine: the module that `gmm compile --target ts` writes, as plain JavaScript, with `tf` and the runtime put
 * in its hands; and what that module has no tensors for, node by node (`body-session.ts`). float32, on any backend of tfjs.
 * Rows go through it in blocks, whose moments are merged in float64.
 */
import type { Engine, EngineProblem, Expectation, RowData, RowPosterior, Session } from '../types.js';
import type { Moments, Program } from '../../plan/types.js';
import { whyNotEmitted } from '../../plan/plain.js';
import { openBackend } from './backends.js';
import type { Backend, BackendWish } from './backends.js';
import { keepMeansWithin, rangesOf } from '../standardise.js';
import { openBodySession } from './body-session.js';
import { mergeMoments } from './merge.js';
import { loadModule } from './module.js';
import type { EmittedModule, EmittedRows, EmittedStatistics } from './module.js';
import { nestedParameters } from './nested.js';

/** Rows of one call: enough to keep a backend busy, few enough that float32 sums lose little. */
const BLOCK = 65536;

export async function openTfjs(
  options: BackendWish,
): Promise<{ readonly engine: Engine | undefined; readonly problem: EngineProblem | undefined }> {
  const name = options.backend === 'webgpu' ? 'webgpu' : 'tfjs';
  const backend = await openBackend(options);
  if (backend.kind === 'unavailable')
    return {
      engine: undefined,
      problem: {
        kind: 'engine-unavailable',
        engine: name,
        reason: backend.reason,
        command: backend.command,
      },
    };
  return {
    engine: {
      name,
      precision: 'float32',
      device: backend.device,
      threads: backend.threads,
      version: `${backend.tf.version_core} (${[backend.name, backend.on].filter(Boolean).join(', ')})`,
      open: (program, data) => openSession(program, data, backend),
    },
    problem: undefined,
  };
}

/**
 * The emitted module where there is one. Where its answer is no number, as beside log 0 of what never occurs, the logits are
 * computed as they stand on paper.
 */
async function openSession(program: Program, data: RowData, backend: Backend): Promise<Session> {
  await use(backend);
  const { tf, threads } = backend;
  if (whyNotEmitted(program.plan) !== undefined)
    return using(backend, openBodySession(tf, program, data, threads));
  const emitted = await openEmittedSession(program, data, backend);
  let opened: Session | undefined;
  const asStated = (): Session => (opened ??= openBodySession(tf, program, data, threads));
  return using(backend, {
    expectation: async (parameters) => {
      const found = await emitted.expectation(parameters);
      return Number.isFinite(found.logLikelihood) ? found : asStated().expectation(parameters);
    },
    momentsOf: emitted.momentsOf,
    posterior: async (parameters) => {
      const found = await emitted.posterior(parameters);
      return found.logDensity.some(Number.isNaN) ? asStated().posterior(parameters) : found;
    },
    dispose: () => {
      emitted.dispose();
      opened?.dispose();
    },
  });
}

/** The backend is one for the whole process: another engine may have taken it. */
function using(backend: Backend, session: Session): Session {
  return {
    expectation: async (parameters) => {
      await use(backend);
      return session.expectation(parameters);
    },
    momentsOf: async (responsibilities) => {
      await use(backend);
      return session.momentsOf(responsibilities);
    },
    posterior: async (parameters) => {
      await use(backend);
      return session.posterior(parameters);
    },
    dispose: session.dispose,
  };
}

async function openEmittedSession(program: Program, data: RowData, backend: Backend): Promise<Session> {
  const { tf } = backend;
  const module = await loadModule(program, tf);
  // the largest tensor has a number for each row, component and column
  const widest = Math.max(1, program.components * program.columns.length);
  const size = Math.max(1, Math.min(BLOCK, Math.floor(backend.largest / widest)));
  const blocks = blocksOf(program, data, module, size);
  const ranges = rangesOf(data);
  const merged = (parts: readonly EmittedStatistics[]): Moments =>
    keepMeansWithin(ranges, mergeMoments(parts.map((p) => momentsOf(p, program))));
  return {
    expectation: async (parameters): Promise<Expectation> => {
      const given = nestedParameters(parameters);
      const parts = [];
      for (const { rows } of blocks) parts.push(await module.expectation(rows, given));
      return {
        moments: merged(parts.map((p) => p.statistics)),
        logLikelihood: parts.reduce((sum, p) => sum + p.logLikelihood, 0),
      };
    },
    momentsOf: async (responsibilities): Promise<Moments> => {
      const parts = [];
      for (const { rows, first, count } of blocks) {
        const k = program.components;
        const own = Float32Array.from(responsibilities.subarray(first * k, (first + count) * k));
        const r = tf.tensor2d(own, [count, k]);
        parts.push(await module.statistics(rows, r));
        r.dispose();
      }
      return merged(parts);
    },
    posterior: async (parameters): Promise<RowPosterior> => {
      const given = nestedParameters(parameters);
      const responsibilities = new Float64Array(data.rows * program.components);
      const logDensity = new Float64Array(data.rows);
      for (const { rows, first } of blocks) {
        const posterior = module.posterior(rows, given);
        responsibilities.set(await posterior.responsibilities.data(), first * program.components);
        logDensity.set(await posterior.logDensity.data(), first);
        tf.dispose([posterior.responsibilities, posterior.logDensity]);
      }
      return { responsibilities, logDensity };
    },
    dispose: () => {
      for (const { rows } of blocks) module.dispose(rows);
    },
  };
}

async function use({ tf, name }: Backend): Promise<void> {
  if (tf.getBackend() !== name) await tf.setBackend(name);
}

interface Block {
  readonly rows: EmittedRows;
  readonly first: number;
  readonly count: number;
}

function blocksOf(program: Program, data: RowData, module: EmittedModule, size: number): readonly Block[] {
  const { model, latent } = program.plan;
  const hasWeights = model.data.some((d) => d.as === 'weight');
  const hasLabels = model.latents.find((l) => l.name === latent)?.labels !== undefined;
  return Array.from({ length: Math.max(1, Math.ceil(data.rows / size)) }, (_, n) => {
    const first = n * size;
    const count = Math.min(size, data.rows - first);
    const columns = data.columns.map((c) => c.subarray(first, first + count));
    const weights = data.weights?.subarray(first, first + count) ?? new Float64Array(count).fill(1);
    const labels = data.labels[0]?.subarray(first, first + count) ?? new Int32Array(count);
    return {
      rows: module.tensors(columns, ...(hasWeights ? [weights] : []), ...(hasLabels ? [labels] : [])),
      first,
      count,
    };
  });
}

function momentsOf({ weight, mean, scatter }: EmittedStatistics, program: Program): Moments {
  return {
    components: program.components,
    columns: program.columns.length,
    weight: Float64Array.from(weight),
    mean: Float64Array.from(mean.flat()),
    scatter: Float64Array.from(flat(scatter ?? [])),
  };
}

type Arrays = number | readonly Arrays[];
const flat = (a: Arrays): readonly number[] => (typeof a === 'number' ? [a] : a.flatMap(flat));
