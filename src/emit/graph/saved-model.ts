/**
 * A graph as the bytes of a `saved_model.pb`: one meta graph, one signature, no variables.
 *
 * The messages are written by protobufjs' wire writer along the table below, which lists the fields used here with
 * their numbers in TensorFlow's .proto files. (protobufjs' own reflection makes its encoders with `new Function`, which a
 * process may forbid.)
 */
import protobuf from 'protobufjs/minimal.js';
import type { Writer } from 'protobufjs';
import { edgeName } from './types.js';
import type { Attribute, DataType, Door, GraphFunction, GraphModel, GraphNode, Shape } from './types.js';

interface Field {
  readonly number: number;
  readonly type: Scalar | MessageName;
  readonly rule?: 'repeated' | 'map';
}

const one = (number: number, type: Field['type']): Field => ({ number, type });
const many = (number: number, type: Field['type']): Field => ({ number, type, rule: 'repeated' });
/** from a string */
const map = (number: number, type: Field['type']): Field => ({ number, type, rule: 'map' });

type MessageName =
  | 'SavedModel'
  | 'MetaGraphDef'
  | 'MetaInfoDef'
  | 'SignatureDef'
  | 'TensorInfo'
  | 'GraphDef'
  | 'VersionDef'
  | 'FunctionDefLibrary'
  | 'FunctionDef'
  | 'OpDef'
  | 'ArgDef'
  | 'NodeDef'
  | 'AttrValue'
  | 'ListValue'
  | 'NameAttrList'
  | 'TensorProto'
  | 'TensorShapeProto'
  | 'Dim';

const MESSAGES: Readonly<Record<MessageName, Readonly<Record<string, Field>>>> = {
  SavedModel: { schemaVersion: one(1, 'int'), metaGraphs: many(2, 'MetaGraphDef') },
  MetaGraphDef: {
    metaInfo: one(1, 'MetaInfoDef'),
    graph: one(2, 'GraphDef'),
    signatures: map(5, 'SignatureDef'),
  },
  MetaInfoDef: { tags: many(4, 'string') },
  SignatureDef: { inputs: map(1, 'TensorInfo'), outputs: map(2, 'TensorInfo'), methodName: one(3, 'string') },
  TensorInfo: { name: one(1, 'string'), type: one(2, 'int'), shape: one(3, 'TensorShapeProto') },
  GraphDef: {
    nodes: many(1, 'NodeDef'),
    library: one(2, 'FunctionDefLibrary'),
    versions: one(4, 'VersionDef'),
  },
  VersionDef: { producer: one(1, 'int'), minConsumer: one(2, 'int') },
  FunctionDefLibrary: { functions: many(1, 'FunctionDef') },
  FunctionDef: { signature: one(1, 'OpDef'), nodes: many(3, 'NodeDef'), results: map(4, 'string') },
  OpDef: { name: one(1, 'string'), inputs: many(2, 'ArgDef'), outputs: many(3, 'ArgDef') },
  ArgDef: { name: one(1, 'string'), type: one(3, 'int') },
  NodeDef: {
    name: one(1, 'string'),
    operation: one(2, 'string'),
    inputs: many(3, 'string'),
    attributes: map(5, 'AttrValue'),
  },
  AttrValue: {
    list: one(1, 'ListValue'),
    int: one(3, 'int'),
    bool: one(5, 'bool'),
    type: one(6, 'int'),
    shape: one(7, 'TensorShapeProto'),
    tensor: one(8, 'TensorProto'),
    function: one(10, 'NameAttrList'),
  },
  ListValue: { types: many(6, 'int'), shapes: many(7, 'TensorShapeProto') },
  NameAttrList: { name: one(1, 'string') },
  TensorProto: {
    type: one(1, 'int'),
    shape: one(2, 'TensorShapeProto'),
    floats: many(5, 'float'),
    doubles: many(6, 'double'),
    ints: many(7, 'int'),
    bools: many(11, 'bool'),
  },
  TensorShapeProto: { dims: many(2, 'Dim') },
  Dim: { size: one(1, 'int') },
};

type Value = string | number | boolean | Message | readonly Value[];
interface Message {
  readonly [field: string]: Value;
}

/** Version of the graph's operations: that of TensorFlow 2.9, the oldest library it must run on. */
const PRODUCER = 1087;

const TYPES: Readonly<Record<DataType, number>> = { float: 1, double: 2, int32: 3, bool: 10 };

export const SIGNATURE = 'serving_default';
export const TAG = 'serve';

