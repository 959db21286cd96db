/**
 * Collects calls that are made while others run, and runs them together: one call alone runs at once, many at the same time go in
 * groups of up to `most`.
 *
 * @param run gives the results of a group, in its order
 */
export function inBatches<T, R>(
  most: number,
  run: (group: readonly T[]) => Promise<readonly R[]>,
): (item: T) => Promise<R> {
  interface Waiting {
    readonly item: T;
    readonly resolve: (result: R) => void;
    readonly reject: (error: unknown) => void;
  }
  const waiting: Waiting[] = [];
  let busy = false;
  const work = async () => {
    if (busy) return;
    busy = true;
    await Promise.resolve(); // calls of the same moment belong together
    while (waiting.length > 0) {
      const group = waiting.splice(0, most);
      try {
        const results = await run(group.map(({ item }) => item));
        group.forEach(({ resolve }, i) => resolve(results[i]));
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    busy = false;
  };
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      work();
    });
}
