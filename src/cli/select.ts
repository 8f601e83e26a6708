/** `gmm select`: criteria over values of constants and over models. A fit that fails is a row that says why. */
import { describeRun } from '../diagnostics/run.js';
import type { Table } from '../data/types.js';
import { fitTable } from '../fit/run.js';
import type { RunProblem } from '../fit/run.js';
import { nearest } from '../model/nearest.js';
import { selectText } from '../report/select-text.js';
import type { SelectedFit, Selection } from '../report/select-text.js';
import { exit } from './exit.js';
import type { ExitCode, Reached } from './exit.js';
import { usageLine } from './files.js';
import { fitOptions } from './fit-options.js';
import type { SelectFlags } from './flags.js';
import { jsonText } from './json-text.js';
import { exitOf } from './problem-exits.js';
import { progressLine } from './progress.js';
import { reportProblems } from './reports.js';
import { readModel } from './source.js';
import type { Source } from './source.js';
import { openData, readBindings } from './table.js';
import type { Bindings } from './table.js';
import type { Terminal } from './terminal.js';
import { combinations } from './values.js';
import type { Constants, Grid } from './values.js';

/** One fit to be done. */
interface Candidate {
  readonly model: string;
  readonly source: Source;
  readonly set: Constants;
}

export async function select(
  terminal: Terminal,
  files: readonly string[],
  flags: SelectFlags,
): Promise<ExitCode> {
  const models = files.slice(0, -1);
  const data = files.at(-1);
  if (models.length === 0 || data === undefined) {
    terminal.error(usageLine(terminal, 'models and then the data are wanted: gmm select MODEL... DATA'));
    return exit.usage;
  }
  const options = fitOptions(terminal, files, flags);
  if ('stopped' in options) return options.stopped;
  const bind = readBindings(terminal, flags.bind);
  if ('stopped' in bind) return bind.stopped;
  const candidates = await readCandidates(terminal, models, flags.set ?? {});
  if ('stopped' in candidates) return candidates.stopped;
  const table = await openData(terminal, data, flags);
  if ('stopped' in table) return table.stopped;

  const fits: SelectedFit[] = [];
  const failures: RunProblem[] = [];
  try {
    for (const [n, candidate] of candidates.value.entries()) {
      const named = Object.entries(candidate.set).map(
        ([name, value]) => `${name} = ${JSON.stringify(value)}`,
      );
      const place = `fit ${String(n + 1)} of ${String(candidates.value.length)} (${[candidate.model, ...named].join(', ')}), `;
      const { fit, problems } = await fitOne(candidate, table.value, bind.value, {
        ...options.value,
        onProgress: progressLine(terminal, place),
      });
      // What is written wrong is wrong for all of them.
      if (problems.some((problem) => exitOf(problem) === exit.usage || exitOf(problem) === exit.engine))
        return reportProblems(terminal, problems);
      fits.push(fit);
      failures.push(...problems);
    }
  } finally {
    terminal.progress('');
    table.value.close();
  }
  if (fits.every((fit) => fit.error !== null)) return reportProblems(terminal, failures);
  const selection: Selection = { schema: 'gmm-select/1', fits, best: bestOf(fits) };
  const { bold, cyan, dim } = terminal.out;
  terminal.result(
    flags.json === true
      ? `${jsonText(selection)}\n`
      : selectText(selection, { title: bold, label: cyan, note: dim }),
  );
  return exit.success;
}

/** Every model with every combination of the values of those constants that it has. */
async function readCandidates(
  terminal: Terminal,
  models: readonly string[],
  grid: Grid,
): Promise<Reached<readonly Candidate[]>> {
  const candidates: Candidate[] = [];
  const known = new Set<string>();
  for (const model of models) {
    const source = await readModel(terminal, model);
    if ('stopped' in source) return source;
    const constants: readonly string[] = source.value.plan.model.constants.map((c) => c.name);
    for (const name of constants) known.add(name);
    const own = Object.fromEntries(Object.entries(grid).filter(([name]) => constants.includes(name)));
    for (const set of combinations(own)) candidates.push({ model, source: source.value, set });
  }
  const unknown = Object.keys(grid).find((name) => !known.has(name));
  if (unknown === undefined) return { value: candidates };
  const [problem] = [
    {
      kind: 'unknown-constant',
      name: unknown,
      near: nearest(unknown, [...known]),
      known: [...known],
    } as const,
  ];
  return { stopped: reportProblems(terminal, [problem]) };
}

async function fitOne(
  { model, source, set }: Candidate,
  table: Table,
  bind: Bindings,
  options: Parameters<typeof fitTable>[2]['options'],
): Promise<{ readonly fit: SelectedFit; readonly problems: readonly RunProblem[] }> {
  const { value, problems } = await fitTable(source.plan, table, { set, bind, options });
  if (value === undefined) {
    const error = describeRun(problems)
      .map((diagnostic) => diagnostic.message)
      .join('; ');
    const nothing = { logLikelihood: null, degreesOfFreedom: null, bic: null, aic: null, icl: null };
    return { fit: { model, constants: set, ...nothing, converged: null, error }, problems };
  }
  const { logLikelihood, degreesOfFreedom, bic, aic, icl, converged } = value.fit;
  const constants = Object.fromEntries(value.constants);
  return {
    fit: { model, constants, logLikelihood, degreesOfFreedom, bic, aic, icl, converged, error: null },
    problems: [],
  };
}

function bestOf(fits: readonly SelectedFit[]): number | null {
  let best: number | null = null;
  fits.forEach(({ bic }, n) => {
    if (bic !== null && (best === null || bic < (fits[best].bic ?? Infinity))) best = n;
  });
  return best;
}
