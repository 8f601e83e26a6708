/** The verbs: their arguments, flags and help. What a verb does is loaded when it is called. */
import { Command, Option } from 'commander';
import type { ExitCode } from './exit.js';
import {
  CHECK_FORMATS,
  DERIVATION_FORMATS,
  STATIONS,
  TARGETS,
  engineFlags,
  searchFlags,
  setFlag,
  tableFlags,
} from './flags.js';
import type {
  CheckFlags,
  CompileFlags,
  DeriveFlags,
  DoctorFlags,
  ExampleFlags,
  FitFlags,
  PredictFlags,
  SampleFlags,
  ScoreFlags,
  SelectFlags,
} from './flags.js';
import type { Terminal } from './terminal.js';
import { readGrid, readSet, wholeNumber } from './values.js';

/** Runs a verb with a terminal and keeps the exit code it ends with. */
export type Run = (verb: (terminal: Terminal) => Promise<ExitCode>) => Promise<void>;

interface Group {
  readonly title: string;
  readonly commands: readonly ((run: Run) => Command)[];
}

export const GROUPS: readonly Group[] = [
  { title: 'Write a model:', commands: [exampleCommand, checkCommand, explainCommand] },
  { title: 'See its algorithm:', commands: [deriveCommand, compileCommand] },
  {
    title: 'Use it:',
    commands: [fitCommand, selectCommand, predictCommand, scoreCommand, sampleCommand, doctorCommand],
  },
];

/** A few lines at the end of a verb's help: what to type. */
const examples = (command: Command, ...lines: readonly string[]): Command =>
  command.addHelpText('after', `\n${['Examples:', ...lines.map((line) => `  $ ${line}`)].join('\n')}`);

// ------------------------------------------------------------------------------------------------ writing a model

function exampleCommand(run: Run): Command {
  const command = new Command('example')
    .summary('models to begin with, each with its data')
    .description('Lists the models that come with the program, or copies one with its data.')
    .argument('[NAME]', 'the example to copy; without it they are listed')
    .option('-o, --output <DIR>', 'the folder to write to (default: one named like the example)')
    .action((name: string | undefined, flags: ExampleFlags) =>
      run(async (terminal) => (await import('./example.js')).example(terminal, name, flags)),
    );
  return examples(command, 'gmm example', 'gmm example old-faithful', 'gmm example k-means -o try');
}

function checkCommand(run: Run): Command {
  const command = new Command('check')
    .summary('find what is wrong with a model')
    .description(
      'Reads models and reports everything that is wrong with them, all at once. Ends with 1 when one has an error.',
    )
    .argument(
      '<MODEL...>',
      'model files; - is standard input. With --show plan, a last argument that does not end in .gmm is DATA: a file, whose sizes the plan is shown for',
    )
    .addOption(new Option('--format <FORM>', 'text (default), json, sarif or github').choices(CHECK_FORMATS))
    .addOption(new Option('--json', 'short for --format json').conflicts('format'))
    .option('--pedantic', 'more warnings')
    .addOption(
      new Option(
        '--show <STATION>',
        'what the compiler made of the model: tree, model, derivation or plan',
      ).choices(STATIONS),
    )
    .option(
      '--set <NAME=VALUE>',
      'a constant or size for --show plan, N being the number of rows; goes before the size that DATA has (repeatable)',
      readSet,
    );
  tableFlags(command).action((models: readonly string[], flags: CheckFlags) =>
    run(async (terminal) => (await import('./check.js')).check(terminal, models, flags)),
  );
  return examples(
    command,
    'gmm check model.gmm',
    'gmm check --pedantic models/*.gmm',
    'gmm check model.gmm --show plan --set N=100000',
    'gmm check model.gmm data.csv --show plan --set K=3',
    'gmm check --format sarif models/*.gmm > report.sarif',
  );
}

