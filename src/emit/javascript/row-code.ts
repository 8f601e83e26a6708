/** Nodes of a row body as JavaScript: one `const` for each that is wanted. */
import { needed, ofComponents } from '../../plan/row-body.js';
import type { NodeId, RowBody } from '../../plan/row-body.js';

/** Triangles up to this size are written out entry by entry. */
const UNROLLED = 8;

/** How the code that surrounds the nodes names things. */
export interface Surroundings {
  /** number of combinations of each stratum */
  readonly strataSizes: readonly number[];
  /** the component in code: a number where the components are written out one by one */
  readonly component: string;
}

/** The value of a column in the row at hand. */
export const columnName = (column: number): string => `x${String(column)}`;
/** The combination of a stratum's values in the row at hand. */
export const codeName = (stratum: number): string => `code${String(stratum)}`;
export const supportName = (support: number): string => `inside${String(support)}`;
/** At the head of code that calls `exp`, which is that of `algebra/exponential.ts`. */
export const EXP = 'const exp = functions.exponential;';
/** The array of all slots. */
export const SLOTS = 'P';

export interface RowCode {
  /** what the nodes read of the row */
  readonly columns: readonly number[];
  readonly strata: readonly number[];
  readonly supports: readonly number[];
  /** statements for what is the same for all components */
  readonly shared: readonly string[];
  /** statements for one component */
  readonly own: (around: Surroundings) => readonly string[];
  /** the name of a wanted node's value */
  readonly name: (id: NodeId, component: string) => string;
  /** operations of one component */
  readonly size: number;
}

export function rowCode(body: RowBody, wanted: readonly NodeId[], strataSizes: readonly number[]): RowCode {
  const ids = needed(body, wanted);
  const isOwn = ofComponents(body);
  const kinds = ids.map((id) => body.nodes[id]);
  const own = ids.filter((id) => isOwn[id]);
  const name = (id: NodeId, component: string): string => {
    const node = body.nodes[id];
    if (node.kind === 'number') return node.value < 0 ? `(${String(node.value)})` : String(node.value);
    if (node.kind === 'column') return columnName(node.column);
    if (node.kind === 'support') return supportName(node.support);
    return isOwn[id] && /^\d+$/.test(component) ? `v${String(id)}_${component}` : `v${String(id)}`;
  };
  const strata = kinds.flatMap((n) =>
    n.kind === 'slot' || n.kind === 'squares' ? [body.sources[n.source].stratum] : [],
  );
  const statements = (list: readonly NodeId[], around: Surroundings): readonly string[] =>
    list.flatMap((id) => statement(body, id, (other) => name(other, around.component), around));
  return {
    columns: unique(kinds.flatMap((n) => (n.kind === 'column' ? [n.column] : []))),
    strata: unique(strata.filter((s) => s > 0)),
    supports: unique(kinds.flatMap((n) => (n.kind === 'support' ? [n.support] : []))),
    shared: statements(
      ids.filter((id) => !isOwn[id]),
      { component: '0', strataSizes },
    ),
    own: (around) => statements(own, around),
    name,
    size: own.reduce((n, id) => n + sizeOf(body, id), 0),
  };
}

const unique = (list: readonly number[]): readonly number[] => [...new Set(list)].sort((a, b) => a - b);

function sizeOf(body: RowBody, id: NodeId): number {
  const node = body.nodes[id];
  return node.kind === 'squares' ? body.sources[node.source].length : 1;
}

/** A slot in code; `entry` may be code too. */
function slot(
  body: RowBody,
  source: number,
  entry: string,
  { component, strataSizes }: Surroundings,
): string {
  const { length, stratum, isShared } = body.sources[source];
  const combinations = strataSizes[stratum];
  const start = body.starts[source];
  if (/^\d+$/.test(entry) && (isShared || /^\d+$/.test(component))) {
    const first = start + ((isShared ? 0 : Number(component) * length) + Number(entry)) * combinations;
    return stratum === 0 ? `${SLOTS}[${String(first)}]` : `${SLOTS}[${String(first)} + ${codeName(stratum)}]`;
  }
  const own = isShared ? entry : `${component} * ${String(length)} + ${entry}`;
  return stratum === 0
    ? `${SLOTS}[${String(start)} + ${own}]`
    : `${SLOTS}[${String(start)} + (${own}) * ${String(combinations)} + ${codeName(stratum)}]`;
}

