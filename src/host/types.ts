/**
 * What the library asks of the place it runs in, beside what Node and browsers both have. `host.ts` is Node; in what
 * `scripts/build.mjs` makes for browsers, every `….browser.ts` stands in the place of its neighbour `….ts`.
 */
export interface Host {
  /** what runs this, for the record of a fit: Node's version, or how the browser calls itself */
  readonly version: string;
  /** threads that can run at once */
  readonly processors: () => number;
  /** Lets waiting events have their turn. */
  readonly rest: () => Promise<void>;
  /** milliseconds of work after which they should have it */
  readonly spell: number;
  /** Whether threads may be given memory that they share. */
  readonly sharesMemory: boolean;
  /**
   * A thread that calls the function of this text with the value, and does not keep the process alive. undefined where none
   * is to be had. It may start late or never: nothing may wait for it.
   */
  readonly startThread: (text: string, value: unknown) => Thread | undefined;
  /** Switches relaxed SIMD on, where the host knows it and has it behind a switch. */
  readonly allowRelaxedSimd: () => void;
}

export interface Thread {
  /** It has nothing left to do. */
  readonly end: () => void;
}
