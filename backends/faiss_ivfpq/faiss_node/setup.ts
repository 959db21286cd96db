import { join, resolve } from "node:path";
import { lockFolder } from "../../../support/lock.ts";
import { loadBinding } from "./binding.ts";
import { compileBinding, hasCompiled } from "./compile.ts";
import { fetchPrebuilt, PUBLISHED, type Published } from "./prebuilt.ts";
import { PACKAGES } from "./system.ts";

/** A `faiss-node` that loads here. */
export interface FaissSetup {
  readonly library: string;
  /** Of FAISS. */
  readonly version: string;
  readonly origin: "prebuilt" | "compiled";
}

/** What FAISS is called in results. */
export function faissName({ version, origin }: FaissSetup): string {
  return `FAISS ${version} (faiss-node, ${origin})`;
}

/** What to do where FAISS is missing. */
export const HOW_TO_GET_FAISS = `to get FAISS: apt-get install g++ ${PACKAGES.join(" ")}`;

/**
 * Makes FAISS usable, once for a machine: the build that `faiss-node` publishes, or one compiled against the system's FAISS.
 *
 * @param store the folder of artefacts; the binding is kept in `faiss/` there
 * @returns the binding, or in one line what stands against it
 */
export async function setUpFaiss(
  store: string,
  { quiet, published = PUBLISHED[Deno.build.target] ?? null, install = true }: {
    readonly quiet: boolean;
    /** The build to fetch; null for none. */
    readonly published?: Published | null;
    /** Whether anything may be fetched, or asked of the system's package manager. */
    readonly install?: boolean;
  },
): Promise<FaissSetup | { readonly problem: string }> {
  const folder = resolve(store, "faiss");
  using _lock = await lockFolder(join(folder, "setup"));
  const problems: string[] = [];
  const attempts = [
    () => fetchPrebuilt(folder, published, install, quiet),
    () => compileBinding(folder, install, quiet),
  ];
  if (hasCompiled(folder)) attempts.reverse(); // a fetch that has failed is not waited for at every start
  for (const attempt of attempts) {
    const found = await attempt();
    const problem = "problem" in found ? found.problem : tryLoading(found.library);
    if ("library" in found && problem === null) return found;
    problems.push(problem!);
  }
  return { problem: problems.join("; ") };
}

function tryLoading(library: string): string | null {
  try {
    loadBinding(library, null);
    return null;
  } catch (error) {
    return `${library}: ${(error as Error).message.split("\n")[0]}`;
  }
}
