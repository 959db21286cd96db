import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { sha256 } from "../../../support/hash.ts";
import { isFile } from "../../../support/paths.ts";
import { runProgram } from "../../../support/run_program.ts";
import type { FaissSetup } from "./found.ts";
import { HOW_TO_INSTALL, installPackages } from "./system.ts";

const FLAGS = ["-O2", "-std=c++17", "-fPIC", "-shared", "-fopenmp", "-DNAPI_VERSION=6", "-DNAPI_CPP_EXCEPTIONS"];
/**
 * GCC makes static members of templates one for the whole process, also those of copies of a library; the binding keeps its classes
 * in such (`loadBinding`). Clang does not, and does not know the flag.
 */
const GCC_FLAGS = ["-fno-gnu-unique"];
const LIBRARIES = ["-lfaiss", "-lopenblas"];

/** FAISS before 1.7.4 has `idx_t` in its classes only; the binding wants it beside them. */
const COMPATIBILITY = `#include <faiss/Index.h>
#if FAISS_VERSION_MAJOR == 1 && (FAISS_VERSION_MINOR < 7 || FAISS_VERSION_MINOR == 7 && FAISS_VERSION_PATCH < 4)
namespace faiss { using idx_t = Index::idx_t; }
#endif
`;

/**
 * Compiles `faiss-node`'s one source file against the system's FAISS, which is installed first where that may be done. It is compiled
 * once for each compiler and FAISS: both are part of the file's name.
 *
 * @param folder where it is kept
 * @param install whether the system's package manager may be asked
 * @returns the library, or in one line what stands against it
 */
export async function compileBinding(
  folder: string,
  install: boolean,
  quiet: boolean,
): Promise<FaissSetup | { readonly problem: string }> {
  const compiler = await runProgram("c++", ["--version"]);
  if (!compiler.ok) {
    return {
      problem: compiler.missing ? `no C++ compiler (c++) that may be run: ${HOW_TO_INSTALL}` : compiler.problem,
    };
  }
  const compatibility = join(folder, "compatibility.h");
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(compatibility, COMPATIBILITY);
  let version = await faissVersion();
  if (version === null) {
    const problem = await installPackages(install, quiet);
    if (problem !== null) return { problem: `the system has no FAISS, and ${problem}` };
    version = await faissVersion();
    if (version === null) return { problem: "FAISS's headers are not where the compiler looks for them" };
  }
  const { source, includes } = bindingSource();
  const chosen = compiler.output.includes("Free Software Foundation") ? [...FLAGS, ...GCC_FLAGS] : FLAGS;
  const flags = [...chosen, "-include", compatibility, ...includes.map((path) => `-I${path}`)];
  const key = sha256([compiler.output, version, ...chosen, COMPATIBILITY, Deno.readTextFileSync(source)].join("\n"));
  const library = join(folder, `faiss-node-${key.slice(0, 16)}.node`);
  if (!isFile(library)) {
    const partial = `${library}.${Deno.pid}.partial`; // two processes may compile at once
    const compiled = await runProgram("c++", [...flags, source, "-o", partial, ...LIBRARIES]);
    if (!compiled.ok) return { problem: compiled.problem };
    Deno.renameSync(partial, library);
  }
  return { library, version, origin: "compiled" };
}

/** Whether `compileBinding` has kept something in a folder. */
export function hasCompiled(folder: string): boolean {
  return [...Deno.readDirSync(folder)].some(({ name }) => /^faiss-node-[0-9a-f]{16}\.node$/.test(name));
}

/** The version of the FAISS that the compiler finds, or null. */
async function faissVersion(): Promise<string | null> {
  const { ok, output } = await runProgram("c++", ["-dM", "-E", "-x", "c++", "-include", "faiss/Index.h", "/dev/null"]);
  if (!ok) return null;
  const part = (name: string) => output.match(new RegExp(`#define FAISS_VERSION_${name} (\\d+)`))?.[1] ?? "?";
  return [part("MAJOR"), part("MINOR"), part("PATCH")].join(".");
}

/** Where npm's packages lie: the source, and the headers that it wants. */
function bindingSource(): { readonly source: string; readonly includes: readonly string[] } {
  const own = createRequire(import.meta.url);
  const manifest = own.resolve("faiss-node/package.json");
  const theirs = createRequire(manifest);
  return {
    source: join(dirname(manifest), "src", "faiss.cc"),
    includes: [
      dirname(theirs.resolve("node-addon-api/package.json")),
      join(dirname(own.resolve("node-api-headers/package.json")), "include"),
    ],
  };
}
