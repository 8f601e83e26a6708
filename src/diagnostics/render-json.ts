/** Diagnostics for programs, with lines and columns from 1 beside the offsets. */
import type { Span } from '../../grammar/types.js';
import { linesOf, rangeOf } from './places.js';
import type { Lines } from './places.js';
import type { Report } from './types.js';

export function renderJson(reports: readonly Report[]): string {
  const diagnostics = reports.flatMap(({ file, text, diagnostics: list }) => {
    const lines = linesOf(text);
    return list.map((d) => ({
      code: d.code,
      severity: d.severity,
      message: d.message,
      file,
      ...place(d.span, lines),
      label: d.label,
      labels: d.labels.map((l) => ({ message: l.message, ...place(l.span, lines) })),
      help: d.helps,
    }));
  });
  return `${JSON.stringify({ schema: 'gmm-check/1', diagnostics }, null, 2)}\n`;
}

function place(span: Span, lines: Lines): object {
  const { start, end } = rangeOf(lines, span);
  return { start: { ...start, offset: span.start }, end: { ...end, offset: span.end } };
}
