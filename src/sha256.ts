/** SHA-256 (FIPS 180-4), as browsers have it only as a promise and only on pages that came encrypted. */

/** The first 32 bits behind the point of a number that is no whole one; exact, as 53 bits hold them and the part before. */
const fraction = (x: number): number => Math.floor((x - Math.floor(x)) * 2 ** 32) | 0;

const PRIMES = Array.from({ length: 311 }, (_, n) => n + 2).filter((n) =>
  Array.from({ length: n - 2 }, (_, d) => d + 2).every((d) => n % d !== 0),
);
const ROUNDS = PRIMES.map((p) => fraction(Math.cbrt(p)));
const START = PRIMES.slice(0, 8).map((p) => fraction(Math.sqrt(p)));

const rotated = (x: number, by: number): number => (x >>> by) | (x << (32 - by));

/** In hexadecimal digits, of the text's UTF-8. */
export function sha256(text: string): string {
  const bytes = new TextEncoder().encode(text);
  // one bit of 1, zeros, and the length in bits as 64 of them
  const blocks = Math.ceil((bytes.length + 9) / 64);
  const padded = new Uint8Array(blocks * 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setBigUint64(padded.length - 8, BigInt(bytes.length) * 8n);
  const words = new Int32Array(64);
  const sum = Int32Array.from(START);
  for (let block = 0; block < blocks; block++) {
    for (let t = 0; t < 16; t++) words[t] = view.getInt32(block * 64 + t * 4);
    for (let t = 16; t < 64; t++) {
      const [x, y] = [words[t - 15], words[t - 2]];
      const s0 = rotated(x, 7) ^ rotated(x, 18) ^ (x >>> 3);
      const s1 = rotated(y, 17) ^ rotated(y, 19) ^ (y >>> 10);
      words[t] = words[t - 16] + s0 + words[t - 7] + s1;
    }
    let [a, b, c, d, e, f, g, h] = sum;
    for (let t = 0; t < 64; t++) {
      const s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
      const s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
      const first = (h + s1 + ((e & f) ^ (~e & g)) + ROUNDS[t] + words[t]) | 0;
      const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((x, n) => (sum[n] = sum[n] + x));
  }
  return [...sum].map((x) => (x >>> 0).toString(16).padStart(8, '0')).join('');
}
