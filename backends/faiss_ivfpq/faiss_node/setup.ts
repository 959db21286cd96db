import { join } from "node:path";
import { removeOwnedFolder } from "../../../support/atomic_folder.ts";
import { removeIfThere } from "../../../support/atomic_write.ts";
import { lockFolder } from "../../../support/lock.ts";
import { compileBinding, hasCompiled } from "./compile.ts";
import { faissFolder, type FaissSetup, findFaiss, recordFaiss, tryLoading } from "./found.ts";
import { fetchPrebuilt, PUBLISHED, type Published, STORE_ENTRY } from "./prebuilt.ts";

/**
 * Makes FAISS usable, once for a store: the build that `faiss-node` publishes, or one compiled against the system's FAISS. Only
 * `deno task setup` does this; all else looks for what it made (`findFaiss`).
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
    /** Whether the system's package manager may be asked, where this is root. */
    readonly install?: boolean;
  },
): Promise<FaissSetup | { readonly problem: string }> {
  const folder = faissFolder(store);
  using _lock = await lockFolder(join(folder, "setup"));
  dropDamaged(store);
  const problems: string[] = [];
  const attempts = [
    () => fetchPrebuilt(folder, published, quiet),
    () => compileBinding(folder, install, quiet),
  ];
  if (hasCompiled(folder)) attempts.reverse(); // a fetch that has failed is not waited for again
  for (const attempt of attempts) {
    const found = await attempt();
    const problem = "problem" in found ? found.problem : tryLoading(found.library);
    if ("library" in found && problem === null) {
      recordFaiss(store, found);
      return found;
    }
    problems.push(problem!);
  }
  return { problem: problems.join("; ") };
}

/** Removes a binding that was set up and must not be loaded: it is made anew. */
function dropDamaged(store: string): void {
  const folder = faissFolder(store);
  if ("library" in findFaiss(store)) return;
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (/^faiss-node-[0-9a-f]{16}\.node$/.test(name)) removeIfThere(join(folder, name));
    else if (/^prebuilt-[0-9a-f]{16}$/.test(name) && isDirectory) removeOwnedFolder(join(folder, name), STORE_ENTRY);
  }
}
