/** What the flags of the verbs are called in code, and the groups of flags that several verbs share. */
import { Option } from 'commander';
import type { Command } from 'commander';
import { readDelimiter, readSet, readWords, wholeNumber } from './values.js';
import type { Constants } from './values.js';

export interface TableFlags {
  readonly bind?: readonly string[];
  readonly missing?: readonly string[];
  readonly delimiter?: string;
  readonly decimal?: '.' | ',';
}

export const ENGINES = ['reference', 'javascript', 'tensorflow', 'tfjs', 'wasm', 'webgpu'] as const;

export interface EngineFlags {
  readonly engine: (typeof ENGINES)[number] | 'auto';
  readonly threads?: number;
}

export interface OutputFlags {
  readonly json?: true;
  readonly output?: string;
}

export type PredictFlags = TableFlags & EngineFlags & OutputFlags;
export type ScoreFlags = PredictFlags;

export interface FitFlags extends TableFlags, EngineFlags, OutputFlags {
  readonly set?: Constants;
  readonly device: 'auto' | 'cpu' | 'gpu';
  readonly precision?: 'float64' | 'float32';
  readonly seed?: string;
  readonly restarts?: number;
  readonly init?: 'kmeans++' | 'random';
  readonly start?: string;
  readonly maxIterations?: number;
  readonly tolerance?: number;
  readonly requireConvergence?: true;
}

export const CHECK_FORMATS = ['text', 'json', 'sarif', 'github'] as const;
export const STATIONS = ['tree', 'model', 'derivation', 'plan'] as const;

export interface CheckFlags {
  readonly format?: (typeof CHECK_FORMATS)[number];
  readonly json?: true;
  readonly pedantic?: true;
  readonly show?: (typeof STATIONS)[number];
}

export interface DeriveFlags {
  readonly format: 'text' | 'markdown';
  readonly verify?: true;
  readonly output?: string;
}

export const TARGETS = ['ts', 'graph', 'json'] as const;

export interface CompileFlags {
  readonly set?: Constants;
  readonly target: (typeof TARGETS)[number];
  readonly output?: string;
}

export interface ExampleFlags {
  readonly output?: string;
}

export interface DoctorFlags {
  readonly setup?: true;
  readonly json?: true;
}

/** Collects a flag that may be given several times. */
const collected = (text: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  text,
];

export function tableFlags(command: Command): Command {
  return command
    .optionsGroup('The table:')
    .option(
      '--bind <NAME=col,col>',
      'columns of a data symbol, as in the header; one with a comma in double quotes (repeatable)',
      collected,
    )
    .option('--missing <WORDS>', 'words for a missing cell, beside the empty one (default: NA)', readWords)
    .option('--delimiter <C>', 'what separates the cells of a CSV (default: found)', readDelimiter)
    .addOption(
      new Option('--decimal <C>', 'decimal separator of a CSV: . (default) or ,').choices(['.', ',']),
    );
}

export function setFlag(command: Command): Command {
  return command
    .optionsGroup('The model:')
    .option('--set <NAME=VALUE>', 'the value of a `const`: a number or JSON (repeatable)', readSet);
}

export function engineFlags(command: Command): Command {
  return command
    .optionsGroup('The engine:')
    .addOption(
      new Option('--engine <NAME>', 'auto (default), reference, tensorflow or tfjs; see `gmm doctor`')
        .choices(['auto', ...ENGINES])
        .default('auto'),
    )
    .option('--threads <N>', 'processor cores to use (default: all)', wholeNumber(1));
}
