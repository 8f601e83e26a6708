/** The second half of the data stage: weighted moments of the rows, and the E-step of the two halves. */
import {
  argument,
  array,
  arrow,
  awaited,
  call,
  comment,
  constant,
  entries,
  give,
  literal,
  member,
  method,
  name,
  object,
  parts,
  property,
  run,
} from './build.js';
import type { Context } from './context.js';
import type { Code, Declaration, FunctionDeclaration, Member } from './tree.js';

import { declared, tidy } from './declare.js';

// ------------------------------------------------------------------------------------------------ moments

export function statisticsInterface(context: Context): Declaration {
  const k = String(context.components);
  const pairs = context.plan.pairs.statistics;
  const member = (documentation: string, name: string, type: string): Member => ({
    documentation,
    name,
    isOptional: false,
    type,
  });
  return {
    kind: 'interface',
    documentation:
      'What the M-step reads of the rows: moments of the columns per component, in the user’s units, each about its own mean so that nothing cancels.',
    name: 'Statistics',
    members: [
      member('the number of rows', context.rows, 'number'),
      member(`[${k}] Σ r`, 'weight', 'Vector'),
      member(`[${k}, C] Σ r c / weight`, 'mean', 'Matrix'),
      ...(pairs === 'none'
        ? []
        : [
            pairs === 'all'
              ? member(`[${k}, C, C] Σ r (c − mean) (c − mean)ᵀ`, 'scatter', 'readonly Matrix[]')
              : member(`[${k}, C] Σ r (c − mean)²`, 'scatter', 'Matrix'),
          ]),
    ],
  };
}

export function statisticsFunction(context: Context): FunctionDeclaration {
  const { plan } = context;
  const pairs = plan.pairs.statistics;
  const fields = pairs === 'none' ? ['weight', 'mean'] : ['weight', 'mean', 'scatter'];
  const row = (of: string, axis: number): Code => call('tf.expandDims', name(of), literal(axis));
  const r: Code = context.hasWeights
    ? call('tf.mul', name('responsibilities'), member(name('rows'), 'weights'))
    : name('responsibilities');
  const u = member(name('rows'), 'u');
  const rd = call('tf.mul', call('tf.expandDims', call('tf.transpose', name('r')), literal(2)), name('d'));
  const scatter =
    pairs === 'all'
      ? call('tf.matMul', rd, name('d'), name('true'))
      : call('tf.sum', call('tf.mul', rd, name('d')), literal(1));
  const scaledScatter = pairs === 'all' ? ['outer', 'readonly Matrix[]'] : ['entrywise', 'Matrix'];
  const sums = tidy(
    ...(context.hasWeights ? [constant('r', r, 'tf.Tensor2D')] : []),
    constant('weight', call('tf.sum', name('r'), literal(0)), 'tf.Tensor1D'),
    comment('a component that owns nothing has the mean 0'),
    constant(
      'mean',
      call(
        'tf.div',
        call('tf.matMul', name('r'), u, name('true')),
        call('tf.maximum', row('weight', 1), literal(1e-30)),
      ),
      'tf.Tensor2D',
    ),
    ...(pairs === 'none'
      ? []
      : [
          constant('d', call('tf.sub', call('tf.expandDims', u, literal(0)), row('mean', 1)), 'tf.Tensor3D'),
          constant('scatter', scatter, pairs === 'all' ? 'tf.Tensor3D' : 'tf.Tensor2D'),
        ]),
    give(object(...fields)),
  );
  const units = call(scaledScatter[0], name('scale'), name('scale'));
  return declared(
    'statistics',
    'The moments of the rows under responsibilities: sums in float32 on the tensors, then float64 and the user’s units.',
    [argument('rows', 'Rows'), argument(context.hasWeights ? 'responsibilities' : 'r', 'tf.Tensor2D')],
    'Promise<Statistics>',
    [
      constant(parts('shift', 'scale'), name('rows')),
      constant('sums', sums),
      constant(
        entries(...fields),
        awaited(call('Promise.all', array(...fields.map((f) => method(member(name('sums'), f), 'array'))))),
      ),
      run(call('tf.dispose', name('sums'))),
      give(
        object(
          property(context.rows, { kind: 'index', of: member(u, 'shape'), at: literal(0) }),
          'weight',
          property(
            'mean',
            method(
              name('mean'),
              'map',
              arrow(['m'], call('add', name('shift'), call('entrywise', name('scale'), name('m')))),
            ),
          ),
          ...(pairs === 'none'
            ? []
            : [
                property(
                  'scatter',
                  method(name('scatter'), 'map', arrow(['s'], call('entrywise', units, name('s')))),
                ),
              ]),
        ),
      ),
    ],
    { isAsync: true },
  );
}

// ------------------------------------------------------------------------------------------------ E-step

export function expectationInterface({ plan }: Context): Declaration {
  const what =
    plan.assignment === 'hard'
      ? `what the rows have of the largest logits; the inertia is −2 times it`
      : 'log p of all rows together';
  return {
    kind: 'interface',
    documentation: '',
    name: 'Expectation',
    members: [
      { documentation: '', name: 'statistics', isOptional: false, type: 'Statistics' },
      { documentation: what, name: 'logLikelihood', isOptional: false, type: 'number' },
    ],
  };
}

export function expectationFunction(context: Context): FunctionDeclaration {
  const density = name('logDensity');
  const weighted = context.hasWeights ? call('tf.mul', member(name('rows'), 'weights'), density) : density;
  return declared(
    'expectation',
    'The E-step: the posterior, and under it the statistics and the log-likelihood.',
    [argument('rows', 'Rows'), argument('parameters', 'Parameters')],
    'Promise<Expectation>',
    [
      constant(parts('responsibilities', 'logDensity'), call('posterior', name('rows'), name('parameters'))),
      constant('total', call('tf.tidy', arrow([], call('tf.sum', weighted))), 'tf.Scalar'),
      constant(
        entries('moments', 'logLikelihood'),
        awaited(
          call(
            'Promise.all',
            array(call('statistics', name('rows'), name('responsibilities')), method(name('total'), 'array')),
          ),
        ),
      ),
      run(call('tf.dispose', array(name('responsibilities'), density, name('total')))),
      give(object(property('statistics', name('moments')), 'logLikelihood')),
    ],
    { isAsync: true },
  );
}
