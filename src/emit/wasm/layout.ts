/**
 * Where things are in the one memory that all threads share. It is laid out once, and code is made for its addresses.
 *
 *     0 … 63   nothing      64 …   regions, each on a boundary of 64 bytes
 */

/** A line of the cache: the boundary that regions begin on, the first of them behind one. */
export const LINE = 64;

/** Addresses have 32 bits, and loops count them as signed. */
export const MEMORY_LIMIT = 2 ** 31 - 65536;

/** What every module imports. */
export const MEMORY_IMPORT = {
  module: 'host',
  name: 'memory',
  pages: 1,
  maximumPages: 65536,
  shared: true,
} as const;

/** Where a region begins and how many bytes it has. */
export interface Region {
  readonly at: number;
  readonly bytes: number;
}

export interface Layout<Name extends string> {
  readonly regions: Readonly<Record<Name, Region>>;
  /** of all */
  readonly bytes: number;
}

/** Regions of these sizes, one after the other. */
export function layout<Name extends string>(sizes: Readonly<Record<Name, number>>): Layout<Name> {
  const regions: Partial<Record<Name, Region>> = {};
  let at = LINE;
  for (const name of Object.keys(sizes) as Name[]) {
    regions[name] = { at, bytes: sizes[name] };
    at += Math.ceil(sizes[name] / LINE) * LINE;
  }
  return { regions: regions as Record<Name, Region>, bytes: at };
}
