import { join } from "node:path";
import { resourceUsage } from "node:process";
import { openLocated } from "../datasets/open.ts";
import { locateDataset } from "../datasets/registry.ts";
import { median } from "../eval/latency/percentiles.ts";
import { removeIfThere } from "../support/atomic_write.ts";
import { badInput } from "../support/errors.ts";
import { isPacked } from "../support/decompress.ts";
import type { BenchOptions } from "./python.ts";

const PIECE = 1 << 20;

/**
 * Reads a collection file that is repeated to `gigabytes` (ids repeat too, which readers do not mind), on one thread: MB/s of the file's
 * bytes, and the highest memory use of the process. TREC CAR files have to be of version 1.x, whose items can be repeated.
 */
export function benchRead({ dataset, store, rounds, gigabytes }: BenchOptions): Promise<void> {
  const { directory, description } = locateDataset(dataset, store);
  const source = join(directory, description.collection.file);
  if (isPacked(source)) throw badInput(source, "a packed file", "plain text or CBOR");
  const repeated = join(store, "bench", "repeated");
  Deno.mkdirSync(join(store, "bench"), { recursive: true });
  const bytes = repeat(source, repeated, gigabytes * 1e9);
  const { passages } = openLocated({
    directory: "",
    description: { ...description, collection: { ...description.collection, file: repeated } },
  });
  const speeds: number[] = [];
  let count = 0;
  for (let round = 1; round <= rounds; round++) {
    const started = performance.now();
    count = 0;
    for (const _ of passages()) count++;
    speeds.push(bytes / 1e3 / (performance.now() - started));
    console.error(`round ${round}: ${speeds.at(-1)!.toFixed(0)} MB/s`);
  }
  removeIfThere(repeated);
  console.log(
    `read, ${
      (bytes / 1e9).toFixed(2)
    } GB of ${description.collection.format} (${count} passages), one thread, median of ${rounds}: ` +
      `${median(speeds).toFixed(0)} MB/s, ${(resourceUsage().maxRSS / 1e3).toFixed(0)} MB of memory at most`,
  );
  return Promise.resolve();
}

function repeat(source: string, target: string, bytes: number): number {
  using out = Deno.openSync(target, { write: true, create: true, truncate: true });
  const buffer = new Uint8Array(PIECE);
  let written = 0;
  while (written < bytes) {
    const before = written;
    using input = Deno.openSync(source, { read: true });
    for (let n = input.readSync(buffer); n !== null; n = input.readSync(buffer)) {
      for (let at = 0; at < n;) at += out.writeSync(buffer.subarray(at, n));
      written += n;
    }
    if (written === before) throw badInput(source, "an empty file", "a collection");
  }
  return written;
}
