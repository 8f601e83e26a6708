/** What predict and score share: a fit file and a table in, rows of columns out. */
import { extname } from 'node:path';
import { readFitFile } from '../fit/fit-file.js';
import type { FitFile } from '../fit/fit-file.js';
import { predictTable } from '../fit/predict.js';
import type { Prediction } from '../fit/predict.js';
import { toCsv, writeTable } from '../data/write.js';
import type { OutputColumn } from '../data/write.js';
import { exit } from './exit.js';
import type { ExitCode, Reached } from './exit.js';
import { isWritable, readText, usageLine, writeText } from './files.js';
import type { OutputFlags, PredictFlags } from './flags.js';
import { reportProblems } from './reports.js';
import { compileText } from './source.js';
import type { Source } from './source.js';
import { openData, readBindings } from './table.js';
import type { Terminal } from './terminal.js';

export interface FittedRows {
  readonly file: FitFile;
  readonly prediction: Prediction;
}

/** A fit file with the model it was made from, compiled again. */
export interface SavedFit {
  readonly file: FitFile;
  readonly source: Source;
}

/** Reads a fit file; `refuse` says why this fit cannot answer. */
export async function readFit(
  terminal: Terminal,
  fit: string,
  flags: OutputFlags,
  refuse: (source: Source) => string | undefined,
): Promise<Reached<SavedFit>> {
  const refused = (text: string): Reached<never> => {
    terminal.error(usageLine(terminal, text));
    return { stopped: exit.usage };
  };
  if (!['', '.csv', '.parquet', '.json'].includes(formOf(flags)))
    return refused(`\`${flags.output ?? ''}\`: a .csv, .parquet or .json file is wanted`);
  if (!(await isWritable(terminal, flags.output))) return { stopped: exit.usage };
  const text = await readText(terminal, fit);
  if ('stopped' in text) return text;
  const read = readFitFile(text.value);
  if (read.value === undefined)
    return refused(
      `\`${fit}\` is not what \`gmm fit -o\` saves: ${read.problem?.reason ?? 'it cannot be read'}`,
    );
  const file = read.value;
  // The fit said what there was to say of its model.
  const source = compileText(terminal, file.model.source, file.model.file, { isSilent: true });
  if ('stopped' in source) return source;
  const reason = refuse(source.value);
  return reason === undefined ? { value: { file, source: source.value } } : refused(reason);
}

/** `refuse` says why this fit cannot answer, before the data are read. */
export async function predictRows(
  terminal: Terminal,
  fit: string,
  data: string,
  flags: PredictFlags,
  refuse: (source: Source) => string | undefined,
): Promise<Reached<FittedRows>> {
  if (fit === '-' && data === '-') {
    terminal.error(usageLine(terminal, 'the fit and the data cannot both come from standard input'));
    return { stopped: exit.usage };
  }
  const bind = readBindings(terminal, flags.bind);
  if ('stopped' in bind) return bind;
  const saved = await readFit(terminal, fit, flags, refuse);
  if ('stopped' in saved) return saved;
  const { file, source } = saved.value;

  const table = await openData(terminal, data, flags);
  if ('stopped' in table) return table;
  try {
    const { value, problems } = await predictTable(source.plan, file, table.value, {
      bind: bind.value,
      engine: flags.engine,
      threads: flags.threads,
    });
    if (value === undefined) return { stopped: reportProblems(terminal, problems) };
    return { value: { file, prediction: value } };
  } finally {
    table.value.close();
  }
}

/** The end of the output's name; empty for standard output. */
const formOf = ({ output }: OutputFlags): string =>
  output === undefined || output === '-' ? '' : extname(output).toLowerCase() || '(none)';

/** As CSV, Parquet or JSON, to where it was asked for; with `--json` the JSON is printed beside a file. */
export async function giveRows(
  terminal: Terminal,
  columns: readonly OutputColumn[],
  json: () => unknown,
  flags: OutputFlags,
): Promise<ExitCode> {
  const output = flags.output ?? '-';
  const form = formOf(flags);
  const asJson = (): string => `${JSON.stringify(json())}\n`;
  if (form === '.parquet') {
    try {
      await writeTable(output, columns);
    } catch (error) {
      const why = error instanceof Error ? (error.message.split('\n', 1)[0] ?? '') : String(error);
      terminal.error(usageLine(terminal, `cannot write \`${output}\`: ${why}`));
      return exit.usage;
    }
  } else {
    const isJson = form === '.json' || (form === '' && flags.json === true);
    const failed = await writeText(terminal, output, isJson ? asJson() : toCsv(columns));
    if (failed !== undefined) return failed;
  }
  if (output !== '-' && flags.json === true) terminal.result(asJson());
  return exit.success;
}