function explainCommand(run: Run): Command {
  const command = new Command('explain')
    .summary('a diagnostic in full')
    .description(
      'Explains a code that a report names: what it means, a model that has it and one that does not.',
    )
    .argument('[CODE]', 'such as GMM0203; without it the codes are listed')
    .action((code: string | undefined) =>
      run(async (terminal) => (await import('./explain.js')).explain(terminal, code)),
    );
  return examples(command, 'gmm explain GMM0203');
}

// ------------------------------------------------------------------------------------------------ its algorithm

function deriveCommand(run: Run): Command {
  const command = new Command('derive')
    .summary('the EM algorithm of a model, step by step')
    .description(
      'Derives the EM algorithm of a model: Q, the E-step, each stationarity equation and each update, with its reason.',
    )
    .argument('<MODEL>', 'model file; - is standard input')
    .addOption(
      new Option('--format <FORM>', 'text (default), markdown, latex or html')
        .choices(DERIVATION_FORMATS)
        .default('text'),
    )
    .option('--verify', 'also judge the updates by what they claim, on a random instance')
    .option('-o, --output <FILE>', 'write to a file')
    .action((model: string, flags: DeriveFlags) =>
      run(async (terminal) => (await import('./derive.js')).derive(terminal, model, flags)),
    );
  return examples(
    command,
    'gmm derive model.gmm',
    'gmm derive model.gmm --verify',
    'gmm derive model.gmm --format html -o derivation.html',
    'gmm derive model.gmm --format latex -o derivation.tex',
  );
}

function compileCommand(run: Run): Command {
  const command = new Command('compile')
    .summary('the code generated for a model')
    .description('Writes the code that the model compiles to, in a form that a person can read.')
    .argument('<MODEL>', 'model file; - is standard input')
    .addOption(
      new Option(
        '--target <TARGET>',
        'ts: a TypeScript module (default); graph: a TensorFlow graph; json: the plan',
      )
        .choices(TARGETS)
        .default('ts'),
    )
    .option('-o, --output <DIR>', 'the folder to write to; without it, ts and json go to standard output')
    .option('--set <NAME=VALUE>', 'the value of a `const`, or of a size that only data would tell', readSet)
    .action((model: string, flags: CompileFlags) =>
      run(async (terminal) => (await import('./compile.js')).compileVerb(terminal, model, flags)),
    );
  return examples(
    command,
    'gmm compile model.gmm',
    'gmm compile model.gmm --target graph --set N=272 -o graph',
  );
}

// ------------------------------------------------------------------------------------------------ using it

function fitCommand(run: Run): Command {
  const command = new Command('fit')
    .summary('estimate the parameters of a model from data')
    .description(
      'Estimates the parameters of a model from a table (CSV, Parquet or JSON) by the derived EM algorithm and prints a summary.',
    )
    .argument('<MODEL>', 'model file; - is standard input')
    .argument('<DATA>', 'table; - is standard input');
  setFlag(command);
  tableFlags(command);
  searchFlags(command);
  command
    .optionsGroup('The search:')
    .addOption(
      new Option(
        '--start <FILE>',
        'start from parameters, labels, responsibilities or a saved fit, as JSON',
      ).conflicts(['restarts', 'init', 'startRows']),
    )
    .option('--require-convergence', 'end with 5 when it has not converged');
  command
    .optionsGroup('The result:')
    .option('--json', 'print the whole fit as JSON')
    .option('-o, --output <FILE>', 'save the fit as JSON: for predict, score and --start')
    .action((model: string, data: string, flags: FitFlags) =>
      run(async (terminal) => (await import('./fit.js')).fitVerb(terminal, model, data, flags)),
    );
  return examples(
    command,
    'gmm fit model.gmm data.csv',
    'gmm fit model.gmm data.csv --set K=3 --bind x=length,width -o fit.json',
    'gmm fit model.gmm data.csv --start fit.json --json',
  );
}

