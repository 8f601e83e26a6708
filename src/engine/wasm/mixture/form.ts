/** A form of code for the sums of a soft mixture (`written-out.ts`, `grouped.ts`), and how numbers come to it and back. */
import type { Region } from '../../../emit/wasm/layout.js';
import type { NaturalParameters, Standardisation } from '../../../plan/types.js';
import type { RowData } from '../../types.js';
import type { Code } from '../pool.js';
import type { Memory } from '../../../host/webassembly.js';

export interface Form {
  /** of the memory */
  readonly bytes: number;
  readonly code: Code;
  /** where columns lie as the data have them */
  readonly columns: Region;
  /** what the data have beside them */
  readonly writeConstants: (memory: Memory, data: RowData, standardisation: Standardisation) => void;
  /** The job that sums up under these parameters; undefined where a number is not finite. */
  readonly writeParameters: (memory: Memory, logits: Logits) => string | undefined;
  /** The sums of the last job, of all lanes. */
  readonly readSums: (memory: Memory) => {
    /** [K, 1 + C + pairs] */
    readonly sums: Float64Array;
    /** around the centres, or else around 0 */
    readonly areCentred: boolean;
    /** Σ w top and Σ w log₂ Σ 2^(logit − top) */
    readonly tops: number;
    readonly logarithms: number;
  };
}

export interface Logits {
  /** as polynomials of u, and, where they are wanted, of d = u − centre */
  readonly flat: NaturalParameters;
  readonly around: () => NaturalParameters;
  /** [K, C], standardised */
  readonly centres: Float64Array;
  /** each has its top at its centre */
  readonly areTops: boolean;
  /** sums around 0 would lose digits */
  readonly mustCentre: boolean;
}
