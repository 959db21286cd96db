import { join, resolve } from "node:path";
import { sha256 } from "../support/hash.ts";
import { explainIoError } from "../support/errors.ts";
import { keepLibrary, keptLibrary, type LibraryKind } from "../support/kept_library.ts";
import { lockFolder } from "../support/lock.ts";
import { runProgram } from "../support/run_program.ts";
import { NATIVE_SYMBOLS } from "./native.ts";

const SOURCE = new URL("./native/kernels.c", import.meta.url);
const FLAGS = ["-O3", "-ffp-contract=fast", "-shared", "-fPIC"];

/** A compiled library with the compiler's predefined macros, or in one line what stands against it. */
export type Compiled =
  | { readonly library: string; readonly macros: string; readonly objections: readonly string[] }
  | { readonly problem: string };

/**
 * Compiles `native/kernels.c` with the system's `cc`, unless this source was compiled already by this compiler for this CPU: the
 * predefined macros of `cc -march=native` tell both, and are part of the file's name. What is kept is looked over before anyone
 * loads it (see {@link keptLibrary}), and compiled anew where it is damaged or somebody else's.
 *
 * @param machine what `-march` says; tests compile for older CPUs too
 * @param compile whether to compile it where it is not there; else only to look
 * @returns the library's path and what stood against others, or in one line what stands against compiling
 */
export async function compileNative(
  folder: string,
  machine = "native",
  { compile = true }: { readonly compile?: boolean } = {},
): Promise<Compiled> {
  const source = Deno.readTextFileSync(SOURCE);
  const flags = [...FLAGS, `-march=${machine}`];
  const { ok, missing, output: macros, problem } = await runProgram(
    "cc",
    [`-march=${machine}`, "-dM", "-E", "-x", "c", "/dev/null"],
  );
  if (!ok) return { problem: missing ? "no C compiler (cc) that may be run" : problem };
  const kind: LibraryKind = {
    folder: resolve(folder),
    stem: `kernels-${sha256(source + flags.join(" ") + macros).slice(0, 16)}`,
    ending: ".so",
    symbols: NATIVE_SYMBOLS,
  };
  const { library, objections } = keptLibrary(kind);
  if (library !== null) return { library, macros, objections };
  if (!compile) return { problem: withObjections(`it is not compiled yet in ${folder}`, objections) };
  try {
    using _lock = await lockFolder(join(kind.folder, "compile")); // of several first uses one compiles
    const meanwhile = keptLibrary(kind).library;
    if (meanwhile !== null) return { library: meanwhile, macros, objections };
    const kept = await keepLibrary(kind, async (own, target) => {
      const file = join(own, "kernels.c");
      Deno.writeTextFileSync(file, source);
      const compiled = await runProgram("cc", [...flags, file, "-o", target, "-lm"]);
      return compiled.ok ? null : compiled.problem;
    });
    return "library" in kept ? { ...kept, macros, objections } : { problem: withObjections(kept.problem, objections) };
  } catch (error) {
    return {
      problem: withObjections((explainIoError(error, kind.folder) as Error).message.split("\n")[0], objections),
    };
  }
}

function withObjections(problem: string, objections: readonly string[]): string {
  return [...objections, problem].join("; ");
}
