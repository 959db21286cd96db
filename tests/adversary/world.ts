import { join } from "node:path";
import { main } from "../../main.ts";
import { gzipSync } from "node:zlib";
import { carFiles, SMALL } from "./honest_files.ts";

/** What the built-in encoder needs of its folder. */
export const MODEL_FILES = ["encoder.json", "model.onnx", "tokenizer.json"] as const;
const MODEL = new URL("../../encoders/models/builtin/", import.meta.url);

/** Names of folders beside the case's own. */
export const HONEST = "honest";
export const ODD = "odd";
export const CASE = "case";

/**
 * Makes what cases use and must not change, in a new folder `root`: `honest/` with sound inputs, indexes and results, `odd/` with
 * paths that are no plain files, `outside/` with what nobody may touch.
 */
export async function makeWorld(root: string, store: string): Promise<void> {
  const honest = join(root, HONEST);
  Deno.mkdirSync(honest, { recursive: true });
  for (const [name, content] of Object.entries({ ...SMALL, ...carFiles() })) write(join(honest, name), content);
  Deno.mkdirSync(join(honest, "model"));
  for (const name of MODEL_FILES) Deno.copyFileSync(new URL(name, MODEL), join(honest, "model", name));
  write(join(root, "outside", "precious.txt"), "the user's own\n");
  write(join(root, "outside", "index", "precious.txt"), "the user's own\n");
  await makeOdd(join(root, ODD));
  const before = Deno.cwd();
  Deno.chdir(honest);
  const common = ["--store", store, "--quiet", "--threads", "1"];
  try {
    for (const [name, spec] of [["bm25", "bm25"], ["exhaustive", "exhaustive"], ["plaid", "plaid:partitions=16"]]) {
      await succeed(["index", "--collection", "c.tsv", "--backend", spec, "--index", `index-${name}`, ...common]);
    }
    const data = ["--dataset", "data", "--backend", "bm25", "--latency", "off", "--k", "10"];
    await succeed(["eval", ...data, "--out", "results", ...common]);
  } finally {
    Deno.chdir(before);
  }
}

/** Paths that are no plain files, and files that are not what their names say. */
async function makeOdd(odd: string): Promise<void> {
  write(join(odd, "empty"), "");
  write(join(odd, "folder", "precious.txt"), "the user's own\n");
  write(join(odd, "binary"), Uint8Array.from({ length: 4096 }, (_, i) => (i * 7919) >> 3));
  write(join(odd, "zeros.gz"), gzipSync(new Uint8Array(200 << 20), { level: 9 }));
  Deno.symlinkSync("loop-b", join(odd, "loop-a"));
  Deno.symlinkSync("loop-a", join(odd, "loop-b"));
  Deno.symlinkSync("nowhere", join(odd, "dangling"));
  Deno.symlinkSync(".", join(odd, "self"));
  const made = await new Deno.Command("mkfifo", { args: [join(odd, "fifo")] }).output();
  if (!made.success) throw new Error("mkfifo failed");
  // A device of its own, where that is allowed; elsewhere the name is of nothing.
  await new Deno.Command("mknod", { args: [join(odd, "null"), "c", "1", "3"], stderr: "null" }).output();
}

async function succeed(args: readonly string[]): Promise<void> {
  const code = await main(args);
  if (code !== 0) throw new Error(`latebench ${args.join(" ")}: exit code ${code}`);
}

/** Writes a file with the folders above it. */
export function write(path: string, content: string | Uint8Array): void {
  Deno.mkdirSync(join(path, ".."), { recursive: true });
  if (typeof content === "string") Deno.writeTextFileSync(path, content);
  else Deno.writeFileSync(path, content);
}

if (import.meta.main) {
  const [root, store] = Deno.args;
  const { log, error } = console;
  [console.log, console.error] = [() => {}, () => {}];
  try {
    await makeWorld(root, store);
  } finally {
    [console.log, console.error] = [log, error];
  }
}
