import { match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { temporaryFolder } from "../fixtures/temporary.ts";
import { runCli, taskProcess } from "./cli.ts";

/** Whether this user may make a mount namespace, and mount a file system in it. */
const mayMount = Deno.build.os === "linux" && (() => {
  try {
    return new Deno.Command("unshare", { args: ["-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"] }).outputSync().success;
  } catch {
    return false;
  }
})();

/** Runs a task where `setup` has mounted something; `$1` is the folder. */
async function runMounted(folder: string, setup: string, task: string, args: readonly string[]) {
  const { cwd, env, args: command } = taskProcess(task, args);
  const { code, stdout, stderr } = await new Deno.Command("unshare", {
    args: ["-rm", "sh", "-c", `${setup}; shift; exec "$@"`, "sh", folder, Deno.execPath(), ...command],
    cwd,
    env,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

const READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1"';

Deno.test({
  name: "indexes and stores that cannot be written are searched; what has to be written is refused in one line",
  ignore: !mayMount,
  async fn() {
    using folder = temporaryFolder();
    using other = temporaryFolder();
    const collection = folder.file("c.tsv", "d1\tbees make honey\nd2\twasps build nests of paper\n");
    const index = join(folder.path, "index");
    const store = join(folder.path, "store");
    const build = (to: string) => ["--collection", collection, "--backend", "exhaustive", "--index", to, "--quiet"];
    strictEqual((await runCli("index", [...build(index), "--store", store])).code, 0);
    for (const kept of [store, join(folder.path, "none")]) {
      const search = ["--index", index, "who makes honey", "--store", kept, "--kernel", "wasm", "--json"];
      const found = await runMounted(folder.path, READ_ONLY, "search", search);
      strictEqual(found.code, 0, found.stderr);
      strictEqual(JSON.parse(found.stdout).hits[0].id, "d1");
    }
    // What the store has can be made into an index elsewhere.
    const again = [...build(join(other.path, "index")), "--store", store, "--kernel", "wasm"];
    const made = await runMounted(folder.path, READ_ONLY, "index", again);
    strictEqual(made.code, 0, made.stderr);
    for (
      const [task, ...args] of [
        ["index", ...build(join(folder.path, "new")), "--store", store, "--kernel", "wasm"],
        ["index", "delete", "--index", index, "d1", "--store", store, "--kernel", "wasm"],
        ["eval", "--dataset", "demo-msmarco", "--backend", "bm25", "--out", join(folder.path, "r"), "--quiet"],
        ["data", "build-car", "docs", "--out", join(folder.path, "car")],
      ]
    ) {
      const { code, stderr } = await runMounted(folder.path, READ_ONLY, task, args);
      strictEqual(code, 2, `${task} ${args}: ${stderr}`);
      match(stderr, /the file system is read-only/);
      strictEqual(stderr.trim().split("\n").length, 1, stderr);
    }
  },
});

Deno.test({
  name: "a build that fills the disk is one line, and leaves nothing that keeps it full",
  ignore: !mayMount,
  async fn() {
    using folder = temporaryFolder();
    const index = join(folder.path, "index");
    const store = join(folder.path, "store");
    const args = ["--dataset", "demo-msmarco", "--backend", "exhaustive", "--index", index, "--store", store];
    const small = 'mount -t tmpfs -o size=512k tmpfs "$1"';
    const listed =
      `${small}; d="$1"; shift; "$@"; code=$?; find "$d" -size +8k ! -name '*.json' ! -type d; exit $code; true`;
    const { code, stdout, stderr } = await runMounted(folder.path, listed, "index", [
      ...args,
      "--quiet",
      "--kernel",
      "wasm",
    ]);
    strictEqual(code, 2, stderr);
    match(stderr, /disk full/);
    strictEqual(stderr.trim().split("\n").length, 1, stderr);
    ok(!/partial|resumes/.test(stdout), stdout);
  },
});
