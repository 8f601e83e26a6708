/** The program as a whole: its own flags and help, and the verbs in their groups. */
import { Command, Option } from 'commander';
import type { Argument, HelpConfiguration } from 'commander';
import { GROUPS } from './commands.js';
import type { Run } from './commands.js';
import type { ExitCode } from './exit.js';
import { openTerminal } from './terminal.js';
import type { TerminalSettings } from './terminal.js';
import { version } from '../version.js';

const BEGIN = `
Begin with:
  $ gmm example old-faithful
  $ gmm derive old-faithful/old-faithful.gmm
  $ gmm fit old-faithful/old-faithful.gmm old-faithful/faithful.csv

Exit codes: 0 success, 1 the model has errors, 2 wrong usage, 3 the data or the
start do not fit the model, 4 the fit failed numerically, 5 not converged,
6 engine not available, 70 a defect of gmm, 130 interrupted`;

const COLORS = ['auto', 'always', 'never'] as const;

/** Choices and defaults stand in the descriptions, in words. */
const HELP: HelpConfiguration = {
  showGlobalOptions: true,
  subcommandTerm: (verb) => verb.name(),
  optionDescription: (option) => option.description,
  visibleGlobalOptions: (verb) =>
    (verb.parent?.options ?? []).filter((option) => option.long !== '--version'),
  styleTitle: (title) => TITLES[title] ?? title,
};

const TITLES: Readonly<Record<string, string>> = {
  'Options:': 'Flags:',
  'Global Options:': 'Flags of every verb:',
};

/** The last of the files of `select` is the table. */
const usageOf = (verb: Command): string =>
  verb.registeredArguments
    .map(inUsage)
    .map((text) => (text === 'FILES...' ? 'MODEL... DATA' : text))
    .join(' ');

function inUsage(argument: Argument): string {
  const text = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return argument.required ? text : `[${text}]`;
}

/** `ended` is told the exit code of the verb that ran. */
export function gmm(ended: (code: ExitCode) => void): Command {
  const program = new Command('gmm');
  const run: Run = async (verb) => ended(await verb(openTerminal(program.opts<Partial<TerminalSettings>>())));
  program
    .description(
      'Mixture models, written as on paper: gmm derives the EM algorithm of a model, shows every step, and runs it.',
    )
    .usage('VERB ... [flags]')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print help; `gmm VERB --help` is about one verb')
    .helpCommand(false)
    .addOption(new Option('--color <WHEN>', 'colours: auto (default), always or never').choices(COLORS))
    .option('--quiet', 'results and errors only')
    .option('--verbose', 'also say what is done and why')
    .option('--debug', 'print the stack of a defect of gmm')
    .addHelpText('after', BEGIN);
  for (const { title, commands } of GROUPS) {
    program.commandsGroup(title);
    for (const command of commands) program.addCommand(command(run));
  }
  for (const command of [program, ...program.commands])
    command
      .exitOverride()
      .configureHelp(HELP)
      .showHelpAfterError(`See \`${command === program ? 'gmm' : `gmm ${command.name()}`} --help\`.`);
  for (const verb of program.commands)
    verb.usage(`${usageOf(verb)} [flags]`).helpOption('-h, --help', 'this page');
  return program;
}
