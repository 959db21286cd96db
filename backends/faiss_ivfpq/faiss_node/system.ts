import { runProgram } from "../../../support/run_program.ts";

/** What FAISS's set-up installs on Debian and Ubuntu. */
export const PACKAGES = ["libfaiss-dev", "libopenblas-dev"] as const;

/**
 * Installs FAISS with the system's package manager, saying so: on Debian and Ubuntu, as root, unless `LATEBENCH_NO_INSTALL=1`.
 *
 * @returns in one line why not, or null
 */
export async function installPackages(quiet: boolean): Promise<string | null> {
  if (Deno.env.get("LATEBENCH_NO_INSTALL") === "1") return "LATEBENCH_NO_INSTALL=1 forbids installing it";
  if (Deno.build.os !== "linux" || Deno.uid() !== 0) return `only root can install ${PACKAGES.join(" ")}`;
  if (!quiet) console.error(`installing ${PACKAGES.join(" ")} with apt-get (LATEBENCH_NO_INSTALL=1 forbids it)`);
  const patience = ["-o", "DPkg::Lock::Timeout=300"]; // somebody else may be installing something
  const install = ["install", ...patience, "-y", "-q", "--no-install-recommends", ...PACKAGES];
  let installed = await runProgram("apt-get", install);
  if (!installed.ok) {
    const updated = await runProgram("apt-get", ["update", ...patience, "-q"]); // a fresh machine has no lists of packages
    if (updated.ok) installed = await runProgram("apt-get", install);
  }
  return installed.ok ? null : installed.problem;
}