function selectCommand(run: Run): Command {
  const command = new Command('select')
    .summary('compare fits: how many components, which model')
    .description(
      'Fits models for several values of their constants and prints BIC, AIC and ICL of each (smaller is better).',
    )
    .argument('<FILES...>', 'model files, and the table last')
    .optionsGroup('The model:')
    .option(
      '--set <NAME=VALUES>',
      'values of a `const` to try: 1..9 or 2,4,8 (repeatable: all combinations)',
      readGrid,
    );
  searchFlags(tableFlags(command));
  command
    .optionsGroup('The result:')
    .option('--json', 'print JSON')
    .action((files: readonly string[], flags: SelectFlags) =>
      run(async (terminal) => (await import('./select.js')).select(terminal, files, flags)),
    );
  return examples(
    command,
    'gmm select model.gmm data.csv --set K=1..9',
    'gmm select full.gmm tied.gmm spherical.gmm data.csv --set K=2,3,4',
  );
}

function predictCommand(run: Run): Command {
  const command = new Command('predict')
    .summary('the component of each row, and its responsibilities')
    .description(
      'Tells for each row of a table the component it most likely comes from and the responsibility of each, as CSV.',
    )
    .argument('<FIT>', 'what `gmm fit -o` saved')
    .argument('<DATA>', 'table with the columns of the fit; - is standard input')
    .action((fit: string, data: string, flags: PredictFlags) =>
      run(async (terminal) => (await import('./predict.js')).predict(terminal, fit, data, flags)),
    );
  return examples(
    rowsFlags(command),
    'gmm predict fit.json new.csv > components.csv',
    'gmm predict fit.json new.csv -o components.parquet',
  );
}

function scoreCommand(run: Run): Command {
  const command = new Command('score')
    .summary('the log density of each row')
    .description('Tells for each row of a table its log density under the fitted model, as CSV.')
    .argument('<FIT>', 'what `gmm fit -o` saved')
    .argument('<DATA>', 'table with the columns of the fit; - is standard input')
    .action((fit: string, data: string, flags: ScoreFlags) =>
      run(async (terminal) => (await import('./score.js')).score(terminal, fit, data, flags)),
    );
  return examples(rowsFlags(command), 'gmm score fit.json new.csv', 'gmm score fit.json new.csv --json');
}

function sampleCommand(run: Run): Command {
  const command = new Command('sample')
    .summary('new rows drawn from a fit')
    .description(
      'Draws rows from the fitted model, in the columns of the table that it was fitted to, as CSV.',
    )
    .argument('<FIT>', 'what `gmm fit -o` saved')
    .requiredOption('-n, --rows <N>', 'how many rows', wholeNumber(1))
    .option('--seed <S>', 'chance: the same seed gives the same rows (default: 1)')
    .option('--latents', 'also the component that each row was drawn from')
    .optionsGroup('The result:')
    .option('--json', 'print JSON instead of CSV')
    .option('-o, --output <FILE>', 'write to a .csv, .parquet or .json file')
    .action((fit: string, flags: SampleFlags) =>
      run(async (terminal) => (await import('./sample.js')).sample(terminal, fit, flags)),
    );
  return examples(command, 'gmm sample fit.json -n 1000', 'gmm sample fit.json -n 100 --latents -o new.csv');
}

/** What predict and score share. */
function rowsFlags(command: Command): Command {
  engineFlags(tableFlags(command));
  return command
    .optionsGroup('The result:')
    .option('--json', 'print JSON instead of CSV')
    .option('-o, --output <FILE>', 'write to a .csv, .parquet or .json file');
}

function doctorCommand(run: Run): Command {
  const command = new Command('doctor')
    .summary('which engines there are, and how to get the others')
    .description('Tells which engines work here and, for each one that does not, why and what to run.')
    .option('--setup', "get TensorFlow's library")
    .option('--json', 'print JSON')
    .action((flags: DoctorFlags) =>
      run(async (terminal) => (await import('./doctor.js')).doctor(terminal, flags)),
    );
  return examples(command, 'gmm doctor', 'gmm doctor --setup');
}
