import { join } from "node:path";
import { unpack } from "../../../datasets/fetch/unpack.ts";
import { writeFolderAtomic } from "../../../support/atomic_folder.ts";
import { download } from "../../../support/download.ts";
import type { TargetRules } from "../../../support/owned_folder.ts";
import { isFile } from "../../../support/paths.ts";
import type { FaissSetup } from "./found.ts";

/** A published build of `faiss-node` 0.5.1, which holds FAISS 1.7.4 and the libraries that it needs. */
export interface Published {
  readonly url: string;
  readonly sha256: string;
}

/** The builds whose checksum is known: what would be loaded into this process is nothing else. */
export const PUBLISHED: Readonly<Record<string, Published>> = {
  "x86_64-unknown-linux-gnu": {
    url: "https://github.com/ewfian/faiss-node/releases/download/v0.5.1/faiss-node-v0.5.1-napi-v8-linux-x64.tar.gz",
    sha256: "11981517fdf01c2651eb2007854128f84ea6a57d43d32f2a0cc02e819c4d8132",
  },
};

/** Far more than a build takes, whose size is not known. */
const MOST_BYTES = 2 ** 28;

/** Folders of earlier versions have no marker. */
export const STORE_ENTRY: TargetRules = { kind: "store entry", recognises: (folder) => isFile(join(folder, LIBRARY)) };

const LIBRARY = "build/Release/faiss-node.node";
const MEMBERS = ["faiss-node.node", "libgomp.so.1", "libopenblas.so.0", "libgfortran.so.5", "libquadmath.so.0"]
  .map((name) => `build/Release/${name}`);

/**
 * Fetches `faiss-node` as its authors have built it.
 *
 * @param folder where it is kept
 * @returns the library, or in one line what stands against it
 */
export async function fetchPrebuilt(
  folder: string,
  published: Published | null,
  quiet: boolean,
): Promise<FaissSetup | { readonly problem: string }> {
  if (!published) return { problem: `no build of faiss-node for ${Deno.build.target} is known` };
  const target = join(folder, `prebuilt-${published.sha256.slice(0, 16)}`);
  const library = join(target, LIBRARY);
  const found = { library, version: "1.7.4", origin: "prebuilt" } as const;
  if (isFile(library)) return found;
  const archive = join(folder, "prebuilt.tar.gz");
  try {
    const checksum = { kind: "sha256", value: published.sha256 } as const;
    await download(published.url, archive, { checksum, most: MOST_BYTES }, quiet, { attempts: 1, idle: 10_000 });
    await writeFolderAtomic(target, (temporary) => unpack(archive, "tar.gz", temporary, new Set(MEMBERS)), STORE_ENTRY);
    Deno.removeSync(archive);
    return isFile(library) ? found : { problem: `${published.url} holds no ${LIBRARY}` };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}
