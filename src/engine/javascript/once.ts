/** What is made when it is first asked for, and kept. */

export function once<T>(make: () => T): () => T {
  let found: { readonly value: T } | undefined;
  return () => (found ??= { value: make() }).value;
}

/** Of each two things what is made of them, once. */
export function forEachPair<A extends object, B extends object, Result>(
  make: (a: A, b: B) => Result,
): typeof make {
  const known = new WeakMap<A, WeakMap<B, Result>>();
  return (a, b) => {
    const own = known.get(a) ?? new WeakMap<B, Result>();
    known.set(a, own);
    const found = own.get(b) ?? make(a, b);
    own.set(b, found);
    return found;
  };
}
