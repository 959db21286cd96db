/** Files and folders that are being written, under their temporary names: what is to go when the program is stopped. */
const unfinished = new Set<string>();

/** Told of every path that begins or ends to be unfinished, while somebody watches. */
type Watcher = (path: string, begins: boolean) => void;

let watcher: Watcher | null = null;

/** Notes that `path` is to be removed when the program is stopped, until {@link finished} is called with it. */
export function unfinishedUntilDone(path: string): void {
  unfinished.add(path);
  watcher?.(path, true);
}

/** Notes that `path` is whole, or gone. */
export function finished(path: string): void {
  if (unfinished.delete(path)) watcher?.(path, false);
}

/** Tells `watch` of everything that is unfinished now, and of all that begins and ends later; one at a time. */
export function watchUnfinished(watch: Watcher): Disposable {
  for (const path of unfinished) watch(path, true);
  watcher = watch;
  return {
    [Symbol.dispose]() {
      if (watcher === watch) watcher = null;
    },
  };
}
