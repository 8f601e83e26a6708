/** Models for the tests of emission, written as values: what the front end gives for the text beside each. */
import type {
  Constraint,
  DataSymbol,
  Definition,
  Domain,
  Expression,
  Index,
  Model,
  Parameter,
  ScaleKind,
  Size,
  SymbolName,
  ValueType,
} from '../../src/model/types.js';
import type { Factor, Latent, LineId, SpanId } from '../../src/model/types.js';

const span = 0 as SpanId;
const id = (name: string): SymbolName => name as SymbolName;
const D: Size = { kind: 'named', name: 'D' };
const K: Size = { kind: 'constant', name: id('K') };
const overK: Size = { kind: 'plate', plate: id('k') };
const type = (domain: Domain, shape: readonly Size[] = [], scale?: ScaleKind): ValueType => ({
  domain,
  shape,
  ...(scale === undefined ? {} : { scale }),
});
const REAL = type('real');
const VECTOR = type('real', [D]);
const MATRIX = type('covariance', [D, D], 'variance');
const plate = (name: string): Index => ({ kind: 'plate', plate: id(name) });
const ofLatent: Index = { kind: 'symbol', symbol: id('z'), indices: [plate('i')], plate: id('k') };

// ---- expressions
type E = Expression;
export const num = (value: number): E => ({ kind: 'number', value, type: REAL, span });
const ref = (name: string, t: ValueType, ...indices: Index[]): E => ({
  kind: 'symbol',
  name: id(name),
  indices,
  coordinates: [],
  type: t,
  span,
});
const con = (name: string, t: ValueType): E => ({
  kind: 'constant',
  name: id(name),
  coordinates: [],
  type: t,
  span,
});
const times = (left: E, right: E, t: ValueType): E => ({ kind: 'multiply', left, right, type: t, span });
const I: E = { kind: 'identity', type: MATRIX, span };
const diagE = (operand: E): E => ({
  kind: 'diag',
  operand,
  type: { ...MATRIX, scale: operand.type.scale! },
  span,
});
const fillE = (value: number, t: ValueType): E => ({ kind: 'fill', value: num(value), type: t, span });
const dist = (name: string, args: Record<string, E>): E => ({
  kind: 'distribution',
  name,
  arguments: args,
  type: REAL,
  span,
});
const normal = (mean: E, scale: E): E => dist('Normal', { mean, scale });

// ---- declarations
export interface Parts {
  readonly name: string;
  readonly K?: number | null;
  readonly parameters: readonly {
    readonly name: string;
    readonly plates?: readonly string[];
    readonly type: ValueType;
    readonly prior?: E;
  }[];
  readonly data: readonly {
    readonly name: string;
    readonly type: ValueType;
    readonly is?: E;
    readonly weight?: boolean;
  }[];
  readonly latent?: { readonly p: E; readonly labels?: string };
  readonly definitions?: readonly { readonly name: string; readonly type: ValueType; readonly value: E }[];
  readonly constants?: readonly {
    readonly name: string;
    readonly type: ValueType;
    readonly value?: number | readonly number[] | readonly (readonly number[])[];
  }[];
  readonly constraints?: readonly Pick<Constraint, 'relation' | 'left' | 'right'>[];
  readonly limit?: string;
}

