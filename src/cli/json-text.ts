/** JSON for people and programs: one line per entry down to the second level, lists on one line. */
export function jsonText(value: unknown, depth = 2, indent = ''): string {
  if (depth === 0 || typeof value !== 'object' || value === null || Array.isArray(value))
    return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined);
  if (entries.length === 0) return '{}';
  const inner = `${indent}  `;
  const lines = entries.map(
    ([name, entry]) => `${inner}${JSON.stringify(name)}: ${jsonText(entry, depth - 1, inner)}`,
  );
  return `{\n${lines.join(',\n')}\n${indent}}`;
}
