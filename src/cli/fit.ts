/** `gmm fit`: estimates the parameters of a model from a table. */
import { describeRun } from '../diagnostics/run.js';
import { toFitFile } from '../fit/fit-file.js';
import type { FitFile } from '../fit/fit-file.js';
import { fitTable } from '../fit/run.js';
import type { TableFit } from '../fit/run.js';
import type { FitResult } from '../fit/types.js';
import { fitText, lossText } from '../report/fit-text.js';
import { exit } from './exit.js';
import type { ExitCode } from './exit.js';
import { isWritable, writeText } from './files.js';
import { fitOptions } from './fit-options.js';
import type { FitFlags } from './flags.js';
import { onInterrupt } from './interrupt.js';
import { jsonText } from './json-text.js';
import { progressLine } from './progress.js';
import { reportProblems, warn, warningsOf } from './reports.js';
import { readModel } from './source.js';
import type { Source } from './source.js';
import { readStart } from './start.js';
import { openData, readBindings } from './table.js';
import type { Terminal } from './terminal.js';
import { version } from '../version.js';

export async function fitVerb(
  terminal: Terminal,
  model: string,
  data: string,
  flags: FitFlags,
): Promise<ExitCode> {
  const options = fitOptions(terminal, [model, data], flags);
  if ('stopped' in options) return options.stopped;
  if (!(await isWritable(terminal, flags.output))) return exit.usage;
  const bind = readBindings(terminal, flags.bind);
  if ('stopped' in bind) return bind.stopped;
  const start = flags.start === undefined ? { value: undefined } : await readStart(terminal, flags.start);
  if ('stopped' in start) return start.stopped;
  const source = await readModel(terminal, model);
  if ('stopped' in source) return source.stopped;

  const begin = performance.now();
  const table = await openData(terminal, data, flags);
  if ('stopped' in table) return table.stopped;
  const openMs = performance.now() - begin;

  const interrupt = onInterrupt(flags.output !== undefined);
  try {
    const outcome = await fitTable(source.value.plan, table.value, {
      set: flags.set ?? {},
      bind: bind.value,
      options: {
        ...options.value,
        start: start.value,
        signal: interrupt.signal,
        onProgress: progressLine(terminal),
      },
      onRead: () => {
        table.value.close();
      },
      onEngine: (why) => terminal.detail(why),
      onStarts: (said) => terminal.detail(said),
      compileMs: source.value.compileMs,
    });
    terminal.progress('');
    const isInterrupted = outcome.problems.some((problem) => problem.kind === 'interrupted');
    if (outcome.value === undefined) return reportProblems(terminal, outcome.problems);
    const { precisionLoss } = outcome.value.fit;
    if (precisionLoss !== null) terminal.detail(`float32 costs ${lossText(precisionLoss)}`);
    const file = fitFile(outcome.value, source.value, openMs);
    const written = await give(terminal, file, source.value, flags, isInterrupted);
    return written ?? verdict(terminal, outcome.value.fit, flags, isInterrupted);
  } finally {
    interrupt.release();
    table.value.close();
  }
}

function fitFile(outcome: TableFit, source: Source, openMs: number): FitFile {
  const file = toFitFile({ ...outcome, source: source.text, file: source.file, version });
  const { timings } = file;
  return {
    ...file,
    // reading the table begins when it is opened, before the fit knows of it
    timings: { ...timings, totalMs: timings.totalMs + openMs, loadMs: timings.loadMs + openMs },
    warnings: [...warningsOf(source.compiled.diagnostics), ...file.warnings],
  };
}

/** The result to where it was asked for; undefined when it went well. An interrupted fit is saved, not printed. */
async function give(
  terminal: Terminal,
  file: FitFile,
  source: Source,
  flags: FitFlags,
  isInterrupted: boolean,
): Promise<ExitCode | undefined> {
  const json = `${jsonText(file)}\n`;
  if (flags.output !== undefined) {
    const failed = await writeText(terminal, flags.output, json);
    if (failed !== undefined) return failed;
  }
  if (isInterrupted || flags.output === '-') return undefined;
  if (flags.json === true) {
    terminal.result(json);
    return undefined;
  }
  const { bold, cyan, dim } = terminal.out;
  terminal.result(fitText(file, source.plan.model, { title: bold, label: cyan, note: dim }));
  if (flags.output !== undefined) terminal.note(`saved in ${flags.output}`);
  return undefined;
}

function verdict(terminal: Terminal, fit: FitResult, flags: FitFlags, isInterrupted: boolean): ExitCode {
  for (const warning of fit.warnings) warn(terminal, warning);
  const { iterations, converged, trace } = fit;
  if (isInterrupted) {
    terminal.note(`what was reached is saved in ${flags.output ?? '-'}`);
    return reportProblems(terminal, [{ kind: 'interrupted', iterations }]);
  }
  if (converged) return exit.success;
  const change = Math.abs((trace.at(-1) ?? NaN) - (trace.at(-2) ?? NaN));
  const problem = { kind: 'not-converged', iterations, change } as const;
  if (flags.requireConvergence === true) return reportProblems(terminal, [problem]);
  // Without a tolerance the number of steps is what was asked for.
  if (flags.tolerance !== 0) for (const said of describeRun([problem])) warn(terminal, said, said.helps);
  return exit.success;
}
