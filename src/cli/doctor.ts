/** `gmm doctor`: which engines work here and, for each one that does not, why and what to run. */
import { availableParallelism } from 'node:os';
import { gpuReport } from '../engine/gpu.js';
import type { GpuReport } from '../engine/gpu.js';
import { openJavascript } from '../engine/javascript/engine.js';
import { referenceEngine } from '../engine/reference/engine.js';
import { openTensorFlow } from '../engine/tensorflow/engine.js';
import type { Engine, EngineOptions, EngineProblem } from '../engine/types.js';
import { adapterText } from '../engine/tfjs/adapter.js';
import { openTfjs } from '../engine/tfjs/engine.js';
import { openWasm } from '../engine/wasm/engine.js';
import { exit } from './exit.js';
import type { ExitCode } from './exit.js';
import { usageLine } from './files.js';
import type { DoctorFlags } from './flags.js';
import type { Terminal } from './terminal.js';
import { version } from '../version.js';

interface Finding {
  readonly name: string;
  /** what it is for */
  readonly what: string;
  readonly available: boolean;
  readonly precision: string | null;
  readonly device: string | null;
  readonly version: string | null;
  readonly reason: string | null;
  /** one command to run */
  readonly command: string | null;
}

const OPTIONS: EngineOptions = { threads: availableParallelism(), device: 'auto' };

interface Opened {
  readonly engine: Engine | undefined;
  readonly problem: EngineProblem | undefined;
}

const ENGINES: readonly {
  readonly name: string;
  readonly what: string;
  readonly open: () => Promise<Opened>;
}[] = [
  {
    name: 'reference',
    what: 'plain JavaScript that a person can check; the others are held to it',
    open: () => Promise.resolve({ engine: referenceEngine, problem: undefined }),
  },
  {
    name: 'javascript',
    what: 'code generated for the model, on all cores for large data; needs nothing, for every structure',
    open: () => Promise.resolve(openJavascript(OPTIONS)),
  },
  {
    name: 'wasm',
    what: 'WebAssembly with SIMD on all cores; for large data: k-means, Gaussian mixtures and mixtures of regressions',
    open: () => Promise.resolve(openWasm(OPTIONS)),
  },
  {
    name: 'tensorflow',
    what: 'a TensorFlow graph on all cores; for large data',
    open: async () => openTensorFlow(OPTIONS),
  },
  {
    name: 'tfjs',
    what: 'the generated code on TensorFlow.js operations',
    open: async () => openTfjs(OPTIONS),
  },
];

export async function doctor(terminal: Terminal, flags: DoctorFlags): Promise<ExitCode> {
  let code: ExitCode = exit.success;
  if (flags.setup === true) {
    const failed = await setUp(terminal);
    if (failed !== undefined) {
      terminal.error(usageLine(terminal, failed));
      code = exit.engine;
    }
  }
  const [gpu, ...own] = await Promise.all([gpuReport(), ...ENGINES.map(find)]);
  const findings = [...own, webGpuFinding(gpu.webgpu)];
  if (flags.json === true) terminal.result(`${JSON.stringify(asJson(findings, gpu), undefined, 2)}\n`);
  else terminal.result(asText(terminal, findings, gpu));
  return code;
}

/** Loaded only when asked for; undefined when it went well. */
async function setUp(terminal: Terminal): Promise<string | undefined> {
  const { setUpTensorFlow } = await import('../../scripts/tensorflow-setup.mjs');
  const result = await setUpTensorFlow({ say: (line: string) => terminal.note(`TensorFlow: ${line}`) });
  return result.ok
    ? undefined
    : `TensorFlow could not be set up: ${result.why}. To get it, ${result.remedy}.`;
}

async function find({ name, what, open }: (typeof ENGINES)[number]): Promise<Finding> {
  const { engine, problem } = await open();
  return {
    name,
    what,
    available: engine !== undefined,
    precision: engine?.precision ?? null,
    device: engine?.device ?? null,
    version: engine?.version ?? null,
    reason: problem?.reason ?? null,
    command: problem?.command ?? null,
  };
}

/** The engine itself is not opened: a broken driver would end this process. */
function webGpuFinding(found: GpuReport['webgpu']): Finding {
  const what = 'the same on a GPU, by WebGPU; for many rows and components';
  const base = { name: 'webgpu', what, available: found.ok };
  if (!found.ok)
    return {
      ...base,
      precision: null,
      device: null,
      version: null,
      reason: found.reason,
      command: found.command ?? null,
    };
  const version = `${found.tfjsVersion} (webgpu, ${adapterText(found.adapter)})`;
  return { ...base, precision: 'float32', device: 'gpu', version, reason: null, command: null };
}

const asJson = (engines: readonly Finding[], gpu: GpuReport): unknown => ({
  schema: 'gmm-doctor/1',
  version,
  node: process.versions.node,
  platform: `${process.platform}-${process.arch}`,
  cores: OPTIONS.threads,
  engines,
  gpu: {
    adapter: gpu.webgpu.ok ? gpu.webgpu.adapter : null,
    nvidiaDriver: gpu.nvidiaDriver,
    tfjsNodeGpu: gpu.tfjsNodeGpu,
    limits: gpu.limits,
  },
});

function asText(terminal: Terminal, findings: readonly Finding[], gpu: GpuReport): string {
  const { bold, cyan, dim, green, yellow } = terminal.out;
  const width = Math.max(...findings.map((f) => f.name.length));
  const indent = ' '.repeat(width + 5);
  const lines = findings.flatMap((f) => {
    const head = `  ${cyan(f.name.padEnd(width))}   `;
    if (f.available)
      return [
        `${head}${green('works')}: ${[f.precision, f.device, f.version].filter(Boolean).join(', ')}`,
        indent + dim(f.what),
      ];
    const remedy = f.command === null ? [] : [`${indent}to get it: ${bold(f.command)}`];
    return [
      `${head}${yellow('not available')}: ${f.reason ?? 'no reason given'}`,
      ...remedy,
      indent + dim(f.what),
    ];
  });
  const place = `gmm ${version}, Node ${process.versions.node}, ${process.platform} ${process.arch}, ${String(OPTIONS.threads)} cores`;
  return `${bold(place)}\n\n${lines.join('\n')}\n\n${gpuLines(terminal, gpu).join('\n')}\n`;
}

function gpuLines(terminal: Terminal, gpu: GpuReport): readonly string[] {
  const { bold, dim } = terminal.out;
  return [
    bold('GPU'),
    `  WebGPU adapter      ${gpu.webgpu.ok ? adapterText(gpu.webgpu.adapter) : 'none'}`,
    `  NVIDIA driver       ${gpu.nvidiaDriver ?? 'none'}`,
    `  tfjs-node-gpu       ${gpu.tfjsNodeGpu.reason ?? 'installed, for --device gpu'}`,
    '  will not help:',
    ...gpu.limits.map((limit) => `    ${dim(limit)}`),
  ];
}