export function modelOf(p: Parts): Model {
  const factors: Factor[] = [];
  const line = (
    symbol: string,
    plates: readonly string[],
    distribution: E | undefined,
  ): LineId | undefined => {
    if (distribution === undefined) return undefined;
    factors.push({
      line: factors.length as LineId,
      symbol: id(symbol),
      plates: plates.map(id),
      distribution,
      span,
    });
    return (factors.length - 1) as LineId;
  };
  const base = { documentation: undefined as never, span, typeSpan: span };
  const clean = <T extends object>(o: T): T => JSON.parse(JSON.stringify(o)) as T;
  const parameters = p.parameters.map((x): Parameter =>
    clean({
      ...base,
      role: 'parameter' as const,
      name: id(x.name),
      plates: (x.plates ?? []).map(id),
      type: x.type,
      prior: line(x.name, x.plates ?? [], x.prior),
    }),
  );
  const latents: Latent[] =
    p.latent === undefined
      ? []
      : [
          clean({
            ...base,
            role: 'latent' as const,
            name: id('z'),
            plates: [id('i')],
            type: { domain: 'plate' as const, shape: [], plate: id('k') },
            line: line('z', ['i'], dist('Categorical', { p: p.latent.p })),
            labels: p.latent.labels,
          }),
        ];
  const data = p.data.map((x): DataSymbol =>
    clean({
      ...base,
      role: 'data' as const,
      name: id(x.name),
      plates: [id('i')],
      type: x.type,
      line: line(x.name, ['i'], x.is),
      from: [],
      as: x.weight === true ? ('weight' as const) : undefined,
    }),
  );
  const definitions = (p.definitions ?? []).map((x): Definition =>
    clean({
      ...base,
      role: 'definition' as const,
      name: id(x.name),
      plates: [id('i')],
      type: x.type,
      value: x.value,
    }),
  );
  const hasK = p.latent !== undefined;
  return {
    name: p.name,
    title: undefined,
    documentation: undefined,
    plates: [
      { name: id('i'), range: { kind: 'rows' }, span },
      ...(hasK ? [{ name: id('k'), range: { kind: 'count' as const, upTo: K }, span }] : []),
    ],
    constants: [
      ...(hasK
        ? [
            {
              name: id('K'),
              type: type('count'),
              untyped: true,
              value: p.K === null ? undefined : (p.K ?? 2),
              isSize: true,
              span,
            },
          ]
        : []),
      ...(p.constants ?? []).map((c) => ({
        name: id(c.name),
        type: c.type,
        untyped: false,
        value: c.value,
        isSize: false,
        span,
      })),
    ],
    sizes: JSON.stringify([parameters, data]).includes('"name":"D"')
      ? [{ name: 'D', value: undefined, span }]
      : [],
    parameters,
    latents,
    data,
    definitions,
    factors,
    constraints: (p.constraints ?? []).map((c) => ({ ...c, plates: [], span })),
    limit: p.limit === undefined ? undefined : { constant: id(p.limit), span },
    spans: [{ start: 0, end: 0 }],
  };
}

// ---- the family of mixtures
const pi = { name: 'pi', type: type('simplex', [overK]) };
const mu = { name: 'mu', plates: ['k'], type: VECTOR };
const latent = { p: ref('pi', pi.type) };
const MU = ref('mu', VECTOR, ofLatent);
const mixture = (name: string, scales: Parts['parameters'], scale: E, more: Partial<Parts> = {}): Model =>
  modelOf({
    name,
    parameters: [pi, mu, ...scales],
    latent,
    data: [{ name: 'x', type: VECTOR, is: normal(MU, scale) }],
    ...more,
  });
const variance = type('positive', [], 'variance');
const variances = type('positive', [D], 'variance');
const at = (...indices: Index[]): Index[] => indices;
const one = (value: number): Index => ({ kind: 'number', value });

const Sigma = { name: 'Sigma', plates: ['k'], type: MATRIX };
const SIGMA = ref('Sigma', MATRIX, ofLatent);
export const full = mixture('OldFaithful', [Sigma], SIGMA);
export const tied = mixture('Tied', [{ name: 'Sigma', type: MATRIX }], ref('Sigma', MATRIX));
export const diagonal = mixture(
  'Diagonal',
  [{ name: 'v', plates: ['k'], type: variances }],
  diagE(ref('v', variances, ofLatent)),
);
export const tiedDiagonal = mixture(
  'TiedDiagonal',
  [{ name: 'v', type: variances }],
  diagE(ref('v', variances)),
);
export const spherical = mixture(
  'Spherical',
  [{ name: 's2', plates: ['k'], type: variance }],
  times(ref('s2', variance, ofLatent), I, MATRIX),
);
export const tiedSpherical = mixture(
  'TiedSpherical',
  [{ name: 's2', type: variance }],
  times(ref('s2', variance), I, MATRIX),
);
export const fixedVariance = mixture('FixedVariance', [], times(con('eps', variance), I, MATRIX), {
  constants: [{ name: 'eps', type: variance, value: 0.5 }],
});
export const kMeans = mixture('KMeans', [], times(con('eps', variance), I, MATRIX), {
  constants: [{ name: 'eps', type: variance }],
  limit: 'eps',
});
const sd = type('positive', [D], 'sd');
export const standardDeviations = mixture(
  'StandardDeviations',
  [{ name: 's', plates: ['k'], type: sd }],
  diagE(ref('s', sd, ofLatent)),
);
const precision = type('covariance', [D, D], 'precision');
export const precisions = mixture(
  'Precisions',
  [{ name: 'Lambda', plates: ['k'], type: precision }],
  ref('Lambda', precision, ofLatent),
);
export const held = mixture('Held', [Sigma], SIGMA, {
  constraints: [{ relation: '=', left: ref('mu', VECTOR, one(2)), right: fillE(4, VECTOR) }],
});
export const heldShare = mixture('HeldShare', [Sigma], SIGMA, {
  constraints: [
    { relation: '=', left: { ...ref('pi', REAL), coordinates: at(one(1)) } as E, right: num(0.4) },
  ],
});
export const floored = mixture(
  'Floored',
  [{ name: 's2', plates: ['k'], type: variance }],
  times(ref('s2', variance, ofLatent), I, MATRIX),
  {
    constraints: [{ relation: '<=', left: num(30), right: ref('s2', variance, plate('k')) }],
  },
);
export const weighted = mixture('Weighted', [Sigma], SIGMA, {
  data: [
    { name: 'w', type: type('positive'), weight: true },
    { name: 'x', type: VECTOR, is: normal(MU, SIGMA) },
  ],
});
export const labelled = mixture('Labelled', [Sigma], SIGMA, { latent: { ...latent, labels: 'kind' } });
const muPrior = { ...mu, prior: normal(fillE(0, VECTOR), times(num(100), I, MATRIX)) };
export const priors = mixture('Priors', [{ ...Sigma }], SIGMA, { parameters: [pi, muPrior, Sigma] });
export const dirichlet = mixture('Dirichlet', [{ ...Sigma }], SIGMA, {
  parameters: [
    { ...pi, prior: dist('Dirichlet', { concentration: fillE(2, type('positive', [overK])) }) },
    mu,
    Sigma,
  ],
});
export const openK = mixture('OpenK', [Sigma], SIGMA, { K: null });

