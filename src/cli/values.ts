/** Values of flags, read and checked where they are written: what is wrong with one is wrong usage. */
import { InvalidArgumentError } from 'commander';

export type Constant = number | readonly number[] | readonly (readonly number[])[];
export type Constants = Readonly<Record<string, Constant>>;

/** `--set NAME=VALUE`, repeated: VALUE is a number or JSON. */
export function readSet(text: string, before: Constants | undefined): Constants {
  const [name, value] = splitAtEquals(text, 'NAME=VALUE, as in K=3');
  if (/^\s*\d+\s*\.\.\s*\d+\s*$/.test(value))
    throw new InvalidArgumentError('One value is wanted here; `gmm select` takes several.');
  if (before !== undefined && Object.hasOwn(before, name))
    throw new InvalidArgumentError(`\`${name}\` is set twice.`);
  return { ...before, [name]: readConstant(value) };
}

function readConstant(text: string): Constant {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number)) return number;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InvalidArgumentError(`\`${text}\` is neither a number nor JSON, as in 3 or [1, 2].`);
  }
  if (!isConstant(value, 2))
    throw new InvalidArgumentError(
      `\`${text}\` is not a number, a vector such as [1, 2], or a matrix of numbers.`,
    );
  return value;
}

/** Values to try for each constant. */
export type Grid = Readonly<Record<string, readonly Constant[]>>;

/** `--set NAME=1..9`, `NAME=2,4,8`, or one value as for a fit. */
export function readGrid(text: string, before: Grid | undefined): Grid {
  const [name, value] = splitAtEquals(text, 'NAME=VALUES, as in K=1..9 or K=2,4,8');
  if (before !== undefined && Object.hasOwn(before, name))
    throw new InvalidArgumentError(`\`${name}\` is set twice.`);
  const range = /^\s*(-?\d+)\s*\.\.\s*(-?\d+)\s*$/.exec(value);
  if (range === null) {
    const values = value.includes('[') ? [readConstant(value)] : value.split(',').map(readConstant);
    return { ...before, [name]: values };
  }
  const [first, last] = [Number(range[1]), Number(range[2])];
  if (last < first || last - first > 999)
    throw new InvalidArgumentError(`\`${value}\` must go upwards, by 1000 values at most.`);
  return { ...before, [name]: Array.from({ length: last - first + 1 }, (_, n) => first + n) };
}

/** Every choice of one value for each constant, the last constant running fastest. */
export function combinations(grid: Grid): readonly Constants[] {
  return Object.entries(grid).reduce<readonly Constants[]>(
    (sets, [name, values]) => sets.flatMap((set) => values.map((value) => ({ ...set, [name]: value }))),
    [{}],
  );
}

const isConstant = (value: unknown, depth: number): value is Constant =>
  typeof value === 'number'
    ? Number.isFinite(value)
    : Array.isArray(value) && value.length > 0 && depth > 0 && value.every((x) => isConstant(x, depth - 1));

/** `NAME=…` in two. */
export function splitAtEquals(text: string, form: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at <= 0) throw new InvalidArgumentError(`Write ${form}.`);
  return [text.slice(0, at).trim(), text.slice(at + 1)];
}

/** `--missing WORD,…` */
export const readWords = (text: string): readonly string[] =>
  text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');

/** `--delimiter C`: one character; a tab is hard to type, so `tab` and `\t` stand for one. */
export function readDelimiter(text: string): string {
  if (text === 'tab' || text === '\\t') return '\t';
  if ([...text].length !== 1) throw new InvalidArgumentError('One character is wanted, or `tab`.');
  return text;
}

export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !Number.isSafeInteger(value) || value < least)
      throw new InvalidArgumentError(`A whole number is wanted, ${String(least)} or more.`);
    return value;
  };
}

/** A number, or the word. */
export function numberOr<W extends string>(word: W, read: (text: string) => number) {
  return (text: string): number | W => {
    if (text.trim() === word) return word;
    try {
      return read(text);
    } catch (error) {
      if (!(error instanceof InvalidArgumentError)) throw error;
      throw new InvalidArgumentError(`${error.message.replace(/\.$/, '')}, or \`${word}\`.`);
    }
  };
}

export function notNegative(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError('A number is wanted, 0 or more.');
  return value;
}
