/** Which components to look at beside an owner. */
import { count, i32, local, multiplyAdd, set, v128 } from '../instructions.js';
import { written } from '../scope.js';
import type { Local, Statement, Value } from '../types.js';
import { addProducts, blockOfVectors, endOfColumns, matters } from './tile.js';
import type { Vectors } from './tile.js';
import { BLOCK, boundsPerOwner, isBounded, paddedColumns, workPlaces } from './types.js';
import type { WhitenedShape } from './types.js';

/** Lists all but the owner that a bound does not tell beneath the limits, `listed` being how many there are. */
export function listOthers(
  shape: WhitenedShape,
  bounds: number,
  work: Local<'i32'>,
  owner: Local<'i32'>,
  listed: Local<'i32'>,
  limits: Vectors,
): readonly Statement[] {
  const k = local('i32');
  // without a branch, which would often be foretold wrongly
  const list = (component: Value<'i32'>, isWanted: Value<'i32'>): readonly Statement[] => [
    i32.store(i32.add(work, i32.shl(listed, 2)), component, workPlaces(shape).kept),
    set(listed, i32.add(listed, isWanted)),
  ];
  if (!isBounded(shape)) return [count(k, 0, i32.constant(shape.components), 1, list(k, i32.ne(k, owner)))];
  const { nmadd } = multiplyAdd(shape.fused);
  const { columns } = workPlaces(shape);
  const at = local('i32');
  const products = blockOfVectors();
  const begin = written((s) => {
    products.forEach((row, i) => {
      const t = s.let(v128.load64Splat(at, 8 * (BLOCK + i)));
      for (const x of row) s.push(set(x, t));
    });
    s.push(set(at, i32.add(at, 16 * BLOCK)));
  });
  const end = written((s) => {
    const first = s.let(i32.sub(at, 8 * BLOCK * (2 + paddedColumns(shape))));
    products.forEach((row, i) => {
      const c = s.let(v128.load64Splat(first, 8 * i));
      const most = row.map((x) => nmadd(x, x, c));
      const component = s.let(i32.add(k, i));
      s.push(...list(component, i32.and(matters(most, limits), i32.ne(component, owner))));
    });
  });
  return [
    set(at, i32.add(i32.mul(owner, 8 * boundsPerOwner(shape)), bounds)),
    count(
      k,
      0,
      i32.constant(shape.components),
      BLOCK,
      [...begin, addProducts(shape, products, at, [work, endOfColumns(shape, work)], columns), ...end],
      true,
    ),
  ];
}
