/** A Plan as a module over tfjs: put together in the order in which one reads it, from the rows to the loop. */
import { whyNotEmitted } from '../../plan/plain.js';
import type { Plan } from '../../plan/types.js';
import { columnsFunction, dataInterface, rowsInterface, tensorsFunction } from './columns.js';
import { contextOf, nestedCode } from './context.js';
import type { Context, Values } from './context.js';
import {
  expectationFunction,
  expectationInterface,
  statisticsFunction,
  statisticsInterface,
} from './expectation.js';
import { posteriorFunction, posteriorInterface, residualFunctions } from './posterior.js';
import { fitFunction, fitInterfaces, logPriorFunctions, parametersInterface } from './fit.js';
import { logDensitiesFunction } from './log-densities.js';
import { maximisationFunctions } from './maximisation.js';
import { rowDataInterface } from './rows/data.js';
import { rowFitFunction } from './rows/fit.js';
import { logDensitiesFunction as rowLogDensitiesFunction } from './rows/log-densities.js';
import { rowMaximisationFunction } from './rows/maximisation.js';
import * as rows from './rows/posterior.js';
import { RUNTIME } from './names.js';
import { printModule } from './print.js';
import type { PrintOptions } from './print.js';
import type { Declaration, Module } from './tree.js';

export interface EmitOptions extends Values {
  /** TypeScript, or plain JavaScript */
  readonly types: boolean;
  /** the model's text, shown at the head */
  readonly source?: string;
  /** `module` (the default), or a function's body over `tf` and `runtime` that returns what the module would export */
  readonly form?: PrintOptions['form'];
}

export const emitTypeScript = (plan: Plan, options: EmitOptions): string =>
  printModule(moduleOf(plan, options), { types: options.types, form: options.form ?? 'module' });

/** Tensors where the plan is made of polynomials of the columns; else the rows one by one, in float64. */
const onTensors = (plan: Plan): boolean => whyNotEmitted(plan) === undefined;

export function moduleOf(plan: Plan, options: Values & { readonly source?: string }): Module {
  const context = contextOf(plan, options);
  const isTensors = onTensors(plan);
  const declarations = isTensors ? tensorDeclarations(context) : rowDeclarations(context);
  const constants = [...context.used].map((symbol): Declaration => {
    const declared = plan.model.constants.find((c) => c.name === symbol);
    return {
      kind: 'constant',
      documentation: declared?.documentation ?? '',
      name: context.names.of(symbol),
      type: undefined,
      value: nestedCode(context.valueOf(symbol)!),
    };
  });
  const text = JSON.stringify(declarations);
  const called = RUNTIME.split(' ').filter((f) => text.includes(`{"kind":"name","name":"${f}"}`));
  const types = ['Affine', 'Matrix', 'Vector'].filter((t) =>
    new RegExp(`"(type|returns)":"[^"]*\\b${t}\\b`).test(text),
  );
  return {
    head: head(plan, context, options.source),
    declarations: [
      ...(isTensors ? [{ kind: 'import-all' as const, name: 'tf', from: '@tensorflow/tfjs-core' }] : []),
      { kind: 'import', names: called, from: 'gmm-lang/runtime', isType: false },
      { kind: 'import', names: types, from: 'gmm-lang/runtime', isType: true },
      ...constants,
      ...declarations,
    ],
  };
}

function tensorDeclarations(context: Context): readonly Declaration[] {
  const { maximisation, helpers } = maximisationFunctions(context);
  return [
    parametersInterface(context),
    dataInterface(context),
    rowsInterface(context),
    columnsFunction(context),
    tensorsFunction(context),
    logDensitiesFunction(context),
    ...residualFunctions(context),
    posteriorInterface(context),
    posteriorFunction(context),
    statisticsInterface(context),
    statisticsFunction(context),
    expectationInterface(context),
    expectationFunction(context),
    ...helpers,
    maximisation,
    ...logPriorFunctions(context),
    ...fitInterfaces(context),
    fitFunction(context, maximisation),
  ];
}

function rowDeclarations(context: Context): readonly Declaration[] {
  const maximisation = rowMaximisationFunction(context);
  return [
    parametersInterface(context),
    rowDataInterface(context),
    rowLogDensitiesFunction(context),
    rows.posteriorInterface(context),
    rows.posteriorFunction(context),
    rows.logLikelihoodFunction(context),
    maximisation,
    ...logPriorFunctions(context),
    ...fitInterfaces(context),
    rowFitFunction(context, maximisation),
  ];
}

function head(plan: Plan, context: Context, source: string | undefined): readonly string[] {
  const { model } = plan;
  const text = source?.trimEnd().split('\n') ?? [];
  const what =
    plan.latent === undefined ? 'maximum likelihood' : plan.assignment === 'hard' ? 'the limit of EM' : 'EM';
  return [
    `${model.name}${model.title === undefined ? '' : `, ${model.title}`}: ${plan.hasPrior && plan.latent === undefined ? 'maximum a posteriori' : what}, derived by gmm-lang.`,
    ...(text.length === 0 ? [] : ['', ...text.map((line) => (line === '' ? '' : `    ${line}`)), '']),
    onTensors(plan)
      ? 'The rows are tensors (float32, any backend of tfjs: import one beside this module), the M-step is float64.'
      : 'Row by row as on paper, in float64.',
    `${context.components === 1 ? '' : 'Components are indices from 0 in the code and from 1 in its comments. '}\`gmm derive\` shows each step.`,
  ];
}
