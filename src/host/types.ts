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
   * Begins to start so many threads, as that takes some hundredths of a second, for `startThread` to take. Returns what lets
   * those go that nobody has taken.
   */
  readonly readyThreads: (count: number) => () => void;
  /**
   * A thread that calls the function of this text with the value, then with each that is sent, and does not keep the process
   * alive. undefined where none is to be had. It may start late or never: nothing may wait for it.
   */
  readonly startThread: (text: string, value: unknown) => Thread | undefined;
  /** Switches relaxed SIMD on, where the host knows it and has it behind a switch. */
  readonly allowRelaxedSimd: () => void;
  /**
   * Calls what compiles WebAssembly. Where the host can be told so, the code is at once what it would become after a while:
   * a fit of few steps would be over by then, and the compiler would take a core from it.
   */
  readonly compiled: <T>(compile: () => T) => T;
  /**
   * Runs work whose own threads want all processors. Where the host can be told so, it is slower to take one for making
   * JavaScript faster that runs a few times between the threads' turns.
   */
  readonly undisturbed: <T>(work: () => Promise<T>) => Promise<T>;
}

export interface Thread {
  /** Another value, other than undefined. It is looked at once the function has come back. */
  readonly send: (value: unknown) => void;
  /** It has nothing left to do. */
  readonly end: () => void;
}
