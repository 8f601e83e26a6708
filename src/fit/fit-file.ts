/** The JSON form of a fit, `gmm-fit/1`: what `--json` and `-o` write, and what predict, score and `--start` read. */
import type { Dataset } from '../data/types.js';
import type { Program } from '../plan/types.js';
import type { Nested } from './parameters.js';
import { parametersToJson } from './parameters.js';
import type { ConstantValue } from './prepare.js';
import type { FitResult, FitWarning, Start } from './types.js';
import { sha256 } from '../sha256.js';

export interface FitFile {
  readonly schema: 'gmm-fit/1';
  readonly version: string;
  readonly model: {
    readonly name: string;
    readonly file: string | null;
    readonly sha256: string;
    readonly source: string;
    readonly constants: Readonly<Record<string, ConstantValue>>;
  };
  readonly engine: FitResult['engine'];
  readonly data: {
    readonly rows: number;
    readonly columns: Readonly<Record<string, readonly string[]>>;
    readonly weights: string | null;
    readonly levels: Readonly<Record<string, readonly string[]>>;
  };
  readonly fit: Omit<FitResult, 'parameters' | 'engine' | 'timings' | 'warnings'>;
  readonly parameters: Readonly<Record<string, Nested>>;
  readonly timings: FitResult['timings'];
  readonly warnings: readonly FitWarning[];
}

export interface FitFileInput {
  readonly fit: FitResult;
  readonly program: Program;
  readonly dataset: Dataset;
  readonly constants: ReadonlyMap<string, ConstantValue>;
  /** the model's text, and the file it came from */
  readonly source: string;
  readonly file: string | null;
  readonly version: string;
}

export function toFitFile(input: FitFileInput): FitFile {
  const { fit, program, dataset } = input;
  const { model } = program.plan;
  const { parameters, engine, timings, warnings, ...rest } = fit;
  const levels = new Map<string, readonly string[]>(dataset.levels);
  for (const [name, labels] of dataset.labels) levels.set(name, labels.levels);
  return {
    schema: 'gmm-fit/1',
    version: input.version,
    model: {
      name: model.name,
      file: input.file,
      sha256: sha256(input.source),
      source: input.source,
      constants: Object.fromEntries(input.constants),
    },
    engine,
    data: {
      rows: dataset.rows,
      columns: Object.fromEntries(
        model.data
          .filter((d) => d.as === undefined)
          .flatMap((d) => {
            const bound = dataset.symbols.get(d.name);
            return bound === undefined ? [] : [[d.name, bound.columns]];
          }),
      ),
      weights: dataset.weights?.column ?? null,
      levels: Object.fromEntries(levels),
    },
    fit: rest,
    parameters: parametersToJson(parameters, program),
    timings,
    warnings,
  };
}

export type FileProblem = { readonly kind: 'bad-fit-file'; readonly reason: string };

/** Reads a fit file's text. */
export function readFitFile(text: string): {
  readonly value: FitFile | undefined;
  readonly problem: FileProblem | undefined;
} {
  const bad = (reason: string) => ({ value: undefined, problem: { kind: 'bad-fit-file' as const, reason } });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return bad('it is not JSON');
  }
  if (typeof parsed !== 'object' || parsed === null) return bad('it is not a JSON object');
  const file = parsed as Partial<FitFile>;
  if (file.schema !== 'gmm-fit/1')
    return bad(`its schema is ${JSON.stringify(file.schema ?? null)}, not "gmm-fit/1"`);
  if (
    typeof file.model?.source !== 'string' ||
    typeof file.parameters !== 'object' ||
    typeof file.data !== 'object'
  )
    return bad('the model, its parameters or the columns are not in it');
  return { value: file as FitFile, problem: undefined };
}

/** Reads the text of a `--start` file: parameters, labels or responsibilities; a fit file is a start too. */
export function readStartFile(text: string): {
  readonly value: Start | undefined;
  readonly problem: FileProblem | undefined;
} {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { value: undefined, problem: { kind: 'bad-fit-file', reason: 'it is not JSON' } };
  }
  const start = startOf(parsed);
  return typeof start === 'string'
    ? { value: undefined, problem: { kind: 'bad-fit-file', reason: start } }
    : { value: start, problem: undefined };
}

const isMap = (x: unknown): x is Record<string, unknown> =>
  typeof x === 'object' && x !== null && !Array.isArray(x) && !ArrayBuffer.isView(x);

/** What a start file says, or a start as the library is given it; else why it is none. */
export function startOf(given: unknown): Start | string {
  if (!isMap(given)) return 'it is not a JSON object';
  const lists = (x: Record<string, unknown>): boolean =>
    Object.values(x).every((list) => Array.isArray(list) || ArrayBuffer.isView(list));
  const { parameters, labels, responsibilities } = given;
  if (isMap(parameters)) return { kind: 'parameters', parameters };
  if (isMap(labels) && lists(labels)) return { kind: 'labels', labels: labels as Record<string, number[]> };
  if (isMap(responsibilities) && lists(responsibilities))
    return { kind: 'responsibilities', responsibilities: responsibilities as Record<string, number[][]> };
  return 'it has none of "parameters", "labels" and "responsibilities" as an object of arrays';
}
