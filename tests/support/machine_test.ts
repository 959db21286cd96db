import { ok, strictEqual } from "node:assert/strict";
import { cachedShare, dropFromCache } from "../../support/machine/page_cache.ts";
import { machineTime, memoryOf, peakMemory, processorTime, resetPeakMemory } from "../../support/machine/process.ts";
import { readSystemFile } from "../../support/machine/system_file.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const linux = Deno.build.os === "linux";

Deno.test({
  name: "memory and processor time of a process are read from the system",
  ignore: !linux,
  fn() {
    const before = memoryOf(Deno.pid)!;
    const block = new Uint8Array(64 << 20).fill(1);
    const after = memoryOf(Deno.pid)!;
    ok(after.anonymous_bytes - before.anonymous_bytes > 0.9 * block.length);
    ok(after.pss_bytes <= after.rss_bytes && after.anonymous_bytes <= after.pss_bytes);
    ok(peakMemory()! >= after.rss_bytes);
    const started = performance.now();
    while (performance.now() - started < 300);
    const used = processorTime(Deno.pid)!;
    ok(used > 0.2 && used < 3600);
    const { total, busy, stolen } = machineTime()!;
    ok(busy > 0 && stolen >= 0 && total > busy);
    strictEqual(memoryOf(2 ** 22 + 1), null, "no such process");
    strictEqual(readSystemFile("/proc/none"), null);
  },
});

Deno.test({
  name: "the peak of memory can begin anew",
  ignore: !linux || !resetPeakMemory(),
  fn() {
    const block = new Uint8Array(256 << 20).fill(1);
    ok(peakMemory()! > block.length);
    ok(resetPeakMemory());
    const { rss_bytes } = memoryOf(Deno.pid)!;
    ok(Math.abs(peakMemory()! - rss_bytes) < 64 << 20, "what is held now is the new peak");
  },
});

Deno.test({
  name: "files can be dropped from the page cache",
  ignore: !linux,
  fn() {
    using folder = temporaryFolder();
    const file = folder.file("big", "x".repeat(3 << 20));
    strictEqual(cachedShare([file]), 1);
    const left = dropFromCache([file])!;
    ok(left < 0.1 || cachedShare([file]) === left, `${left} of it stayed`); // file systems in memory keep everything
    Deno.readFileSync(file);
    strictEqual(cachedShare([file]), 1);
    strictEqual(cachedShare([folder.file("empty", "")]), 0);
  },
});
