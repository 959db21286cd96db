/** How bad a finding is: an `error` makes numbers wrong, a `warning` may, a `note` is for reading them. */
export type Level = "error" | "warning" | "note";

/** One thing that a run file's reader should know. */
export interface Finding {
  readonly level: Level;
  /** Short name of the check. */
  readonly check: string;
  /** How many rows, queries or passages it is about. */
  readonly count: number;
  /** What was found, with the first example. */
  readonly message: string;
}

/** `3 of 43 queries (7 %)`. */
export function share(count: number, total: number, what: string): string {
  const percent = total === 0 ? 0 : Math.round(100 * count / total);
  return `${count} of ${total} ${what} (${percent} %)`;
}

/** The first few of a list: `1, 2, 3 …`. */
export function some(items: readonly string[]): string {
  return items.slice(0, 3).join(", ") + (items.length > 3 ? " …" : "");
}
