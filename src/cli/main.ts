/** `gmm`: reads the command line, runs one verb, ends with its exit code. */
import { CommanderError } from 'commander';
import { exit } from './exit.js';
import type { ExitCode } from './exit.js';
import { gmm } from './program.js';
import { flush } from './terminal.js';

const isDebug = process.argv.includes('--debug');

/** A reader that has seen enough, as in `gmm derive … | head`, is no failure. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exit.success);
  throw error;
});
process.on('uncaughtException', (error) => {
  process.exit(defect(error));
});

async function main(): Promise<ExitCode> {
  let code: ExitCode = exit.success;
  try {
    await gmm((reached) => (code = reached)).parseAsync();
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.success : exit.usage;
    return defect(error);
  }
}

/** Says what to report, in one line. */
function defect(error: unknown): ExitCode {
  const what =
    error instanceof Error ? `${error.name}: ${error.message.split('\n', 1)[0] ?? ''}` : String(error);
  const how = isDebug ? 'report it with' : 'report it with the output of --debug,';
  process.stderr.write(
    `gmm: a defect of ours, not of your model: ${what} (please ${how} the command and the model)\n`,
  );
  if (isDebug && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  return exit.defect;
}

const code = await main();
await flush();
// Not left to the event loop: engines keep threads and handles.
process.exit(code);
