/** A form of code for the sums of a soft mixture (`written-out.ts`, `grouped.ts`), and how numbers come to it and back. */
import type { NaturalParameters, Standardisation } from '../../../plan/types.js';
import type { RowData } from '../../types.js';
import type { Memory } from '../webassembly.js';

export interface Form {
  /** of the memory */
  readonly bytes: number;
  readonly module: () => Uint8Array;
  readonly writeRows: (memory: Memory, data: RowData, standardisation: Standardisation) => void;
  /** The job that sums up under these parameters; undefined where a number is not finite. */
  readonly writeParameters: (
    memory: Memory,
    natural: NaturalParameters,
    centres: Centres,
  ) => string | undefined;
  /** Sums [K, 1 + C + pairs] around the centres; Σ w top and Σ w log₂ Σ 2^(logit − top). */
  readonly readSums: (memory: Memory) => {
    readonly sums: Float64Array;
    readonly tops: number;
    readonly logarithms: number;
  };
}

export interface Centres {
  /** [K, C], standardised */
  readonly at: Float64Array;
  /** the logit of each component has its top there */
  readonly areTops: boolean;
}
