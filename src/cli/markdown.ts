/** Markdown for a terminal: headings, paragraphs, lists, tables and blocks of code, as our own pages use them. */
import { wrap } from '../report/derivation-text.js';
import type { Colors } from './terminal.js';

const WIDTH = 90;

export function markdownText(markdown: string, colors: Colors): string {
  const out: string[] = [];
  let paragraph: string[] = [];
  let isCode = false;
  const close = (): void => {
    if (paragraph.length > 0) out.push(...block(paragraph.join(' '), colors));
    paragraph = [];
  };
  for (const line of markdown.trim().split('\n')) {
    if (/^\s*```/.test(line)) {
      close();
      isCode = !isCode;
      // our pages say of a model whether it fails or passes
      if (isCode && /\bfail\b/.test(line)) out.push(`  ${colors.red('fails:')}`);
      if (isCode && /\bpass\b/.test(line)) out.push(`  ${colors.green('passes:')}`);
    } else if (isCode) out.push(line === '' ? '' : `    ${line}`);
    else if (line.trim() === '') {
      close();
      if (out.at(-1) !== '') out.push('');
    } else if (/^#+ /.test(line)) {
      close();
      out.push(colors.bold(inline(line.replace(/^#+ /, ''), colors)));
    } else if (/^(\s{4}|\t|\|)/.test(line) && paragraph.length === 0) {
      out.push(line);
    } else {
      if (/^\s*([-*]|\d+\.) /.test(line)) close();
      paragraph.push(line.trim());
    }
  }
  close();
  return `${out.join('\n')}\n`;
}

/** A paragraph, or an entry of a list, whose lines hang below its text. */
function block(text: string, colors: Colors): readonly string[] {
  const bullet = /^([-*]|\d+\.) /.exec(text)?.[0] ?? '';
  const indent = ' '.repeat(bullet.length);
  return wrap(text.slice(bullet.length), WIDTH - bullet.length).map(
    (line, n) => (n === 0 ? bullet.replace('*', '-') : indent) + inline(line, colors),
  );
}

/** Without colours the marks of code and emphasis stay, which read well as they are. */
const inline = (text: string, colors: Colors): string =>
  colors.isColorSupported
    ? text
        .replaceAll(/`([^`]+)`/g, (_, code: string) => colors.cyan(code))
        .replaceAll(/\*\*([^*]+)\*\*/g, (_, strong: string) => colors.bold(strong))
    : text;