// ---- without a latent, and regressions
export const oneGaussian = modelOf({
  name: 'OneGaussian',
  parameters: [
    { name: 'm', type: VECTOR },
    { name: 'Sigma', type: MATRIX },
  ],
  data: [{ name: 'x', type: VECTOR, is: normal(ref('m', VECTOR), ref('Sigma', MATRIX)) }],
});
const two: Size = { kind: 'number', value: 2 };
const three: Size = { kind: 'number', value: 3 };
const t = ref('t', REAL, plate('i'));
const line = (length: Size, ...elements: E[]): NonNullable<Parts['definitions']>[number] => ({
  name: 'phi',
  type: type('real', [length]),
  value: { kind: 'vector', elements, type: type('real', [length]), span },
});
const squared: E = { kind: 'power', base: t, exponent: num(2), type: REAL, span };
const regression = (
  name: string,
  length: Size,
  definition: NonNullable<Parts['definitions']>[number],
  index: Index[],
  plates: readonly string[],
  more: Partial<Parts>,
): Model => {
  const w = type('real', [length]);
  const phi = ref('phi', w, plate('i'));
  const s2 = ref('s2', variance, ...index);
  return modelOf({
    name,
    parameters: [
      ...(index.length > 0 ? [pi] : []),
      { name: 'w', plates, type: w },
      { name: 's2', plates, type: variance },
    ],
    definitions: [definition],
    data: [
      { name: 't', type: REAL },
      {
        name: 'y',
        type: REAL,
        is: normal({ kind: 'dot', left: ref('w', w, ...index), right: phi, type: REAL, span }, s2),
      },
    ],
    ...more,
  });
};
export const linearRegression = regression(
  'LinearRegression',
  three,
  line(three, num(1), t, squared),
  [],
  [],
  {},
);
export const regressions = regression('MixtureOfRegressions', two, line(two, num(1), t), [ofLatent], ['k'], {
  latent,
});
export const scalar = modelOf({
  name: 'Scalar',
  parameters: [
    pi,
    { name: 'mu', plates: ['k'], type: REAL },
    { name: 'sigma', plates: ['k'], type: type('positive', [], 'sd') },
  ],
  latent,
  data: [
    {
      name: 'x',
      type: REAL,
      is: normal(ref('mu', REAL, ofLatent), ref('sigma', type('positive', [], 'sd'), ofLatent)),
    },
  ],
});

export const all = {
  full,
  tied,
  diagonal,
  tiedDiagonal,
  spherical,
  tiedSpherical,
  fixedVariance,
  kMeans,
  standardDeviations,
  precisions,
  held,
  floored,
  weighted,
  labelled,
  priors,
  openK,
  oneGaussian,
  linearRegression,
  regressions,
  scalar,
};
