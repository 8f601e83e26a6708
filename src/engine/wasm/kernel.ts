/** What a kernel is: WebAssembly made for the shape of a program, and the session that runs it. */
import type { Program } from '../../plan/types.js';
import type { RowData, Session } from '../types.js';

export interface KernelOptions {
  readonly threads: number;
  /** the host multiplies and adds in one instruction */
  readonly fused: boolean;
}

export interface Kernel {
  readonly name: string;
  /** Why it cannot run a program of this shape on that many rows, in the words of the model; undefined where it can. */
  readonly whyNot: (program: Program, rows: number) => string | undefined;
  /** Whether it was measured to be faster than the other float64 engines where the data are large (`choose.ts`). */
  readonly isFastest: (program: Program, rows: number) => boolean;
  readonly open: (program: Program, data: RowData, options: KernelOptions) => Session;
}
