import { strictEqual } from "node:assert/strict";
import { fromFileUrl } from "../../../support/paths.ts";
import { type TemporaryFolder, temporaryFolder } from "../../fixtures/temporary.ts";

const DRIVER = fromFileUrl(new URL("./driver.c", import.meta.url));
const FUZZ = fromFileUrl(new URL("./fuzz.c", import.meta.url));

async function run(command: string, args: readonly string[]): Promise<{ ok: boolean; out: string; problem: string }> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args] }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { ok: success, out: decode(stdout), problem: decode(stderr) };
  } catch {
    return { ok: false, out: "", problem: `no ${command}` };
  }
}

/** Rounds of the fuzzer for each CPU; `deno task test:slow` has more. */
const ROUNDS = Deno.env.get("LATEBENCH_FUZZ_ROUNDS") ?? "300";

/** Compiles a driver together with the loops under both sanitizers; null, with a line, where this machine cannot. */
async function compile(driver: string, machine: string, folder: TemporaryFolder): Promise<string | null> {
  const program = `${folder.path}/driver`;
  const sanitize = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
  const empty = folder.file("empty.c", "int main(void) { return 0; }\n");
  const flags = ["-g", "-O1", `-march=${machine}`, "-Wno-psabi", ...sanitize];
  const able = await run("cc", [...flags, empty, "-o", program]);
  if (!able.ok || !(await run(program, [])).ok) {
    console.warn(`skipped: no sanitizers for ${machine} here (${able.problem.split("\n")[0]})`);
    return null;
  }
  const compiled = await run("cc", [...flags, driver, "-o", program, "-lm"]);
  strictEqual(compiled.problem, "");
  return machine === "x86-64-v3" && !/avx2/.test(cpuFlags()) ? null : program;
}

for (const machine of ["native", "x86-64-v3", "x86-64"]) {
  Deno.test(`the C loops under the address and undefined-behaviour sanitizers, ${machine}`, async () => {
    using folder = temporaryFolder();
    const program = await compile(DRIVER, machine, folder);
    if (!program) return;
    const { out, problem } = await run(program, [folder.file("four.bytes", "four")]);
    strictEqual(problem, "");
    strictEqual(out, "done\n");
  });

  Deno.test(`the C loops, fed with an attacker's index, under the sanitizers, ${machine}`, async () => {
    using folder = temporaryFolder();
    const program = await compile(FUZZ, machine, folder);
    if (!program) return;
    for (const seed of ["1", "2"]) {
      const { out, problem } = await run(program, [seed, ROUNDS]);
      strictEqual(problem, "", `seed ${seed}`);
      strictEqual(out, "done\n", `seed ${seed}`);
    }
  });
}

function cpuFlags(): string {
  try {
    return Deno.readTextFileSync("/proc/cpuinfo");
  } catch {
    return "";
  }
}
