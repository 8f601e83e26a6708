/** Diagnostics as SARIF 2.1.0, for code scanning and editors. */
import type { Span } from '../../grammar/types.js';
import { CODES } from './codes.js';
import type { Code } from './codes.js';
import { linesOf, rangeOf } from './places.js';
import type { Lines } from './places.js';
import type { Report } from './types.js';

export function renderSarif(reports: readonly Report[], version: string): string {
  const codes = [...new Set(reports.flatMap((r) => r.diagnostics.map((d) => d.code)))].sort();
  const results = reports.flatMap(({ file, text, diagnostics }) => {
    const lines = linesOf(text);
    const location = (span: Span): object => ({
      artifactLocation: { uri: encodeURI(file.replaceAll('\\', '/')) },
      region: region(span, lines),
    });
    return diagnostics.map((d) => ({
      ruleId: d.code,
      ruleIndex: codes.indexOf(d.code),
      level: d.severity,
      message: { text: [d.message, ...d.helps.map((h) => `help: ${h}`)].join('\n') },
      locations: [
        { physicalLocation: location(d.span), ...(d.label === '' ? {} : { message: { text: d.label } }) },
      ],
      relatedLocations: d.labels.map((l, id) => ({
        id: id + 1,
        physicalLocation: location(l.span),
        message: { text: l.message },
      })),
    }));
  });
  const rules = codes.map((id: Code) => ({
    id,
    shortDescription: { text: CODES[id] },
    help: { text: `gmm explain ${id}` },
  }));
  const run = { tool: { driver: { name: 'gmm', version, rules } }, columnKind: 'unicodeCodePoints', results };
  const log = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function region(span: Span, lines: Lines): object {
  const { start, end } = rangeOf(lines, span);
  return { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column };
}
