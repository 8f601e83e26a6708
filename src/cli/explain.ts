/** `gmm explain`: the page of a diagnostic, or the list of all codes. */
import { readFileSync } from 'node:fs';
import { CODES } from '../diagnostics/codes.js';
import { explain as find } from '../diagnostics/explain.js';
import { exit } from './exit.js';
import type { ExitCode } from './exit.js';
import { usageLine } from './files.js';
import { markdownText } from './markdown.js';
import type { Terminal } from './terminal.js';

/** The pages lie beside the bundled program: scripts/build.mjs copies them there. */
const page = (code: string): string =>
  readFileSync(new URL(`./explanations/${code}.md`, import.meta.url), 'utf8');

export function explain(terminal: Terminal, given: string | undefined): ExitCode {
  if (given === undefined) {
    const lines = Object.entries(CODES).map(([code, title]) => `${terminal.out.cyan(code)}   ${title}`);
    terminal.result(`${lines.join('\n')}\n`);
    return exit.success;
  }
  const found = find(given, page);
  if (found.kind === 'page') {
    terminal.result(markdownText(found.text, terminal.out));
    return exit.success;
  }
  const hint = found.near === undefined ? '`gmm explain` lists them' : `did you mean \`${found.near}\`?`;
  terminal.error(usageLine(terminal, `there is no code \`${given}\`; ${hint}`));
  return exit.usage;
}
