import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join, relative } from "node:path";
import { runProgram } from "../../support/run_program.ts";
import { SMALL_DATASET } from "../fixtures/small_dataset.ts";
import { withCompiled } from "../fixtures/store.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";
import { taskProcess } from "./cli.ts";

/** Starts a program in a network namespace without routes; null where that is not allowed. */
const UNSHARE = await firstThatRuns([["unshare", "-n"], ["unshare", "-rn"]]);
const STRACE = await firstThatRuns([["strace", "-f", "-qq", "--seccomp-bpf"]]);
if (!UNSHARE) console.warn("that nothing is sent is not tested: no network namespace may be made here");
if (!STRACE) console.warn("that no server is looked up is not tested: strace is not there, or may not trace");

async function firstThatRuns(candidates: readonly string[][]): Promise<readonly string[] | null> {
  for (const [program, ...args] of candidates) {
    if ((await runProgram(program, [...args, "true"])).ok) return [program, ...args];
  }
  return null;
}

/** Runs Deno without network under a home of its own. Tells which files are in the home then, and what it wanted of the network. */
async function isolated(folder: string, { cwd, env, args }: ReturnType<typeof taskProcess>) {
  const home = Deno.makeTempDirSync({ dir: folder, prefix: "home-" });
  const log = join(folder, "network.log");
  const trace = STRACE ? [...STRACE, "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o", log] : [];
  const [program, ...rest] = [...UNSHARE!, ...trace, Deno.execPath(), ...args];
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args: rest,
    cwd,
    clearEnv: true,
    env: { ...env, PATH: Deno.env.get("PATH")!, HOME: home, DENO_DIR: await denoFolder(), LANG: "C.UTF-8" },
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const calls = STRACE ? Deno.readTextFileSync(log).split("\n") : [];
  return {
    code,
    output: decode(stdout) + decode(stderr),
    files: filesOf(home).map((file) => relative(home, file)),
    network: calls.filter((call) => /AF_INET|AF_INET6|nscd|resolve/.test(call)),
  };
}

async function denoFolder(): Promise<string> {
  const { output } = await runProgram(Deno.execPath(), ["info", "--json"]);
  return JSON.parse(output).denoDir;
}

function filesOf(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    return isDirectory ? [path, ...filesOf(path)] : [path];
  });
}

Deno.test({ name: "a look-up would be seen", ignore: !UNSHARE || !STRACE }, async () => {
  using folder = temporaryFolder();
  const script = folder.file("look_up.ts", "await fetch('http://nobody.invalid').catch(() => {});");
  const { network } = await isolated(folder.path, {
    cwd: folder.path,
    env: { DENO_NO_UPDATE_CHECK: "1" },
    args: ["run", "--allow-net", script],
  });
  ok(network.length > 0);
});

Deno.test({ name: "no command sends anything, or leaves anything in the home folder", ignore: !UNSHARE }, async () => {
  using folder = temporaryFolder();
  for (const [name, content] of Object.entries(SMALL_DATASET)) folder.file(`data/${name}`, content);
  const run = folder.file("mine.run", "1 Q0 b 1 2.5 mine\n1 Q0 a 2 1.5 mine\n");
  const at = (...path: string[]) => join(folder.path, ...path);
  const shared = ["--store", withCompiled(at("store")), "--quiet"];
  const collection = ["--collection", at("data", "c.tsv"), ...shared];
  const commands: readonly (readonly string[])[] = [
    ["eval", "--dataset", at("data"), "--backend", "plaid", "--backend", "faiss-ivfpq", "--out", at("out"), ...shared],
    ["index", "--index", at("index"), ...collection],
    ["search", "--index", at("index"), "why", "--explain", ...shared],
    ["metrics", "--qrels", at("data", "qrels"), "--run", run],
    ["compare", at("out", "results.json")],
    ["report", at("out", "results.json"), "--out", at("report.html")],
    ["data", "list"],
    ["doctor", "--store", at("store")],
    ["setup", "kernels", "--store", at("store")],
    ["v1", "index", "--index", at("v1"), ...collection],
  ];
  for (const [task, ...args] of commands) {
    const { code, output, files, network } = await isolated(folder.path, taskProcess(task, args));
    strictEqual(code, 0, `${task}: ${output}`);
    deepStrictEqual(files, [], task);
    deepStrictEqual(network, [], task);
  }
});
