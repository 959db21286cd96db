import { join, resolve } from "node:path";
import { sha256 } from "../support/hash.ts";
import { isFile } from "../support/paths.ts";
import { runProgram } from "../support/run_program.ts";

const SOURCE = new URL("./native/kernels.c", import.meta.url);
const FLAGS = ["-O3", "-ffp-contract=fast", "-shared", "-fPIC"];

/** A compiled library with the compiler's predefined macros, or in one line what stands against it. */
export type Compiled = { readonly library: string; readonly macros: string } | { readonly problem: string };

/**
 * Compiles `native/kernels.c` with the system's `cc`, unless this source was compiled already by this compiler for this CPU: the
 * predefined macros of `cc -march=native` tell both, and are part of the file's name.
 *
 * @param machine what `-march` says; tests compile for older CPUs too
 * @param compile whether to compile it where it is not there; else only to look
 * @returns the library's path, or in one line what stands against it
 */
export async function compileNative(
  folder: string,
  machine = "native",
  { compile = true }: { readonly compile?: boolean } = {},
): Promise<Compiled> {
  const source = Deno.readTextFileSync(SOURCE);
  const flags = [...FLAGS, `-march=${machine}`];
  const macros = await runProgram("cc", [`-march=${machine}`, "-dM", "-E", "-x", "c", "/dev/null"]);
  if (!macros.ok) return { problem: macros.missing ? "no C compiler (cc) that may be run" : macros.problem };
  const library = resolve(folder, `kernels-${sha256(source + flags.join(" ") + macros.output).slice(0, 16)}.so`);
  if (isFile(library)) return { library, macros: macros.output };
  if (!compile) return { problem: `it is not compiled yet in ${folder}` };
  try {
    Deno.mkdirSync(folder, { recursive: true });
    const own = join(folder, "kernels.c");
    const partial = `${library}.${Deno.pid}.partial`; // two processes may compile at once
    Deno.writeTextFileSync(own, source);
    const compiled = await runProgram("cc", [...flags, own, "-o", partial, "-lm"]);
    if (!compiled.ok) return { problem: compiled.problem };
    Deno.renameSync(partial, library);
    return { library, macros: macros.output };
  } catch (error) {
    return { problem: (error as Error).message.split("\n")[0] };
  }
}
