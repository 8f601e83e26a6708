/** The parameter stage of a program as functions, where text may become code; made once, when first asked for. */
import { slotsSource, updateSource } from '../../emit/javascript/parameter-code.js';
import type { UpdateFunction, UpdateFunctions } from '../../plan/update-functions.js';
import type { RowBody } from '../../plan/row-body.js';
import { fillSlots } from '../../plan/slots.js';
import type { Parameters, PlannedUpdate, Program } from '../../plan/types.js';
import { made, mayGenerate } from './compiled.js';

const known = new WeakMap<Program, UpdateFunctions>();

/** Those updates of a program that are written out; the others are interpreted. */
export function updateFunctions(program: Program): UpdateFunctions {
  const found = known.get(program) ?? new Map(mayGenerate() ? pairsOf(program) : []);
  known.set(program, found);
  return found;
}

const pairsOf = (program: Program): readonly (readonly [PlannedUpdate, UpdateFunction])[] =>
  program.plan.updates.flatMap((update) => {
    const source = updateSource(update, program);
    return source === undefined ? [] : [[update, made<UpdateFunction>(source)] as const];
  });

/** Fills the slots of a body, for all components and strata. Throws where a scale is not positive definite. */
export type FillSlots = (parameters: Parameters, into: Float64Array) => void;

type SlotFunction = (values: readonly (Float64Array | undefined)[], out: Float64Array) => boolean;

export function slotFiller(body: RowBody, program: Program): FillSlots {
  const source = mayGenerate() ? slotsSource(body, program) : undefined;
  if (source === undefined)
    return (parameters, into) => {
      fillSlots(body, program, parameters, into);
    };
  const fill = made<SlotFunction>(source);
  const names = program.plan.model.parameters.map((p) => p.name);
  return (parameters, into) => {
    const hasFailed = fill(
      names.map((name) => parameters.get(name)?.data),
      into,
    );
    if (hasFailed) throw new Error('a scale is not positive definite');
  };
}
