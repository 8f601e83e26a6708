/** Exit codes: what a shell, a script or a CI job can tell apart. */
export const exit = {
  success: 0,
  /** the model has errors */
  model: 1,
  /** flags, names, files that cannot be read */
  usage: 2,
  /** the data or the start do not fit the model */
  data: 3,
  /** the fit failed numerically */
  numerical: 4,
  notConverged: 5,
  engine: 6,
  /** a defect of ours */
  defect: 70,
  interrupted: 130,
} as const;

export type ExitCode = (typeof exit)[keyof typeof exit];

/** What a step of a verb gives: its value, or the code to end with, the reason being on standard error already. */
export type Reached<T> = { readonly value: T } | { readonly stopped: ExitCode };
