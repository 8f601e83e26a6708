/** Integers of any length as bytes of seven bits, the lowest first (LEB128, WebAssembly core specification 5.2.2). */

/** Throws RangeError unless 0 <= n < 2^53 is an integer. */
export function unsigned(n: number): readonly number[] {
  if (!Number.isSafeInteger(n) || n < 0) throw new RangeError(`no unsigned integer: ${String(n)}`);
  const bytes: number[] = [];
  let rest = n;
  do {
    const low = rest % 128;
    rest = Math.floor(rest / 128);
    bytes.push(rest > 0 ? low + 128 : low);
  } while (rest > 0);
  return bytes;
}

export function signed(n: bigint): readonly number[] {
  const bytes: number[] = [];
  let rest = n;
  for (;;) {
    const low = Number(rest & 127n);
    rest >>= 7n;
    if ((rest === 0n && low < 64) || (rest === -1n && low >= 64)) return [...bytes, low];
    bytes.push(low + 128);
  }
}
