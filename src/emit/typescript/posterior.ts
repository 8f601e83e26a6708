/** The first half of the data stage: squared norms of residuals, and the posterior made of them. */
import { add } from '../../algebra/build.js';
import { toExpr } from '../../algebra/normal.js';
import { printText } from '../../algebra/print.js';
import { sideText } from '../../derive/words.js';
import {
  argument,
  array,
  arrow,
  as,
  call,
  comment,
  constant,
  give,
  literal,
  member,
  name,
  object,
  parts,
} from './build.js';
import { scopeOf } from './context.js';
import type { Context } from './context.js';
import { dimCode } from './expression.js';
import type { Code, Declaration, FunctionDeclaration, Statement } from './tree.js';

import { declared, shapeText, tidy } from './declare.js';

// ------------------------------------------------------------------------------------------------ residuals

/** Only what the module's logits need. */
export function residualFunctions({ plan, rows, components }: Context): readonly FunctionDeclaration[] {
  const kinds = new Set(plan.logits.map((t) => t.kind));
  const forms = [argument(parts('u', 'shift', 'scale'), 'Rows'), argument('forms', 'readonly Affine[]')];
  const shape = `[${rows}, ${String(components)}`;
  const mapped = call('tf.add', call('tf.matMul', name('u'), name('map')), name('offset'));
  const standardised = constant(
    parts('map', 'offset'),
    call('standardisedMap', name('forms'), name('shift'), name('scale')),
  );
  const length = constant(
    'length',
    member({ kind: 'index', of: name('forms'), at: literal(0) }, 'offset.length'),
  );
  const squared: FunctionDeclaration = declared(
    'squaredNorms',
    `|map · columns + offset|² of every row and form, ${shape}].`,
    forms,
    'tf.Tensor2D',
    [
      standardised,
      length,
      give(
        tidy(
          constant(
            'e',
            call('tf.reshape', mapped, array(literal(-1), member(name('forms'), 'length'), name('length'))),
            undefined,
          ),
          give(call('tf.sum', call('tf.square', name('e')), literal(2))),
        ),
      ),
    ],
    { isExported: false },
  );
  const affine: FunctionDeclaration = declared(
    'affine',
    `map · columns + offset of every row and form, ${shape}].`,
    forms,
    'tf.Tensor2D',
    [standardised, give(call('tf.tidy', arrow([], mapped)))],
    { isExported: false },
  );
  return [...(kinds.has('quadratic') ? [squared] : []), ...(kinds.has('linear') ? [affine] : [])];
}

// ------------------------------------------------------------------------------------------------ posterior

export const posteriorInterface = (context: Context): Declaration => ({
  kind: 'interface',
  documentation: 'The E-step row by row.',
  name: 'Posterior',
  members: [
    {
      documentation: `${shapeText(context)}, each row sums to one`,
      name: 'responsibilities',
      isOptional: false,
      type: 'tf.Tensor2D',
    },
    {
      documentation:
        context.plan.assignment === 'hard'
          ? `[${context.rows}, 1] the largest logit`
          : `[${context.rows}, 1] log p of the row`,
      name: 'logDensity',
      isOptional: false,
      type: 'tf.Tensor2D',
    },
  ],
});

export function posteriorFunction(context: Context): FunctionDeclaration {
  const { plan } = context;
  const scope = scopeOf(context, name('parameters'), () => undefined);
  const densities = call('logDensities', name('rows'), name('parameters'));
  const logits = constant(
    'logits',
    context.hasLabels ? call('tf.add', densities, member(name('rows'), 'known')) : densities,
    'tf.Tensor2D',
  );
  const row = (op: string, of: string): Code => call(op, name(of), literal(1), name('true'));
  const result = (responsibilities: Code, logDensity: Code): readonly Statement[] => [
    constant('responsibilities', responsibilities, 'tf.Tensor2D'),
    constant('logDensity', logDensity, 'tf.Tensor2D'),
    give(object('responsibilities', 'logDensity')),
  ];
  const body: readonly Statement[] =
    plan.component === undefined
      ? [
          logits,
          comment('nothing is hidden: one component owns every row'),
          ...result(call('tf.onesLike', name('logits')), name('logits')),
        ]
      : plan.assignment === 'hard'
        ? [
            logits,
            comment(`ties go to the lowest ${plan.component.index}`),
            constant('owner', call('tf.argMax', name('logits'), literal(1)), 'tf.Tensor1D'),
            constant(
              'indicator',
              as(call('tf.oneHot', name('owner'), dimCode(context.components, scope)), 'tf.Tensor2D'),
            ),
            ...result(
              call('tf.cast', name('indicator'), { kind: 'string', value: 'float32' }),
              row('tf.max', 'logits'),
            ),
          ]
        : [
            logits,
            constant('largest', row('tf.max', 'logits'), 'tf.Tensor2D'),
            constant('below', call('tf.sub', name('logits'), name('largest')), 'tf.Tensor2D'),
            constant('share', call('tf.exp', name('below')), 'tf.Tensor2D'),
            constant('total', row('tf.sum', 'share'), 'tf.Tensor2D'),
            ...result(
              call('tf.div', name('share'), name('total')),
              call('tf.add', name('largest'), call('tf.log', name('total'))),
            ),
          ];
  return declared(
    'posterior',
    posteriorText(context),
    [argument('rows', 'Rows'), argument('parameters', 'Parameters')],
    'Posterior',
    [...scope.sizes(), give(tidy(...body))],
  );
}

function posteriorText({ plan }: Context): string {
  const { posterior, sections } = plan.derivation;
  const section = sections.find((s) => s.id === 'e-step');
  // what `logDensities` has at its head is not written out again
  const logits =
    posterior === undefined ? undefined : printText(add(...posterior.logits.map((l) => toExpr(l.terms))));
  const named = (text: string): string =>
    logits === undefined
      ? text
      : text.replaceAll(
          logits,
          `logit[${[posterior!.rows, ...posterior!.latents.map((h) => h.value)].map((r) => r.index).join(',')}]`,
        );
  const lines = (section?.blocks ?? []).flatMap((b): readonly string[] => {
    if (b.kind === 'steps')
      return b.steps.map(
        (s) => `    ${s.left === undefined ? '' : sideText(s.left.expr)} = ${named(printText(s.after))}`,
      );
    return b.kind === 'equations'
      ? b.entries.map((e) => `    ${sideText(e.left)} = ${named(sideText(e.right))}`)
      : [];
  });
  if (section === undefined) return 'The densities of the rows; nothing is hidden.';
  const how =
    plan.assignment === 'hard'
      ? 'each row belongs to one component'
      : 'in the log domain, the largest logit taken out first';
  return [`The posterior of ${plan.latent!}, ${how}:`, '', ...lines].join('\n');
}
