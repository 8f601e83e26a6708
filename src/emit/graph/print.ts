/** A graph as a person reads it: one line a node, `name = Operation(inputs) attributes`, constants where they are used. */
import { edgeName } from './types.js';
import type { Attribute, GraphModel, GraphNode, Shape } from './types.js';

export function printGraph(model: GraphModel): string {
  const lines: string[] = [];
  for (const f of model.functions) {
    const printEdge = edgePrinter(f.nodes, true);
    lines.push(`function ${f.name}(${f.arguments.map((a) => `${a.name}: ${a.type}`).join(', ')})`);
    lines.push(...printNodes(f.nodes, printEdge));
    lines.push(`  return ${f.results.map((r) => printEdge(r.edge)).join(', ')}`, '');
  }
  const printEdge = edgePrinter(model.nodes, false);
  lines.push('graph', ...printNodes(model.nodes, printEdge));
  for (const door of model.outputs)
    lines.push(
      `  return ${door.name}: ${door.edge.type} ${printShape(door.shape)} = ${printEdge(door.edge)}`,
    );
  return `${lines.join('\n')}\n`;
}

type EdgePrinter = (edge: GraphNode['inputs'][number]) => string;

/** An edge by its name, or by its value where that is a constant. */
function edgePrinter(nodes: readonly GraphNode[], inFunction: boolean): EdgePrinter {
  const constants = new Map(nodes.filter(isConstant).map((node) => [node.name, printConstant(node)]));
  return (edge) => constants.get(edge.node) ?? edgeName(edge, inFunction);
}

const isConstant = (node: GraphNode): boolean => node.operation === 'Const';

const printNodes = (nodes: readonly GraphNode[], printEdge: EdgePrinter): readonly string[] =>
  nodes.filter((node) => !isConstant(node)).map((node) => `  ${printNode(node, printEdge)}`);

function printNode(node: GraphNode, printEdge: EdgePrinter): string {
  // types follow from the inputs, except where there are none
  const attributes = Object.entries(node.attributes)
    .filter(([, a]) => node.inputs.length === 0 || (a.kind !== 'type' && a.kind !== 'types'))
    .map(([name, a]) => `${name}=${printAttribute(a)}`);
  const call = `${node.name} = ${node.operation}(${node.inputs.map(printEdge).join(', ')})`;
  return attributes.length === 0 ? call : `${call} ${attributes.join(' ')}`;
}

const printShape = (shape: Shape): string => `[${shape.map((n) => (n < 0 ? '?' : String(n))).join(', ')}]`;

function printConstant(node: GraphNode): string {
  const value = node.attributes['value'];
  return value?.kind === 'tensor' ? printTensor(value) : node.name;
}

/** 3; [0, 3]; 1.0 of [1, 300]: a double has a point. */
function printTensor({ type, shape, values }: Extract<Attribute, { kind: 'tensor' }>): string {
  const numbers = values.map((v) =>
    (type === 'double' || type === 'float') && Number.isInteger(v) ? v.toFixed(1) : String(v),
  );
  if (shape.length === 0) return numbers.join();
  const elements = numbers.length > 8 ? [...numbers.slice(0, 8), '…'] : numbers;
  if (shape.length === 1 && values.length === shape[0]) return `[${elements.join(', ')}]`;
  return `${elements.join(' ')} of ${printShape(shape)}`;
}

function printAttribute(a: Attribute): string {
  switch (a.kind) {
    case 'type':
    case 'int':
    case 'bool':
    case 'function':
      return String(a.value);
    case 'types':
      return a.value.join(',');
    case 'shape':
      return printShape(a.value);
    case 'shapes':
      return a.value.map(printShape).join(' ');
    case 'tensor':
      return printTensor(a);
  }
}
