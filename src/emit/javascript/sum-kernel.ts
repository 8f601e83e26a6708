/** A sum over the rows of an expression that no moment gives, as JavaScript made for it. */
import type { SumBody } from '../../plan/lower-rows.js';
import { columnName, hoistSlots, rowCode, SLOTS } from './row-code.js';

/**
 * A function body that takes `functions` and returns `sum(n, columns, weights, code, combination, r, width, component, P,
 * out)`: Σ w r e over the rows in which `code` is `combination` (all, where it is undefined), `r` being the responsibilities
 * [N, width] (undefined: 1), entry by entry of `out`.
 */
export function sumKernelSource({ body, shared, entries }: SumBody): string {
  const code = rowCode(body, [shared, ...entries], [1]);
  const { before, inside } = hoistSlots(code.shared);
  const widest = Math.max(1, ...body.nodes.map((n) => (n.kind === 'squares' ? n.residual.length : 0)));
  const lines = [
    "'use strict';",
    ...(widest > 1 ? [`const E = new Float64Array(${String(widest)});`] : []),
    `return function sum(n, columns, weights, code, combination, r, width, component, ${SLOTS}, out) {`,
    ...code.columns.map((c) => `  const c${String(c)} = columns[${String(c)}];`),
    ...before.map((l) => `  ${l}`),
    `  let ${entries.map((_, e) => `s${String(e)} = 0`).join(', ')};`,
    '  for (let i = 0; i < n; i++) {',
    '    if (code !== undefined && code[i] !== combination) continue;',
    '    let w = weights === undefined ? 1 : weights[i];',
    '    if (r !== undefined) w *= r[i * width + component];',
    '    if (w === 0) continue;',
    ...code.columns.map((c) => `    const ${columnName(c)} = c${String(c)}[i];`),
    ...inside.map((l) => `    ${l}`),
    `    const x = w * ${code.name(shared, '0')};`,
    '    if (x !== 0) {',
    ...entries.map((id, e) => `      s${String(e)} += x * ${code.name(id, '0')};`),
    '    }',
    '  }',
    ...entries.map((_, e) => `  out[${String(e)}] = s${String(e)};`),
    '};',
  ];
  return lines.join('\n');
}
