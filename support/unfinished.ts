/** What is to go when the program is stopped, by path. */
const unfinished = new Map<string, Unfinished>();

/** `half`: it is being written, under a temporary name. `beside`: it is whole, but says what holds while the program runs. */
export type Unfinished = "half" | "beside";

/** Told of every path that begins, and of every one that ends (null), while somebody watches. */
type Watcher = (path: string, kind: Unfinished | null) => void;

let watcher: Watcher | null = null;

/** Notes that `path` is to be removed when the program is stopped, until {@link finished} is called with it. */
export function unfinishedUntilDone(path: string, kind: Unfinished = "half"): void {
  unfinished.set(path, kind);
  watcher?.(path, kind);
}

/** Notes that `path` is whole, or gone. */
export function finished(path: string): void {
  if (unfinished.delete(path)) watcher?.(path, null);
}

/** Whether anything is half written. */
export function isAnythingHalf(): boolean {
  return [...unfinished.values()].includes("half");
}

/** Tells `watch` of everything that is unfinished now, and of all that begins and ends later; one at a time. */
export function watchUnfinished(watch: Watcher): Disposable {
  for (const [path, kind] of unfinished) watch(path, kind);
  watcher = watch;
  return {
    [Symbol.dispose]() {
      if (watcher === watch) watcher = null;
    },
  };
}

/** All paths that are unfinished now. */
export function unfinishedPaths(): string[] {
  return [...unfinished.keys()];
}
