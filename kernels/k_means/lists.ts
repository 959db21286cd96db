/** Numbers from 0 in lists, one for each group. */
export interface Lists {
  /** List after list; ascending within each. */
  readonly numbers: Int32Array<SharedArrayBuffer>;
  /** Where each list begins, and where the last one ends. */
  readonly offsets: Int32Array<SharedArrayBuffer>;
}

/** Lists the members of each group (a counting sort). */
export function listMembers(groupOf: Int32Array, groups: number): Lists {
  const offsets = new Int32Array(new SharedArrayBuffer(4 * (groups + 1)));
  for (const group of groupOf) offsets[group + 1]++;
  for (let group = 0; group < groups; group++) offsets[group + 1] += offsets[group];
  const numbers = new Int32Array(new SharedArrayBuffer(4 * groupOf.length));
  const next = offsets.slice();
  for (let i = 0; i < groupOf.length; i++) numbers[next[groupOf[i]]++] = i;
  return { numbers, offsets };
}
