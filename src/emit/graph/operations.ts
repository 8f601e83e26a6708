/**
 * Constructors for the few operations that the graphs here are made of. A scope collects nodes, of the graph itself or of
 * one function; every constructor adds one node to its scope and gives the edge that leaves it.
 */
import type { Attribute, DataType, Edge, GraphFunction, GraphNode, Shape } from './types.js';

export interface Scope {
  readonly nodes: GraphNode[];
  readonly names: Map<string, number>;
  /** constants by their content: equal ones are one node */
  readonly constants: Map<string, Edge>;
  /** functions of the whole graph by name */
  readonly functions: Map<string, GraphFunction>;
}

/** The graph's own scope, or that of a function of the same graph. */
export const newScope = (within?: Scope): Scope => ({
  nodes: [],
  names: new Map(),
  constants: new Map(),
  functions: within?.functions ?? new Map<string, GraphFunction>(),
});

/** Adds a node; a name that is taken gets a number. */
function add(
  scope: Scope,
  name: string,
  operation: string,
  inputs: readonly Edge[],
  attributes: Readonly<Record<string, Attribute>>,
): string {
  const count = scope.names.get(name) ?? 0;
  scope.names.set(name, count + 1);
  const unique = count === 0 ? name : `${name}_${count}`;
  scope.nodes.push({ name: unique, operation, inputs, attributes });
  return unique;
}

const type = (value: DataType): Attribute => ({ kind: 'type', value });
const int = (value: number): Attribute => ({ kind: 'int', value });
const bool = (value: boolean): Attribute => ({ kind: 'bool', value });
const edge = (node: string, port: string, of: DataType): Edge => ({ node, port, position: 0, type: of });

/** A function's argument. */
export function argument(scope: Scope, name: string, of: DataType): Edge {
  scope.names.set(name, 1);
  return { node: name, port: undefined, position: 0, type: of };
}

export function placeholder(scope: Scope, name: string, of: DataType, shape: Shape): Edge {
  const node = add(scope, name, 'Placeholder', [], {
    dtype: type(of),
    shape: { kind: 'shape', value: shape },
  });
  return edge(node, 'output', of);
}

/** A tensor of these values; one value fills the whole shape. */
export function constant(scope: Scope, of: DataType, shape: Shape, values: readonly number[]): Edge {
  const key = `${of} [${shape.join()}] ${values.join()}`;
  const known = scope.constants.get(key);
  if (known !== undefined) return known;
  const value: Attribute = { kind: 'tensor', type: of, shape, values };
  const made = edge(add(scope, 'constant', 'Const', [], { dtype: type(of), value }), 'output', of);
  scope.constants.set(key, made);
  return made;
}

/** A whole number by itself. */
export const integer = (scope: Scope, value: number): Edge => constant(scope, 'int32', [], [value]);

const integers = (scope: Scope, values: readonly number[]): Edge =>
  constant(scope, 'int32', [values.length], values);

/** The same bytes as another type: double [...] and int32 [..., 2]. */
export function bitcast(scope: Scope, name: string, x: Edge, to: DataType): Edge {
  return edge(add(scope, name, 'Bitcast', [x], { T: type(x.type), type: type(to) }), 'output', to);
}

/** The same numbers as another type: x itself where it is of that type. */
export function cast(scope: Scope, name: string, x: Edge, to: DataType): Edge {
  if (x.type === to) return x;
  return edge(
    add(scope, name, 'Cast', [x], { SrcT: type(x.type), DstT: type(to), Truncate: bool(false) }),
    'y',
    to,
  );
}

/** The part of x that begins at `begin`; a size of −1 reaches to the end. */
export function slice(
  scope: Scope,
  name: string,
  x: Edge,
  begin: Edge | readonly number[],
  size: readonly number[],
): Edge {
  const from = 'node' in begin ? begin : integers(scope, begin);
  const node = add(scope, name, 'Slice', [x, from, integers(scope, size)], {
    T: type(x.type),
    Index: type('int32'),
  });
  return edge(node, 'output', x.type);
}

