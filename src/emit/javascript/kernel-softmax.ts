/** From the logits of a row to its responsibilities, in code. */
import { each, indented, scalar } from './kernel-shape.js';
import type { KernelShape } from './kernel-shape.js';

/** The value of an axis in a component. */
function axisValue(shape: KernelShape, axis: number, component: number): number {
  const step = shape.axisSizes.slice(axis + 1).reduce((a, b) => a * b, 1);
  return Math.floor(component / step) % shape.axisSizes[axis];
}

export const axisTables = (shape: KernelShape): readonly string[] =>
  shape.labelled.flatMap((on, axis) =>
    on
      ? [
          `const axis${String(axis)} = [${Array.from({ length: shape.components }, (_, k) => axisValue(shape, axis, k)).join(', ')}];`,
        ]
      : [],
  );

export const labelsBefore = (shape: KernelShape): readonly string[] =>
  shape.labelled.flatMap((on, axis) =>
    on ? [`const labels${String(axis)} = labels[${String(axis)}];`] : [],
  );

/** Leaves only the components that the row's labels allow. */
export function labelCode(shape: KernelShape, unrolled: boolean): readonly string[] {
  return shape.labelled.flatMap((on, axis) => {
    if (!on) return [];
    const label = `label${String(axis)}`;
    return [
      `const ${label} = labels${String(axis)}[i];`,
      `if (${label} !== 0) {`,
      ...indented(
        each(shape, unrolled, (k) => {
          const value = unrolled ? String(axisValue(shape, axis, Number(k))) : `axis${String(axis)}[${k}]`;
          return [`if (${label} - 1 !== ${value}) ${scalar('a', k, unrolled)} = -Infinity;`];
        }),
      ),
      '}',
    ];
  });
}

/**
 * From the logits `a` of a row to responsibilities `r`, with `top` the largest logit and `rest` = Σ exp(a − top): the log
 * density is top + log rest. A hard assignment goes to the first largest, and so does a row of density 0.
 */
export function softmaxCode(shape: KernelShape, unrolled: boolean): readonly string[] {
  const { components: n, hard } = shape;
  if (unrolled) {
    const a = (k: number): string => `a${String(k)}`;
    const all = Array.from({ length: n }, (_, k) => k);
    if (n === 1) return ['const r0 = 1, top = a0, rest = 1;'];
    const declare = [
      `let top = a0;`,
      ...all.slice(1).map((k) => `if (${a(k)} > top) top = ${a(k)};`),
      `let rest = 1, ${all.map((k) => `r${String(k)} = 0`).join(', ')};`,
    ];
    const first = all.map(
      (k) => `${k === 0 ? '' : 'else '}${k < n - 1 ? `if (${a(k)} === top) ` : ''}r${String(k)} = 1;`,
    );
    if (hard) return [...declare, ...first];
    return [
      ...declare,
      'if (top === -Infinity) r0 = 1;',
      'else {',
      // the exponential of 0 is 1: one call less
      ...all.map((k) => `  r${String(k)} = ${a(k)} === top ? 1 : exp(${a(k)} - top);`),
      `  rest = ${all.map((k) => `r${String(k)}`).join(' + ')};`,
      '  const inverse = 1 / rest;',
      ...all.map((k) => `  r${String(k)} *= inverse;`),
      '}',
    ];
  }
  return softmaxLoop('0', String(n), hard, NOTHING);
}

/** Beneath this an exponential is 0 beside 1, and responsibilities of 0 are skipped later. */
const NOTHING = '-745.2';

/** The same over components `first` to `end` of arrays A and R. Logits `least` below the largest have none. */
function softmaxLoop(first: string, end: string, hard: boolean, least: string): readonly string[] {
  return [
    `let best = ${first}, rest = 1;`,
    `for (let k = ${first} + 1; k < ${end}; k++) if (A[k] > A[best]) best = k;`,
    'const top = A[best];',
    `if (${hard ? 'true' : 'top === -Infinity'}) {`,
    `  for (let k = ${first}; k < ${end}; k++) R[k] = 0;`,
    '  R[best] = 1;',
    '} else {',
    '  rest = 0;',
    `  for (let k = ${first}; k < ${end}; k++) {`,
    '    const below = A[k] - top;',
    `    const e = below === 0 ? 1 : below < ${least} ? 0 : exp(below);`,
    '    R[k] = e;',
    '    rest += e;',
    '  }',
    `  for (let k = ${first}; k < ${end}; k++) R[k] /= rest;`,
    '}',
  ];
}

/** The row's logits in A as responsibilities `r` and log densities `ofRow`, for each combination of the groups' latents. */
export function shareCode(shape: KernelShape, least = NOTHING): readonly string[] {
  const { components: k, groupCombinations: g } = shape;
  // nothing is left to choose within a combination
  if (k === g)
    return each(shape, false, (c) => [
      `ofRow[i * ${String(g)} + ${c}] = A[${c}];`,
      `r[i * ${String(k)} + ${c}] = 1;`,
    ]);
  return [
    `for (let g = 0; g < ${String(g)}; g++) {`,
    `  const first = g * ${String(k / g)}, end = first + ${String(k / g)};`,
    ...indented(softmaxLoop('first', 'end', shape.hard, least)),
    `  ofRow[i * ${String(g)} + g] = top + Math.log(rest);`,
    '}',
    ...each(shape, false, (component) => [`r[i * ${String(k)} + ${component}] = R[${component}];`]),
  ];
}
