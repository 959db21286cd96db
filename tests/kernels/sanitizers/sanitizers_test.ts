import { strictEqual } from "node:assert/strict";
import { fromFileUrl } from "../../../support/paths.ts";
import { temporaryFolder } from "../../fixtures/temporary.ts";

const DRIVER = fromFileUrl(new URL("./driver.c", import.meta.url));

async function run(command: string, args: readonly string[]): Promise<{ ok: boolean; out: string; problem: string }> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args] }).output();
    const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { ok: success, out: decode(stdout), problem: decode(stderr) };
  } catch {
    return { ok: false, out: "", problem: `no ${command}` };
  }
}

for (const machine of ["native", "x86-64-v3", "x86-64"]) {
  Deno.test(`the C loops under the address and undefined-behaviour sanitizers, ${machine}`, async () => {
    using folder = temporaryFolder();
    const program = `${folder.path}/driver`;
    const sanitize = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    const empty = folder.file("empty.c", "int main(void) { return 0; }\n");
    const flags = ["-g", "-O1", `-march=${machine}`, "-Wno-psabi", ...sanitize];
    const able = await run("cc", [...flags, empty, "-o", program]);
    if (!able.ok || !(await run(program, [])).ok) {
      console.warn(`skipped: no sanitizers for ${machine} here (${able.problem.split("\n")[0]})`);
      return;
    }
    const compiled = await run("cc", [...flags, DRIVER, "-o", program, "-lm"]);
    strictEqual(compiled.problem, "");
    if (machine === "x86-64-v3" && !/avx2/.test(cpuFlags())) return;
    const { out, problem } = await run(program, [empty]);
    strictEqual(problem, "");
    strictEqual(out, "done\n");
  });
}

function cpuFlags(): string {
  try {
    return Deno.readTextFileSync("/proc/cpuinfo");
  } catch {
    return "";
  }
}
