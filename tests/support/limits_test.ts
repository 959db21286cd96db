import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { isPacked, readPieces } from "../../support/decompress.ts";
import { LatebenchError } from "../../support/errors.ts";
import { sha256File } from "../../support/hash.ts";
import { type Limits, limits, LIMITS_VARIABLE } from "../../support/limits.ts";
import { readLines, readText } from "../../support/lines.ts";
import { openFile, readFile } from "../../support/open_file.ts";
import { fromFileUrl } from "../../support/paths.ts";
import { readYaml } from "../../support/yaml.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

/** Reads a file in a process of its own, under other limits. */
async function under<T>(setting: string, how: "lines" | "text" | "limits", file = ""): Promise<T> {
  const script = fromFileUrl(new URL("../fixtures/read_file.ts", import.meta.url));
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-check", "--allow-read", `--allow-env=${LIMITS_VARIABLE}`, script, how, file],
    env: { [LIMITS_VARIABLE]: setting },
    stderr: "inherit",
  }).output();
  const { result, error, exitCode } = JSON.parse(new TextDecoder().decode(stdout));
  if (error !== undefined) throw new LatebenchError(error, exitCode);
  return result;
}

function sizeOf(path: string): number {
  let size = 0;
  for (const piece of readPieces(path)) size += piece.length;
  return size;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** A zstd frame by hand: a window of 2^(10 + exponent) bytes and blocks of one repeated byte. */
function repeatedBytes(exponent: number, blocks: number, size: number): Uint8Array {
  const block = (last: number) => {
    const header = last | (1 << 1) | (size << 3);
    return [header & 255, (header >> 8) & 255, header >> 16, 0x61];
  };
  const start = [0x28, 0xb5, 0x2f, 0xfd, 0, exponent << 3];
  return Uint8Array.from([...start, ...Array(blocks - 1).fill(block(0)).flat(), ...block(1)]);
}

Deno.test("a packed file that unpacks to far more than its size is refused, until the limit is raised", async () => {
  using folder = temporaryFolder();
  const text = new TextEncoder().encode(`${"x".repeat((1 << 20) - 1)}\n`.repeat(100));
  for (const [name, packed] of [["a.gz", gzipSync(text)], ["a.zst", zstdCompressSync(text)]] as const) {
    const path = folder.file(name, packed);
    for (const act of [() => sizeOf(path), () => [...readLines(path)].length, () => readText(path)]) {
      await expectError(act, 2, path, "100 times its size", "LATEBENCH_LIMITS=ratio=N");
    }
    strictEqual((await under<number[]>("ratio=100000", "lines", path)).length, 100);
  }
});

Deno.test("zstd frames made to take memory and time do not get them", async () => {
  using folder = temporaryFolder();
  // 800 kB that unpack to 26 GB: more than a library unpacks at once.
  const large = folder.file("large.zst", repeatedBytes(17, 200_000, 131_072));
  await expectError(() => sizeOf(large), 2, large, "unpack to more than");
  // A window of 128 MiB, and a block for every byte.
  const small = folder.file("small.zst", repeatedBytes(17, 200_000, 1));
  strictEqual(sizeOf(small), 200_000);
  // A window of 2 GiB.
  const wide = folder.file("wide.zst", repeatedBytes(21, 10, 1));
  await expectError(() => sizeOf(wide), 2, wide, "too much memory");
  const frames = folder.file("frames.zst", joined(...Array(20_000).fill(zstdCompressSync(new Uint8Array(0)))));
  strictEqual(sizeOf(frames), 0);
});

Deno.test("packed files: frames and members, skippable frames, damage and every kind of cut", async () => {
  using folder = temporaryFolder();
  const text = new TextEncoder().encode(Array.from({ length: 30_000 }, (_, i) => `line ${i * i}\n`).join(""));
  const skippable = Uint8Array.of(0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3);
  const [gzip, zstd] = [Uint8Array.from(gzipSync(text)), Uint8Array.from(zstdCompressSync(text))];
  const path = folder.file("packed", joined(zstd, skippable, zstd));
  strictEqual(sizeOf(path), 2 * text.length);
  strictEqual(readText(path), new TextDecoder().decode(joined(text, text)).trimEnd());
  for (const whole of [gzip, zstd]) {
    for (const cut of [whole.length - 1, whole.length - 5, whole.length >> 1, 5]) {
      folder.file("packed", whole.subarray(0, cut));
      await expectError(() => sizeOf(path), 2, path, "damaged or truncated");
      folder.file("packed", joined(whole, whole.subarray(0, cut)));
      await expectError(() => sizeOf(path), 2, path, "damaged or truncated");
    }
    folder.file("packed", joined(whole, Uint8Array.of(1, 2, 3)));
    await expectError(() => sizeOf(path), 2, path, "damaged or truncated");
  }
});

Deno.test("a line that is too long is refused with its number, until the limit is raised", async () => {
  using folder = temporaryFolder();
  const line = "x".repeat(3 << 20);
  const path = folder.file("long", `a\nb\n${line}\nc\n`);
  await expectError(() => under("line_mib=2", "lines", path), 2, `${path}:3`, "2 MiB", "line_mib=N");
  deepStrictEqual(await under("line_mib=4", "lines", path), [1, 1, 3 << 20, 1]);
  strictEqual(await under("line_mib=2", "text", path), (3 << 20) + 6); // JSON may be one line
  await expectError(() => under("text_mib=3", "text", path), 2, path, "3 MiB", "text_mib=N");
});

Deno.test("pipes, sockets and devices are not read", async () => {
  using folder = temporaryFolder();
  const pipe = `${folder.path}/pipe`;
  ok((await new Deno.Command("mkfifo", { args: [pipe] }).output()).success);
  const socket = `${folder.path}/socket`;
  using _listener = Deno.listen({ transport: "unix", path: socket });
  for (const [path, kind] of [[pipe, "a pipe"], [socket, "a socket"], ["/dev/zero", "a device"]] as const) {
    const readers = [() => sizeOf(path), () => isPacked(path), () => readText(path), () => sha256File(path)];
    for (const act of [...readers, () => openFile(path), () => readFile(path), () => readYaml(path)]) {
      await expectError(act, 2, path, kind, "expected a file");
    }
  }
});

Deno.test("limits that cannot be read are wrong usage", async () => {
  for (const setting of ["ratio", "ratio=x", "line=3", "line_mib=0", "ratio=-1", "constructor=1"]) {
    await expectError(() => under(setting, "limits"), 1, LIMITS_VARIABLE);
  }
  const { ratio, line_mib, text_mib } = await under<Limits>(" ratio=7 , line_mib=9,", "limits");
  deepStrictEqual([ratio, line_mib, text_mib], [7, 9, limits().text_mib]);
});
