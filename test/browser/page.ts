/** What the pages of the test compute. It runs in the browser; this process reads its types, and its requests. */
import type * as library from '../../src/index.js';

export interface Request {
  readonly source: string;
  readonly options: library.FitArguments;
  /** numbers of rows and columns, the columns one after the other */
  readonly columns: readonly (readonly number[])[];
  /** a path that stands in the place of the table */
  readonly path?: string;
  /** again and again until workers have started and taken a share of the rows */
  readonly untilShared?: boolean;
}

export type Answer =
  | { readonly failed: string }
  | {
      readonly failed?: undefined;
      readonly engine: library.FitFile['engine'];
      readonly trace: readonly number[];
      readonly parameters: Readonly<Record<string, library.Nested>>;
      readonly sha256: string;
      /** of the first rows */
      readonly components: readonly number[];
      readonly densities: readonly number[];
      readonly responsibilities: readonly number[];
    };

export interface Answers {
  readonly isolated: boolean;
  readonly answers: readonly Answer[];
  /** workers that were started, those that were ended, and the lanes that they took, all together */
  readonly started: number;
  readonly ended: number;
  readonly lanes: number;
}

const SHOWN = 50;

/** Column names as the tests have them. */
export const tableOf = (columns: Request['columns']): Record<string, Float64Array> =>
  Object.fromEntries(columns.map((c, n) => [`x${String(n + 1)}`, Float64Array.from(c)]));

export async function answerTo(
  { compile }: typeof library,
  { source, options, columns, path }: Request,
): Promise<Answer> {
  try {
    const model = compile(source);
    const table = tableOf(columns);
    const fit = await model.fit(path ?? table, options);
    const file = fit.toJSON();
    const isDensity = fit.inertia === null;
    return {
      engine: file.engine,
      trace: file.fit.trace,
      parameters: fit.parameters,
      sha256: file.model.sha256,
      components: [...(await fit.predict(table))].slice(0, SHOWN),
      densities: isDensity ? [...(await fit.scoreSamples(table))].slice(0, SHOWN) : [],
      responsibilities: (await fit.predictProba(table)).slice(0, SHOWN).flatMap((r) => [...r]),
    };
  } catch (error) {
    return { failed: `${(error as Error).name}: ${(error as Error).message}` };
  }
}

/** Answers the requests that this process serves, and posts the answers back. */
export async function answerAll(gmm: typeof library): Promise<void> {
  const watched = watchThreads();
  const requests = (await (await fetch('/requests')).json()) as readonly Request[];
  const answers: Answer[] = [];
  for (const request of requests) {
    do answers.push(await answerTo(gmm, request));
    while (request.untilShared === true && answers.at(-1)!.failed === undefined && watched.lanes() === 0);
  }
  const { crossOriginIsolated: isolated } = globalThis as unknown as {
    readonly crossOriginIsolated: boolean;
  };
  const all: Answers = { isolated, answers, ...watched.workers, lanes: watched.lanes() };
  await fetch('/answer', { method: 'POST', body: JSON.stringify(all) });
}

interface Page {
  Worker: new (url: string) => { terminate(): void };
  Blob: new (parts: readonly string[], options: object) => object;
  SharedArrayBuffer: typeof SharedArrayBuffer | undefined;
}

/** Taking a lane is a subtraction from word 2 of those that threads share (`threads.ts`); word 15 is nobody's. */
const COUNTING = `const { sub } = Atomics;
Atomics.sub = (words, at, by) => {
  const was = sub(words, at, by);
  if (at === 2 && was > 0) Atomics.add(words, 15, 1);
  return was;
};
`;

/** Counts the workers that come and go from now on, and the lanes that they take. */
function watchThreads(): {
  readonly workers: { started: number; ended: number };
  readonly lanes: () => number;
} {
  const page = globalThis as unknown as Page;
  const workers = { started: 0, ended: 0 };
  const words: SharedArrayBuffer[] = [];
  page.Worker = class extends page.Worker {
    constructor(url: string) {
      super(url);
      workers.started++;
    }
    override terminate(): void {
      super.terminate();
      workers.ended++;
    }
  };
  page.Blob = class extends page.Blob {
    constructor(parts: readonly string[], options: object) {
      super([COUNTING, ...parts], options);
    }
  };
  // not there where the page is not isolated
  page.SharedArrayBuffer &&= class extends page.SharedArrayBuffer {
    constructor(bytes?: number) {
      super(bytes);
      if (bytes === 64) words.push(this);
    }
  };
  const lanes = () => words.reduce((n, buffer) => n + Atomics.load(new Int32Array(buffer), 15), 0);
  return { workers, lanes };
}
