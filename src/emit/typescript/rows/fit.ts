/** The loop over the functions of the rows. One M-step is the whole solution where nothing is hidden and nothing is cycled. */
import { argument, array, arrow, assign, at, binary, call, constant, give } from '../build.js';
import { literal, member, method, minus, name, object, property, run, variable } from '../build.js';
import type { Context } from '../context.js';
import type { Code, FunctionDeclaration } from '../tree.js';

export function rowFitFunction(context: Context, maximisation: FunctionDeclaration): FunctionDeclaration {
  const { plan } = context;
  const isHard = plan.assignment === 'hard';
  const weight = plan.model.data.find((d) => d.as === 'weight');
  const isGrouped = plan.axes.some((a) => a.per === 'group');
  const step = name('step');
  const parameters = name('parameters');
  const data = name('data');
  const likelihood = call('logLikelihood', ...(weight !== undefined && !isGrouped ? [data] : []), step);
  const objective: Code = isHard
    ? binary(minus(literal(2)), '*', likelihood)
    : plan.hasPrior
      ? binary(likelihood, '+', call('logPrior', parameters))
      : likelihood;
  const rows = member(member(data, plan.model.data[0].name), 'length');
  const size = isHard
    ? name('objective')
    : weight === undefined
      ? rows
      : call('sum', rows, arrow(['n'], at(member(data, weight.name), name('n'))));
  const change = call('Math.abs', binary(name('next'), '-', name('objective')));
  return {
    kind: 'function',
    documentation: `EM from a start: an E-step, then M-step and E-step by turns until the objective stops changing.${plan.derivation.closedForm ? ' Nothing is hidden, so the first step is the solution.' : ''}`,
    name: 'fit',
    isExported: true,
    isAsync: false,
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
    returns: 'Fit',
    body: [
      variable('parameters', name('start')),
      variable('step', call('posterior', data, parameters)),
      variable('objective', objective),
      variable('converged', name('false')),
      constant('objectives', array(name('objective'))),
      {
        kind: 'for',
        index: 'n',
        below: name('iterations'),
        also: { kind: 'prefix', operator: '!', of: name('converged') },
        body: [
          assign(
            'parameters',
            call('maximisation', data, step, ...(maximisation.arguments.length > 2 ? [parameters] : [])),
          ),
          assign('step', call('posterior', data, parameters)),
          constant('next', objective),
          assign('converged', binary(change, '<=', binary(name('tolerance'), '*', size))),
          assign('objective', name('next')),
          run(method(name('objectives'), 'push', name('objective'))),
        ],
      },
      give(object('parameters', 'objective', property('trace', name('objectives')), 'converged')),
    ],
  };
}
