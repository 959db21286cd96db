import { cString, type Libc, withLibc } from "./libc.ts";

const DONT_NEED = 4;
const PROT_READ = 1;
const MAP_SHARED = 1;
const PAGE = 4096;

/**
 * Drops files from the page cache, so that they are read from disk again (`posix_fadvise`, which needs no rights of root). What
 * other processes have mapped stays.
 *
 * @returns the share of the files' bytes that is still cached; null where the system cannot drop or tell
 */
export function dropFromCache(files: readonly string[]): number | null {
  return withLibc((libc) => {
    for (const path of files) {
      withFile(libc, path, (file) => {
        libc.fdatasync(file); // what is not written yet cannot be dropped
        libc.posix_fadvise(file, 0n, 0n, DONT_NEED);
      });
    }
    return shareCached(libc, files);
  });
}

/** The share of the files' bytes that is in the page cache; null where the system does not tell. */
export function cachedShare(files: readonly string[]): number | null {
  return withLibc((libc) => shareCached(libc, files));
}

function shareCached(libc: Libc, files: readonly string[]): number {
  let [cached, all] = [0, 0];
  for (const path of files) {
    const { size } = Deno.statSync(path);
    const pages = Math.ceil(size / PAGE);
    all += pages;
    if (size === 0) continue;
    withFile(libc, path, (file) => {
      const address = libc.mmap(null, BigInt(size), PROT_READ, MAP_SHARED, file, 0n);
      const resident = new Uint8Array(pages);
      if (libc.mincore(address, BigInt(size), resident) === 0) {
        cached += resident.reduce((sum, page) => sum + (page & 1), 0);
      }
      libc.munmap(address, BigInt(size));
    });
  }
  return all === 0 ? 0 : cached / all;
}

function withFile(libc: Libc, path: string, use: (file: number) => void): void {
  const file = libc.open(cString(path), 0);
  if (file < 0) return;
  use(file);
  libc.close(file);
}
