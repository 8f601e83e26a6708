/** The two streams of the program: results go to standard output, everything said about them to standard error. */
import picocolors from 'picocolors';

export type Colors = ReturnType<typeof picocolors.createColors>;

export interface TerminalSettings {
  readonly color: 'auto' | 'always' | 'never';
  /** results and errors only */
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly debug: boolean;
}

export interface Terminal {
  readonly settings: TerminalSettings;
  /** colours of standard output, and of standard error */
  readonly out: Colors;
  readonly err: Colors;
  /** for files */
  readonly plain: Colors;
  /** the result: to standard output, as it is */
  readonly result: (text: string) => void;
  /** an error: one or more lines to standard error */
  readonly error: (text: string) => void;
  /** a warning or a remark; not with `--quiet` */
  readonly note: (text: string) => void;
  /** only with `--verbose` */
  readonly detail: (text: string) => void;
  /** a line that replaces itself, on a terminal only; the empty text wipes it out */
  readonly progress: (text: string) => void;
}

export function openTerminal(given: Partial<TerminalSettings>): Terminal {
  const settings = { color: 'auto', quiet: false, verbose: false, debug: false, ...given } as const;
  const isInteractive = process.stderr.isTTY && !settings.quiet;
  let isProgressShown = false;
  const progress = (text: string): void => {
    if (!isInteractive || (text === '' && !isProgressShown)) return;
    const room = (process.stderr.columns || 80) - 1;
    process.stderr.write(`\r\u001b[K${[...text].slice(0, room).join('')}`);
    isProgressShown = text !== '';
  };
  const say = (text: string): void => {
    progress('');
    process.stderr.write(text.endsWith('\n') ? text : `${text}\n`);
  };
  return {
    settings,
    out: picocolors.createColors(hasColor(settings, process.stdout)),
    err: picocolors.createColors(hasColor(settings, process.stderr)),
    plain: picocolors.createColors(false),
    result: (text) => {
      progress('');
      process.stdout.write(text);
    },
    error: say,
    note: (text) => {
      if (!settings.quiet) say(text);
    },
    detail: (text) => {
      if (settings.verbose) say(text);
    },
    progress,
  };
}

/** A flag stands above the environment, which stands above what the stream is. https://no-color.org */
function hasColor(settings: TerminalSettings, stream: NodeJS.WriteStream): boolean {
  if (settings.color !== 'auto') return settings.color === 'always';
  if ((process.env['NO_COLOR'] ?? '') !== '') return false;
  // `isTTY` is undefined for a pipe, whatever its type says, and an undefined choice would be left to picocolors
  return stream.isTTY ? process.env['TERM'] !== 'dumb' : false;
}

/** Resolves when all that was written has left the process: a pipe takes it later than `write` returns. */
export async function flush(): Promise<void> {
  for (const stream of [process.stdout, process.stderr])
    if (stream.writableLength > 0)
      await new Promise<void>((resolve) => {
        stream.write('', () => resolve());
      });
}
