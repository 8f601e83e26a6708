/** Logits of rows whose component is known. */
import { f64x2, v128 } from './instructions.js';
import type { Operand } from './instructions.js';
import { NEVER } from './limits.js';
import type { Local, Value } from './types.js';

/** The logit where the row may be of the component: its label is 0 or names it, counted from 1. */
export const whereLabelled = (
  label: Local<'v128'>,
  component: Operand<'v128'>,
  logit: Value<'v128'>,
): Value<'v128'> =>
  v128.bitselect(logit, f64x2.constant(NEVER), v128.or(f64x2.eq(label, 0), f64x2.eq(label, component)));