export function encodeSavedModel(model: GraphModel): Uint8Array {
  const signature = {
    inputs: doors(model.inputs),
    outputs: doors(model.outputs),
    methodName: 'tensorflow/serving/predict',
  };
  const graph = {
    nodes: model.nodes.map((node) => nodeMessage(node, false)),
    library: { functions: model.functions.map(functionMessage) },
    versions: { producer: PRODUCER, minConsumer: 12 },
  };
  const writer = protobuf.Writer.create();
  write(writer, 'SavedModel', {
    schemaVersion: 1,
    metaGraphs: [{ metaInfo: { tags: [TAG] }, graph, signatures: { [SIGNATURE]: signature } }],
  });
  return writer.finish();
}

const doors = (of: readonly Door[]): Message =>
  Object.fromEntries(
    of.map(({ name, edge, shape }) => [
      name,
      { name: `${edge.node}:${edge.position}`, type: TYPES[edge.type], shape: shapeMessage(shape) },
    ]),
  );

const nodeMessage = (node: GraphNode, inFunction: boolean): Message => ({
  name: node.name,
  operation: node.operation,
  inputs: node.inputs.map((edge) => edgeName(edge, inFunction)),
  attributes: Object.fromEntries(
    Object.entries(node.attributes).map(([name, a]) => [name, attributeMessage(a)]),
  ),
});

const functionMessage = (f: GraphFunction): Message => ({
  signature: {
    name: f.name,
    inputs: f.arguments.map(({ name, type }) => ({ name, type: TYPES[type] })),
    outputs: f.results.map(({ name, edge }) => ({ name, type: TYPES[edge.type] })),
  },
  nodes: f.nodes.map((node) => nodeMessage(node, true)),
  results: Object.fromEntries(f.results.map(({ name, edge }) => [name, edgeName(edge, true)])),
});

function attributeMessage(a: Attribute): Message {
  switch (a.kind) {
    case 'type':
      return { type: TYPES[a.value] };
    case 'types':
      return { list: { types: a.value.map((t) => TYPES[t]) } };
    case 'shape':
      return { shape: shapeMessage(a.value) };
    case 'shapes':
      return { list: { shapes: a.value.map(shapeMessage) } };
    case 'int':
      return { int: a.value };
    case 'bool':
      return { bool: a.value };
    case 'function':
      return { function: { name: a.value } };
    case 'tensor': {
      const values =
        a.type === 'double'
          ? { doubles: a.values }
          : a.type === 'float'
            ? { floats: a.values }
            : a.type === 'int32'
              ? { ints: a.values }
              : { bools: a.values.map((v) => v !== 0) };
      return { tensor: { type: TYPES[a.type], shape: shapeMessage(a.shape), ...values } };
    }
  }
}

const shapeMessage = (shape: Shape): Message => ({ dims: shape.map((size) => ({ size })) });

// ---------------------------------------------------------------------------------------------- the wire format

const VARINT = 0;
const FIXED_64 = 1;
const FIXED_32 = 5;
const LENGTH_DELIMITED = 2;

function write(writer: Writer, name: MessageName, message: Message): void {
  const fields = MESSAGES[name];
  for (const [key, value] of Object.entries(message)) {
    const field = fields[key];
    if (field === undefined) throw new Error(`${name} has no field ${key}`);
    if (field.rule === 'repeated')
      for (const item of value as readonly Value[]) writeField(writer, field, item);
    else if (field.rule === 'map') {
      for (const [entryKey, item] of Object.entries(value as Message)) {
        writer.uint32((field.number << 3) | LENGTH_DELIMITED).fork();
        writeField(writer, one(1, 'string'), entryKey);
        writeField(writer, one(2, field.type), item);
        writer.ldelim();
      }
    } else writeField(writer, field, value);
  }
}

function writeField(writer: Writer, field: Field, value: Value): void {
  const { number, type } = field;
  if (isScalar(type)) {
    const scalar = SCALARS[type];
    scalar.write(writer.uint32((number << 3) | scalar.wire), value);
  } else {
    writer.uint32((number << 3) | LENGTH_DELIMITED).fork();
    write(writer, type, value as Message);
    writer.ldelim();
  }
}

type Scalar = 'string' | 'int' | 'bool' | 'float' | 'double';

const SCALARS: Readonly<
  Record<Scalar, { readonly wire: number; readonly write: (writer: Writer, value: Value) => Writer }>
> = {
  string: { wire: LENGTH_DELIMITED, write: (writer, value) => writer.string(value as string) },
  int: { wire: VARINT, write: (writer, value) => writer.int64(value as number) },
  bool: { wire: VARINT, write: (writer, value) => writer.bool(value as boolean) },
  float: { wire: FIXED_32, write: (writer, value) => writer.float(value as number) },
  double: { wire: FIXED_64, write: (writer, value) => writer.double(value as number) },
};

const isScalar = (type: Field['type']): type is Scalar => type in SCALARS;
