/** The loop over the functions of the rows. */
import { arrow, at, call, member, name } from '../build.js';
import type { Context } from '../context.js';
import { loopFunction } from '../fit.js';
import type { FunctionDeclaration } from '../tree.js';

export function rowFitFunction(context: Context, maximisation: FunctionDeclaration): FunctionDeclaration {
  const { plan } = context;
  const weight = plan.model.data.find((d) => d.as === 'weight');
  const isGrouped = plan.axes.some((a) => a.per === 'group');
  const [step, parameters, data] = ['step', 'parameters', 'data'].map(name);
  const rows = member(member(data, plan.model.data[0].name), 'length');
  const loop = {
    expected: call('posterior', data, parameters),
    likelihood: call('logLikelihood', ...(weight !== undefined && !isGrouped ? [data] : []), step),
    maximisation: call(
      'maximisation',
      data,
      step,
      ...(maximisation.arguments.length > 2 ? [parameters] : []),
    ),
    total:
      weight === undefined ? rows : call('sum', rows, arrow(['n'], at(member(data, weight.name), name('n')))),
  };
  return loopFunction(context, loop, (body) => ({ isAsync: false, returns: 'Fit', body }));
}
