/** Diagnostics and problems on standard error, all in one look. */
import { describeRun } from '../diagnostics/run.js';
import { renderText } from '../diagnostics/render-text.js';
import type { Diagnostic, Report } from '../diagnostics/types.js';
import type { RunProblem } from '../fit/run.js';
import type { FitWarning } from '../fit/types.js';
import type { ExitCode } from './exit.js';
import { exitOf } from './problem-exits.js';
import type { Colors, Terminal } from './terminal.js';

export const hasErrors = (diagnostics: readonly Diagnostic[]): boolean =>
  diagnostics.some((diagnostic) => diagnostic.severity === 'error');

/** Errors always, warnings unless `--quiet`. */
export function reportDiagnostics(terminal: Terminal, report: Report): void {
  const isSaid = (diagnostic: Diagnostic): boolean =>
    !terminal.settings.quiet || diagnostic.severity === 'error';
  const diagnostics = report.diagnostics.filter(isSaid);
  if (diagnostics.length > 0) terminal.error(renderText([{ ...report, diagnostics }], terminal.err));
}

/** The warnings of the model in the form that stands in a fit file. */
export const warningsOf = (diagnostics: readonly Diagnostic[]): readonly FitWarning[] =>
  diagnostics
    .filter((diagnostic) => diagnostic.severity === 'warning')
    .map(({ code, message }) => ({ code, message }));

/** Says what is wrong and gives the exit code for it: of several the lowest, what the user wrote before what came of it. */
export function reportProblems(terminal: Terminal, problems: readonly RunProblem[]): ExitCode {
  const [first] = problems;
  if (first === undefined) throw new Error('a step failed without saying why');
  for (const diagnostic of describeRun(problems)) terminal.error(withoutPlace(diagnostic, terminal.err));
  return problems.map(exitOf).reduce<ExitCode>((a, b) => (b < a ? b : a), exitOf(first));
}

/** A warning about a run; not with `--quiet`. */
export function warn(terminal: Terminal, { code, message }: FitWarning, helps: readonly string[] = []): void {
  terminal.note(withoutPlace({ severity: 'warning', code, message, helps }, terminal.err));
}

/** What has no place in a text: data, fits and engines. */
function withoutPlace(
  said: {
    readonly severity: 'error' | 'warning';
    readonly code: string;
    readonly message: string;
    readonly helps: readonly string[];
  },
  { bold, red, yellow, cyan }: Colors,
): string {
  const color = said.severity === 'error' ? red : yellow;
  const helps = said.helps.map((help) => `  ${cyan('=')} help: ${help}`);
  return [`${bold(color(`${said.severity}[${said.code}]`))}${bold(`: ${said.message}`)}`, ...helps].join(
    '\n',
  );
}
