/** Diagnostics as workflow commands: GitHub shows them at their lines of a pull request. */
import { linesOf, rangeOf } from './places.js';
import type { Report } from './types.js';

export function renderGithub(reports: readonly Report[]): string {
  return reports
    .flatMap(({ file, text, diagnostics }) => {
      const lines = linesOf(text);
      return diagnostics.map((d) => {
        const { start, end } = rangeOf(lines, d.span);
        const where = [`file=${property(file)}`, `line=${start.line}`, `endLine=${end.line}`];
        // Columns are only understood within one line.
        if (start.line === end.line)
          where.push(`col=${start.column}`, `endColumn=${Math.max(end.column, start.column + 1)}`);
        const body = [
          d.message,
          ...(d.label === '' ? [] : [d.label]),
          ...d.helps.map((h) => `help: ${h}`),
        ].join('\n');
        return `::${d.severity} ${[...where, `title=${property(d.code)}`].join(',')}::${data(body)}\n`;
      });
    })
    .join('');
}

const data = (text: string): string => text.replace(/%/g, '%25').replace(/\r/g, '%0D').replace(/\n/g, '%0A');
const property = (text: string): string => data(text).replace(/:/g, '%3A').replace(/,/g, '%2C');