/** The same, with a size that is known only when the graph runs. */
export function sliceOfSize(scope: Scope, name: string, x: Edge, begin: Edge, size: Edge): Edge {
  return edge(
    add(scope, name, 'Slice', [x, begin, size], { T: type(x.type), Index: type('int32') }),
    'output',
    x.type,
  );
}

export function pack(scope: Scope, name: string, parts: readonly Edge[]): Edge {
  const of = parts[0].type;
  return edge(
    add(scope, name, 'Pack', parts, { T: type(of), N: int(parts.length), axis: int(0) }),
    'output',
    of,
  );
}

export function concat(scope: Scope, name: string, parts: readonly Edge[], axis: number): Edge {
  if (parts.length === 1) return parts[0];
  const of = parts[0].type;
  const along = integer(scope, axis);
  const node = add(scope, name, 'ConcatV2', [...parts, along], {
    T: type(of),
    Tidx: type('int32'),
    N: int(parts.length),
  });
  return edge(node, 'output', of);
}

export function matMul(
  scope: Scope,
  name: string,
  a: Edge,
  b: Edge,
  transpose: { readonly a?: boolean; readonly b?: boolean } = {},
): Edge {
  const node = add(scope, name, 'MatMul', [a, b], {
    T: type(a.type),
    transpose_a: bool(transpose.a ?? false),
    transpose_b: bool(transpose.b ?? false),
  });
  return edge(node, 'product', a.type);
}

export function reduce(
  scope: Scope,
  name: string,
  operation: 'Max' | 'Min' | 'Sum',
  x: Edge,
  axes: readonly number[],
  keep: boolean,
): Edge {
  const node = add(scope, name, operation, [x, integers(scope, axes)], {
    T: type(x.type),
    Tidx: type('int32'),
    keep_dims: bool(keep),
  });
  return edge(node, 'output', x.type);
}

export function unary(
  scope: Scope,
  name: string,
  operation:
    | 'Abs'
    | 'BesselI0e'
    | 'BesselI1e'
    | 'Cos'
    | 'Digamma'
    | 'Exp'
    | 'Lgamma'
    | 'Log'
    | 'Log1p'
    | 'Neg'
    | 'OnesLike'
    | 'Reciprocal'
    | 'Sigmoid'
    | 'Sin'
    | 'Sqrt'
    | 'Square',
  x: Edge,
): Edge {
  return edge(add(scope, name, operation, [x], { T: type(x.type) }), 'y', x.type);
}

export function binary(
  scope: Scope,
  name: string,
  operation: 'AddV2' | 'Sub' | 'Mul' | 'MulNoNan' | 'RealDiv' | 'Minimum' | 'Maximum' | 'Pow' | 'Polygamma',
  a: Edge,
  b: Edge,
): Edge {
  return edge(add(scope, name, operation, [a, b], { T: type(a.type) }), 'z', a.type);
}

export const less = (scope: Scope, name: string, a: Edge, b: Edge): Edge =>
  compare(scope, name, 'Less', a, b);

export function compare(
  scope: Scope,
  name: string,
  operation: 'Less' | 'LessEqual' | 'Greater' | 'GreaterEqual',
  a: Edge,
  b: Edge,
): Edge {
  return edge(add(scope, name, operation, [a, b], { T: type(a.type) }), 'z', 'bool');
}

/** Both hold, or one of them. */
export function logical(
  scope: Scope,
  name: string,
  operation: 'LogicalAnd' | 'LogicalOr',
  a: Edge,
  b: Edge,
): Edge {
  return edge(add(scope, name, operation, [a, b], {}), 'z', 'bool');
}

/** For each of the indices, the entry of x along its last axis. */
export function gather(scope: Scope, name: string, x: Edge, indices: Edge, axis: number): Edge {
  const node = add(scope, name, 'GatherV2', [x, indices, integer(scope, axis)], {
    Tparams: type(x.type),
    Tindices: type('int32'),
    Taxis: type('int32'),
    batch_dims: int(0),
  });
  return edge(node, 'output', x.type);
}

/** Products of the matrices that the last two axes hold. */
export function batchMatMul(scope: Scope, name: string, a: Edge, b: Edge): Edge {
  const node = add(scope, name, 'BatchMatMulV2', [a, b], {
    T: type(a.type),
    adj_x: bool(false),
    adj_y: bool(false),
  });
  return edge(node, 'output', a.type);
}

