/** `gmm fit`: estimates the parameters of a model from a table. */
import { describeRun } from '../diagnostics/run.js';
import { toFitFile } from '../fit/fit-file.js';
import type { FitFile } from '../fit/fit-file.js';
import { fitTable } from '../fit/run.js';
import type { TableFit } from '../fit/run.js';
import type { FitOptions, FitResult } from '../fit/types.js';
import { fitText } from '../report/fit-text.js';
import { exit } from './exit.js';
import type { ExitCode, Reached } from './exit.js';
import { isWritable, usageLine, writeText } from './files.js';
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
import { version } from './version.js';

export async function fitVerb(
  terminal: Terminal,
  model: string,
  data: string,
  flags: FitFlags,
): Promise<ExitCode> {
  const options = readOptions(terminal, model, data, flags);
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

  const interrupt = onInterrupt();
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
      onEngine: (why) => terminal.detail(why),
      compileMs: source.value.compileMs,
    });
    terminal.progress('');
    const isInterrupted = outcome.problems.some((problem) => problem.kind === 'interrupted');
    if (outcome.value === undefined) return reportProblems(terminal, outcome.problems);
    const file = fitFile(outcome.value, source.value, openMs);
    const written = await give(terminal, file, source.value, flags, isInterrupted);
    return written ?? verdict(terminal, outcome.value.fit, flags, isInterrupted);
  } finally {
    interrupt.release();
    table.value.close();
  }
}

/** The options of the fit, or wrong usage where flags exclude each other. */
function readOptions(
  terminal: Terminal,
  model: string,
  data: string,
  flags: FitFlags,
): Reached<Partial<FitOptions>> {
  const refuse = (text: string): Reached<never> => {
    terminal.error(usageLine(terminal, text));
    return { stopped: exit.usage };
  };
  if (model === '-' && data === '-')
    return refuse('the model and the data cannot both come from standard input');
  const isSingle = flags.engine === 'tfjs' || flags.engine === 'webgpu';
  if (isSingle && flags.precision === 'float64')
    return refuse(`\`--engine ${flags.engine}\` computes in float32, which excludes \`--precision float64\``);
  const { engine, device, threads, seed, restarts, init, maxIterations, tolerance } = flags;
  const precision = flags.precision ?? (isSingle ? 'float32' : undefined);
  const given = { engine, device, precision, threads, seed, restarts, init, maxIterations, tolerance };
  return { value: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
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
    const code = reportProblems(terminal, [{ kind: 'interrupted', iterations }]);
    terminal.note(
      flags.output === undefined ? 'nothing was saved: there was no -o' : `saved in ${flags.output}`,
    );
    return code;
  }
  if (converged) return exit.success;
  const change = Math.abs((trace.at(-1) ?? NaN) - (trace.at(-2) ?? NaN));
  const problem = { kind: 'not-converged', iterations, change } as const;
  if (flags.requireConvergence === true) return reportProblems(terminal, [problem]);
  // Without a tolerance the number of steps is what was asked for.
  if (flags.tolerance !== 0) for (const said of describeRun([problem])) warn(terminal, said, said.helps);
  return exit.success;
}
