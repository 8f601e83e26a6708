/** `Parameters`, `logPrior` and `fit`: what is estimated, and the loop. */
import { printText } from '../../algebra/print.js';
import {
  argument,
  array,
  arrow,
  assign,
  at,
  awaited,
  binary,
  call,
  constant,
  give,
  literal,
  member,
  method,
  minus,
  name,
  object,
  parts,
  property,
  run,
  variable,
} from './build.js';
import { rowExtras, tensorsOf } from './columns.js';
import { dimsOf, scopeOf } from './context.js';
import { arrayType } from './declare.js';
import type { Context } from './context.js';
import { codeOf } from './expression.js';
import type { Code, Declaration, FunctionDeclaration, Member, Statement } from './tree.js';

export function parametersInterface(context: Context): Declaration {
  const { plan } = context;
  const members = plan.model.parameters.map((p): Member => {
    const dims = dimsOf(p, plan);
    const what = p.type.scale ?? (p.type.domain === 'real' ? '' : p.type.domain);
    const shape = dims.length === 0 ? '' : `[${dims.map(String).join(', ')}]`;
    const documentation = [shape, what].filter((t) => t !== '').join(' ');
    return {
      documentation:
        p.documentation === undefined
          ? documentation
          : `${documentation}${documentation === '' ? '' : ': '}${p.documentation.replaceAll('\n', ' ')}`,
      name: p.name,
      isOptional: false,
      type: arrayType(dims.length),
    };
  });
  return {
    kind: 'interface',
    documentation: 'What is estimated, in the user’s units.',
    name: 'Parameters',
    members,
  };
}

/** The prior's part of the objective; nothing without priors. */
export function logPriorFunctions(context: Context): readonly FunctionDeclaration[] {
  const { plan, names } = context;
  if (!plan.hasPrior) return [];
  const parameters = names.own('parameters');
  const read = new Set<string>();
  const scope = scopeOf(context, name(parameters), (e) => {
    if (e.role !== 'parameter') return undefined;
    read.add(e.name);
    return name(names.of(e.name));
  });
  const value = codeOf(plan.logPrior, scope);
  return [
    {
      kind: 'function',
      documentation: `The log density of the priors:\n\n    ${printText(plan.logPrior)}`,
      name: 'logPrior',
      isExported: true,
      isAsync: false,
      arguments: [argument(parameters, 'Parameters')],
      returns: 'number',
      body: [
        constant(
          parts(...[...read].map((p): readonly [string, string] => [p, names.of(p)])),
          name(parameters),
        ),
        ...scope.sizes(),
        give(value),
      ],
    },
  ];
}

export function fitInterfaces(context: Context): readonly Declaration[] {
  const member = (documentation: string, name: string, type: string, isOptional = false): Member => ({
    documentation,
    name,
    isOptional,
    type,
  });
  return [
    {
      kind: 'interface',
      documentation: '',
      name: 'Options',
      members: [
        member('EM steps at most', 'iterations', 'number', true),
        member(
          `the fit has converged when a step changes the objective by less than this ${isInertia(context) ? 'share' : 'per row'}`,
          'tolerance',
          'number',
          true,
        ),
      ],
    },
    {
      kind: 'interface',
      documentation: '',
      name: 'Fit',
      members: [
        member('', 'parameters', 'Parameters'),
        member(objectiveText(context), 'objective', 'number'),
        member('the objective at the start and after each step', 'trace', 'Vector'),
        member('', 'converged', 'boolean'),
      ],
    },
  ];
}

const isInertia = ({ plan }: Context): boolean => plan.assignment === 'hard';

function objectiveText(context: Context): string {
  if (isInertia(context)) return 'the inertia, which falls';
  return context.plan.hasPrior
    ? 'log-likelihood plus the log density of the priors, which climbs'
    : 'the log-likelihood, which climbs';
}

/** What the loop calls: tensors are waited for, rows are not. */
export interface Loop {
  /** the E-step at `parameters` */
  readonly expected: Code;
  /** of the last E-step, `step` */
  readonly likelihood: Code;
  readonly maximisation: Code;
  /** how much the rows count together */
  readonly total: Code;
}

/** The loop. One M-step is the whole solution where nothing is hidden and no update waits for another. */
export function loopFunction(
  context: Context,
  { expected, likelihood, maximisation, total }: Loop,
  within: (body: readonly Statement[]) => Pick<FunctionDeclaration, 'isAsync' | 'returns' | 'body'>,
): FunctionDeclaration {
  const { plan } = context;
  const objective: Code = isInertia(context)
    ? binary(minus(literal(2)), '*', likelihood)
    : plan.hasPrior
      ? binary(likelihood, '+', call('logPrior', name('parameters')))
      : likelihood;
  const allowed = binary(name('tolerance'), '*', isInertia(context) ? name('objective') : total);
  const change = call('Math.abs', binary(name('next'), '-', name('objective')));
  return {
    kind: 'function',
    documentation: `EM from a start: an E-step, then M-step and E-step by turns until the objective stops changing.${plan.derivation.closedForm ? ' Nothing is hidden, so the first step is the solution.' : ''}`,
    name: 'fit',
    isExported: true,
    arguments: [
      argument('data', 'Data'),
      argument('start', 'Parameters'),
      argument(
        {
          kind: 'object',
          parts: [
            { name: 'iterations', as: 'iterations', otherwise: literal(1000) },
            { name: 'tolerance', as: 'tolerance', otherwise: literal(1e-6) },
          ],
        },
        'Options',
        { otherwise: object() },
      ),
    ],
    ...within([
      variable('parameters', name('start')),
      variable('step', expected),
      variable('objective', objective),
      variable('converged', name('false')),
      constant('objectives', array(name('objective'))),
      {
        kind: 'for',
        index: 'n',
        below: name('iterations'),
        also: { kind: 'prefix', operator: '!', of: name('converged') },
        body: [
          assign('parameters', maximisation),
          assign('step', expected),
          constant('next', objective),
          assign('converged', binary(change, '<=', allowed)),
          assign('objective', name('next')),
          run(method(name('objectives'), 'push', name('objective'))),
        ],
      },
      give(object('parameters', 'objective', property('trace', name('objectives')), 'converged')),
    ]),
  };
}

/** The loop on tensors, which are disposed of at its end. */
export function fitFunction(context: Context, maximisation: FunctionDeclaration): FunctionDeclaration {
  const data = name('data');
  const step = name('step');
  const rows = call('tensors', call('columns', data), ...rowExtras(context).map((e) => member(data, e.data)));
  const tensors = tensorsOf(context).map((field) => member(name('rows'), field));
  const weight = member(step, 'statistics.weight');
  const loop: Loop = {
    expected: awaited(call('expectation', name('rows'), name('parameters'))),
    likelihood: member(step, 'logLikelihood'),
    maximisation: call(
      'maximisation',
      member(step, 'statistics'),
      ...(maximisation.arguments.length > 1 ? [name('parameters')] : []),
    ),
    total: context.hasWeights
      ? call('sum', member(step, 'statistics.weight.length'), arrow(['k'], at(weight, name('k'))))
      : member(step, `statistics.${context.rows}`),
  };
  return loopFunction(context, loop, (body) => ({
    isAsync: true,
    returns: 'Promise<Fit>',
    body: [
      constant('rows', rows),
      {
        kind: 'try',
        body,
        finally: [run(call('tf.dispose', tensors.length === 1 ? tensors[0] : array(...tensors)))],
      },
    ],
  }));
}
