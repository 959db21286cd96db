/** Neighbouring passages of one shard, by number. */
export interface Part {
  readonly shard: number;
  readonly from: number;
  readonly until: number;
}

/** Tokens below which a task costs more to send than to run. */
const LEAST = 1 << 14;

/**
 * Splits a collection into tasks with about the same number of tokens, several for each thread, so that a thread that is held up
 * does not hold up the others. The tasks depend on nothing but the lengths and the number.
 *
 * @param shards number of the first passage of each shard, ascending
 * @param lengths rows of each passage
 */
export function splitWork(shards: readonly number[], lengths: Int32Array, tasks: number): Part[][] {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const wanted = Math.max(LEAST, Math.ceil(total / tasks));
  const all: Part[][] = [];
  let task: Part[] = [];
  let tokens = 0;
  shards.forEach((first, shard) => {
    const end = shards[shard + 1] ?? lengths.length;
    let from = first;
    for (let passage = first; passage < end; passage++) {
      tokens += lengths[passage];
      if (tokens < wanted && passage + 1 < end) continue;
      task.push({ shard, from, until: passage + 1 });
      from = passage + 1;
      if (tokens < wanted) continue;
      all.push(task);
      task = [];
      tokens = 0;
    }
  });
  if (task.length > 0) all.push(task);
  return all;
}
