/** What the flags of the verbs are called in code, and the groups of flags that several verbs share. */
import { Option } from 'commander';
import type { Algorithm } from '../fit/types.js';
import type { Command } from 'commander';
import { notNegative, numberOr, readDelimiter, readSet, readWords, wholeNumber } from './values.js';
import type { Constants, Grid } from './values.js';

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

export interface SampleFlags extends OutputFlags {
  readonly rows: number;
  readonly seed?: string;
  readonly latents?: true;
}

/** How a fit is searched for. */
export interface SearchFlags extends EngineFlags {
  readonly device?: 'auto' | 'cpu' | 'gpu';
  readonly precision?: 'float64' | 'float32';
  readonly seed?: string;
  readonly restarts?: number;
  readonly init?: 'kmeans++' | 'random';
  readonly startRows?: number | 'all';
  readonly algorithm?: Algorithm;
  readonly accelerate?: true;
  readonly maxIterations?: number;
  readonly tolerance?: number;
}

export interface FitFlags extends TableFlags, SearchFlags, OutputFlags {
  readonly set?: Constants;
  readonly start?: string;
  readonly requireConvergence?: true;
}

export interface SelectFlags extends TableFlags, SearchFlags {
  readonly set?: Grid;
  readonly json?: true;
}

export const CHECK_FORMATS = ['text', 'json', 'sarif', 'github'] as const;
export const STATIONS = ['tree', 'model', 'derivation', 'plan'] as const;

export interface CheckFlags extends TableFlags {
  readonly format?: (typeof CHECK_FORMATS)[number];
  readonly json?: true;
  readonly pedantic?: true;
  readonly show?: (typeof STATIONS)[number];
  /** sizes and constants for `--show plan` */
  readonly set?: Constants;
}

export const DERIVATION_FORMATS = ['text', 'markdown', 'latex', 'html'] as const;

export interface DeriveFlags {
  readonly format: (typeof DERIVATION_FORMATS)[number];
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
      new Option(
        '--engine <NAME>',
        'auto (default), reference, javascript, wasm, tensorflow, tfjs or webgpu; see `gmm doctor`',
      )
        .choices(['auto', ...ENGINES])
        .default('auto'),
    )
    .option('--threads <N>', 'processor cores to use (default: all)', wholeNumber(1));
}

/** Flags of fit and select: how starts are drawn, when a start ends, and what computes it. */
export function searchFlags(command: Command): Command {
  command
    .optionsGroup('The search:')
    .option('--seed <S>', 'chance: the same seed gives the same numbers (default: 1)')
    .option('--restarts <R>', 'starts run in all, the best kept (default: 10)', wholeNumber(1))
    .addOption(
      new Option('--init <RULE>', 'how starts are drawn: kmeans++ (default) or random').choices([
        'kmeans++',
        'random',
      ]),
    )
    .option(
      '--start-rows <N>',
      'rows that starts run on before the best goes on with all, or all (default: of more than 100000 rows, 20000 or 1000 a component)',
      numberOr('all', wholeNumber(1)),
    )
    .addOption(
      new Option(
        '--algorithm <A>',
        'em (default), hard: each row whole to its likeliest component, or gradient: ascent on the marginal likelihood, as a cross-check',
      ).choices(['em', 'hard', 'gradient']),
    )
    .option('--accelerate', 'fewer EM steps: extrapolate them (SQUAREM), where the objective rises')
    .option('--max-iterations <N>', 'steps of one start (default: 10000)', wholeNumber(0))
    .option(
      '--tolerance <T>',
      'gain per row at which it stops; 0: run all steps (default: 1e-10)',
      notNegative,
    );
  return engineFlags(command)
    .addOption(
      new Option(
        '--device <NAME>',
        'auto (default), cpu or gpu, for tensorflow and tfjs: gpu takes @tensorflow/tfjs-node-gpu',
      )
        .choices(['auto', 'cpu', 'gpu'])
        .default('auto'),
    )
    .addOption(
      new Option(
        '--precision <P>',
        'float64 (default) or float32, in which tensorflow computes too, and tfjs and webgpu only',
      ).choices(['float64', 'float32']),
    );
}
