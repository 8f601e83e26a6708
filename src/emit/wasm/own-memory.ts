/** The same module for memory that is not shared: kernels have no instruction that asks for the one or the other. */

const HEADER = 8;
const IMPORTS = 2;
const NOT_SHARED = 0x01;

/** Of a module made by `encodeModule`, whose one import is its memory; all else stays, byte for byte. */
export function onOwnMemory(bytes: Uint8Array): Uint8Array {
  let at = HEADER;
  const unsigned = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const section = bytes[at++];
    const end = unsigned() + at;
    if (section !== IMPORTS) {
      at = end;
      continue;
    }
    unsigned(); // how many imports
    for (let name = 0; name < 2; name++) at = unsigned() + at;
    const changed = bytes.slice();
    changed[at + 1] = NOT_SHARED; // after the byte that says that a memory is imported
    return changed;
  }
  return bytes;
}
