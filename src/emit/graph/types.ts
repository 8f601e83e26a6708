/** A TensorFlow graph as plain data: nodes joined by edges, functions for the bodies of loops, named doors. */

export type DataType = 'double' | 'float' | 'int32' | 'bool';

/** A dimension of −1 is not known before the graph runs. */
export type Shape = readonly number[];

/** One output of a node. Inside a function TensorFlow names it by its port, outside by its position. */
export interface Edge {
  readonly node: string;
  /** the name of the output in the operation's definition; undefined for a function's argument */
  readonly port: string | undefined;
  readonly position: number;
  readonly type: DataType;
}

export type Attribute =
  | { readonly kind: 'type'; readonly value: DataType }
  | { readonly kind: 'types'; readonly value: readonly DataType[] }
  | { readonly kind: 'shape'; readonly value: Shape }
  | { readonly kind: 'shapes'; readonly value: readonly Shape[] }
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'function'; readonly value: string }
  /** one value stands for a whole tensor of it */
  | {
      readonly kind: 'tensor';
      readonly type: DataType;
      readonly shape: Shape;
      readonly values: readonly number[];
    };

export interface GraphNode {
  readonly name: string;
  readonly operation: string;
  readonly inputs: readonly Edge[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface GraphFunction {
  readonly name: string;
  readonly arguments: readonly { readonly name: string; readonly type: DataType }[];
  readonly results: readonly { readonly name: string; readonly edge: Edge }[];
  readonly nodes: readonly GraphNode[];
}

/** What the graph is fed with or gives back, under the name that its caller knows. */
export interface Door {
  readonly name: string;
  readonly edge: Edge;
  readonly shape: Shape;
}

export interface GraphModel {
  readonly nodes: readonly GraphNode[];
  readonly functions: readonly GraphFunction[];
  readonly inputs: readonly Door[];
  readonly outputs: readonly Door[];
}

/** How TensorFlow writes an edge where a node names its inputs. */
export function edgeName(edge: Edge, inFunction: boolean): string {
  if (edge.port === undefined) return edge.node;
  if (inFunction) return `${edge.node}:${edge.port}:${edge.position}`;
  return edge.position === 0 ? edge.node : `${edge.node}:${edge.position}`;
}