export function select(scope: Scope, name: string, where: Edge, then: Edge, otherwise: Edge): Edge {
  return edge(
    add(scope, name, 'SelectV2', [where, then, otherwise], { T: type(then.type) }),
    'output',
    then.type,
  );
}

export function equal(scope: Scope, name: string, a: Edge, b: Edge): Edge {
  const node = add(scope, name, 'Equal', [a, b], { T: type(a.type), incompatible_shape_error: bool(true) });
  return edge(node, 'z', 'bool');
}

/** Along a new axis of `depth`: 1 (or true) at each index, 0 elsewhere; all 0 where the index is negative. */
export function oneHot(
  scope: Scope,
  name: string,
  indices: Edge,
  depth: number,
  of: 'double' | 'float' | 'bool',
  axis = 0,
): Edge {
  const node = add(
    scope,
    name,
    'OneHot',
    [indices, integer(scope, depth), constant(scope, of, [], [1]), constant(scope, of, [], [0])],
    { T: type(of), TI: type('int32'), axis: int(axis) },
  );
  return edge(node, 'output', of);
}

export function transpose(scope: Scope, name: string, x: Edge, order: readonly number[]): Edge {
  const node = add(scope, name, 'Transpose', [x, integers(scope, order)], {
    T: type(x.type),
    Tperm: type('int32'),
  });
  return edge(node, 'y', x.type);
}

export function reshape(scope: Scope, name: string, x: Edge, shape: Shape): Edge {
  const node = add(scope, name, 'Reshape', [x, integers(scope, shape)], {
    T: type(x.type),
    Tshape: type('int32'),
  });
  return edge(node, 'output', x.type);
}

/** Adds in the order given. */
export function addAll(scope: Scope, name: string, parts: readonly Edge[]): Edge {
  return parts.reduce((a, b) => binary(scope, name, 'AddV2', a, b));
}

/** Declares a function of the graph, once, and gives its name. */
export function defineFunction(
  scope: Scope,
  name: string,
  parameters: readonly { readonly name: string; readonly type: DataType }[],
  body: (scope: Scope, ...edges: readonly Edge[]) => readonly Edge[],
): string {
  if (scope.functions.has(name)) return name;
  const inner = newScope(scope);
  const edges = parameters.map((p) => argument(inner, p.name, p.type));
  const results = body(inner, ...edges).map((result, at) => ({ name: `result${at}`, edge: result }));
  scope.functions.set(name, { name, arguments: parameters, results, nodes: inner.nodes });
  return name;
}

/** What `then` makes of the inputs where the condition holds, else what `otherwise` makes of them: one tensor. */
export function choose(
  scope: Scope,
  name: string,
  condition: Edge,
  inputs: readonly Edge[],
  then: string,
  otherwise: string,
  result: DataType,
): Edge {
  const node = add(scope, name, 'StatelessIf', [condition, ...inputs], {
    Tcond: type('bool'),
    Tin: { kind: 'types', value: inputs.map((x) => x.type) },
    Tout: { kind: 'types', value: [result] },
    then_branch: { kind: 'function', value: then },
    else_branch: { kind: 'function', value: otherwise },
    output_shapes: { kind: 'shapes', value: [] },
  });
  return edge(node, 'output', result);
}

/**
 * Runs `body` on the variables while `condition` holds, without state. The functions are called and not lowered into
 * the graph: as fast a step, and TensorFlow has one body to prepare instead of one for every lane.
 */
export function whileLoop(
  scope: Scope,
  name: string,
  variables: readonly Edge[],
  shapes: readonly Shape[],
  condition: string,
  body: string,
): readonly Edge[] {
  const node = add(scope, name, 'StatelessWhile', variables, {
    T: { kind: 'types', value: variables.map((v) => v.type) },
    cond: { kind: 'function', value: condition },
    body: { kind: 'function', value: body },
    output_shapes: { kind: 'shapes', value: shapes },
    parallel_iterations: int(1),
    _lower_using_switch_merge: bool(false),
  });
  return variables.map((v, position) => ({ node, port: 'output', position, type: v.type }));
}