function statement(
  body: RowBody,
  id: NodeId,
  name: (id: NodeId) => string,
  around: Surroundings,
): readonly string[] {
  const node = body.nodes[id];
  const assign = (code: string): readonly string[] => [`const ${name(id)} = ${code};`];
  switch (node.kind) {
    case 'number':
    case 'column':
    case 'support':
      return [];
    case 'slot':
      return assign(slot(body, node.source, String(node.entry), around));
    case 'add':
      return assign(`${name(node.left)} + ${name(node.right)}`);
    case 'product':
      return assign(`${name(node.left)} * ${name(node.right)}`);
    case 'multiply': {
      const [l, r] = [name(node.left), name(node.right)];
      if (isPlainNumber(body, node.left) || isPlainNumber(body, node.right)) return assign(`${l} * ${r}`);
      return assign(`${l} === 0 || ${r} === 0 ? 0 : ${l} * ${r}`);
    }
    case 'maximum':
      return assign(`Math.max(${name(node.left)}, ${name(node.right)})`);
    case 'power': {
      const base = name(node.base);
      if (node.exponent === 2) return assign(`${base} * ${base}`);
      if (node.exponent === -1) return assign(`1 / ${base}`);
      if (node.exponent === 0.5) return assign(`Math.sqrt(${base})`);
      return assign(`${base} ** ${String(node.exponent)}`);
    }
    case 'function': {
      const native = node.name === 'log' || node.name === 'abs';
      const called = node.name === 'exp' ? 'exp' : `${native ? 'Math' : 'functions'}.${node.name}`;
      return assign(`${called}(${name(node.argument)})`);
    }
    case 'condition': {
      const sign = node.relation === '=' ? '===' : node.relation === '!=' ? '!==' : node.relation;
      return assign(`${name(node.left)} ${sign} ${name(node.right)} ? 1 : 0`);
    }
    case 'choose':
      return assign(`${name(node.when)} !== 0 ? ${name(node.then)} : ${name(node.otherwise)}`);
    case 'squares':
      return squares(body, node, name(id), name, around);
  }
}

/** A number that is not 0 and not infinite: multiplying by it needs no care. */
function isPlainNumber(body: RowBody, id: NodeId): boolean {
  const node = body.nodes[id];
  return node.kind === 'number' && Number.isFinite(node.value) && node.value !== 0;
}

function squares(
  body: RowBody,
  node: Extract<RowBody['nodes'][number], { kind: 'squares' }>,
  result: string,
  name: (id: NodeId) => string,
  around: Surroundings,
): readonly string[] {
  const n = node.residual.length;
  const lower = node.triangle === 'lower';
  if (n > UNROLLED) {
    const entries = node.residual.map((e, d) => `E[${String(d)}] = ${name(e)};`);
    return [
      ...entries,
      `let ${result} = 0;`,
      `for (let i = 0, at = 0; i < ${String(n)}; i++) {`,
      '  let t = 0;',
      `  for (let j = ${lower ? '0; j <= i' : `i; j < ${String(n)}`}; j++, at++) t += ${slot(body, node.source, 'at', around)} * E[j];`,
      `  ${result} += t * t;`,
      '}',
    ];
  }
  let at = 0;
  const rows = Array.from({ length: n }, (_, i) => {
    const columns = lower
      ? Array.from({ length: i + 1 }, (__, j) => j)
      : Array.from({ length: n - i }, (__, j) => i + j);
    return columns
      .map((j) => `${slot(body, node.source, String(at++), around)} * ${name(node.residual[j])}`)
      .join(' + ');
  });
  return [
    ...rows.map((row, i) => `const ${result}_${String(i)} = ${row};`),
    `const ${result} = ${rows.map((_, i) => `${result}_${String(i)} * ${result}_${String(i)}`).join(' + ')};`,
  ];
}

/**
 * Reads of slots at fixed positions become names outside of the rows' loop; also those of the component `k`, where that loop
 * is for one component.
 */
export function hoistSlots(
  code: readonly string[],
  forOne = false,
): {
  readonly before: readonly string[];
  readonly inside: readonly string[];
} {
  const found = new Map<string, string>();
  const named = (read: string, name: string): string => {
    found.set(name, read);
    return name;
  };
  const inside = code.map((line) => {
    const fixed = line.replace(/P\[(\d+)\]/g, (read, at: string) => named(read, `p${at}`));
    if (!forOne) return fixed;
    return fixed.replace(/P\[(\d+) \+ k \* (\d+) \+ (\d+)\]/g, (read, ...at: readonly string[]) =>
      named(read, `q${at.slice(0, 3).join('_')}`),
    );
  });
  return { before: [...found].map(([name, read]) => `const ${name} = ${read};`), inside };
}
