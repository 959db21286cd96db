import { runProgram } from "../../../support/run_program.ts";

/** What FAISS's set-up installs on Debian and Ubuntu. */
export const PACKAGES = ["libfaiss-dev", "libopenblas-dev"] as const;

/** The command that installs what compiling FAISS's binding needs, for messages. */
export const HOW_TO_INSTALL = `apt-get install g++ ${PACKAGES.join(" ")}`;

/**
 * Installs FAISS with the system's package manager, saying so: on Debian and Ubuntu, as root.
 *
 * @param allowed whether the user allows it
 * @returns in one line why not, or null
 */
export async function installPackages(allowed: boolean, quiet: boolean): Promise<string | null> {
  if (!allowed) return `--no-install forbids installing it (${HOW_TO_INSTALL})`;
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return `only root can install it: ${HOW_TO_INSTALL}`;
  if (!quiet) console.error(`installing ${PACKAGES.join(" ")} with apt-get (--no-install forbids it)`);
  const patience = ["-o", "DPkg::Lock::Timeout=300"]; // somebody else may be installing something
  const install = ["install", ...patience, "-y", "-q", "--no-install-recommends", ...PACKAGES];
  let installed = await runProgram("apt-get", install);
  if (!installed.ok) {
    const updated = await runProgram("apt-get", ["update", ...patience, "-q"]); // a fresh machine has no lists of packages
    if (updated.ok) installed = await runProgram("apt-get", install);
  }
  return installed.ok ? null : installed.problem;
}
