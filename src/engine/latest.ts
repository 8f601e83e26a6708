/** What was made lately, by what it was made from: of so many, the one that was asked for longest ago is forgotten first. */
export function keptLatest<T>(most: number): (key: string, make: () => T) => T {
  const known = new Map<string, T>();
  return (key, make) => {
    const found = known.has(key) ? known.get(key)! : make();
    known.delete(key);
    known.set(key, found);
    if (known.size > most) known.delete(known.keys().next().value!);
    return found;
  };
}
