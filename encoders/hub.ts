import { join } from "node:path";
import { z } from "zod";
import { writeJson } from "../support/atomic_write.ts";
import { download, type ExpectedFile } from "../support/download.ts";
import { badInput, quote } from "../support/errors.ts";
import { fetchText, type Patience } from "../support/http.ts";
import { lockFolder } from "../support/lock.ts";
import { isFile } from "../support/paths.ts";
import { CONFIG_FILES, MODEL_FILES } from "./model_folder.ts";

/** The model hub; the variable is the one that the hub's own clients read. */
function hubAddress(): string {
  return (Deno.env.get("HF_ENDPOINT") ?? "https://huggingface.co").replace(/\/$/, "");
}

/** The largest description of a model. */
const MOST_INFO = 2 ** 26;

const modelInfo = z.object({
  sha: z.string().regex(/^[0-9a-f]{1,64}$/),
  siblings: z.array(z.object({
    rfilename: z.string(),
    size: z.int().min(0).optional(),
    blobId: z.string().optional(),
    lfs: z.object({ sha256: z.string(), size: z.int().min(0) }).nullish(),
  })),
});

/** Where a model lies, and the file that says that it is whole. */
function placeOf(repository: string, store: string) {
  const [name, revision = "main", ...rest] = repository.split("@");
  if (!/^[\w.-]+\/[\w.-]+$/.test(name) || !/^[\w./-]+$/.test(revision) || rest.length > 0) {
    throw badInput(quote(`hf:${repository}`), "no model name", "owner/name or owner/name@revision");
  }
  const folder = join(store, `${name.replace("/", "--")}@${revision.replaceAll("/", "--")}`);
  return { name, revision, folder, complete: join(folder, "download.json") };
}

/**
 * The folder of a model that {@link downloadModel} has downloaded before, or null. No network is used.
 *
 * @throws {LatebenchError} for what is no name of a model
 */
export function keptModel(repository: string, store: string): string | null {
  const { folder, complete } = placeOf(repository, store);
  return isFile(complete) ? folder : null;
}

/**
 * Downloads a model of the hub: its tokenizer, configuration files and preferred ONNX file. Broken downloads resume; every
 * file is checked against the hub's hash. What was downloaded once is used without the network.
 *
 * @param repository `owner/name`, or `owner/name@revision`
 * @returns the folder with the files
 * @throws {LatebenchError} where the hub does not have the model, or it has no ONNX file
 */
export async function downloadModel(
  repository: string,
  store: string,
  quiet: boolean,
  patience: Patience = {},
): Promise<string> {
  const { name, revision, folder, complete } = placeOf(repository, store);
  if (isFile(complete)) return folder;
  using _lock = await lockFolder(folder);
  if (isFile(complete)) return folder; // another process has downloaded it meanwhile

  const address = `${hubAddress()}/api/models/${name}/revision/${encodeURIComponent(revision)}?blobs=true`;
  const info = await fetchInfo(address, patience);
  const files = new Map(info.siblings.map((file) => [file.rfilename, file]));
  const model = MODEL_FILES.find((file) => files.has(file));
  if (!model) throw badInput(`hf:${name}`, "no ONNX file", `one of ${MODEL_FILES.join(", ")}`);
  const wanted = [...Object.keys(CONFIG_FILES), "config.json", "1_Dense/config.json", "tokenizer.json", model];
  for (const file of wanted) {
    const entry = files.get(file);
    if (!entry || isFile(join(folder, file))) continue;
    const url = `${hubAddress()}/${name}/resolve/${info.sha}/${file}`;
    await download(url, join(folder, file), expectedFile(entry), quiet, patience);
  }
  writeJson(complete, { repository: name, revision, sha: info.sha, model });
  return folder;
}

function expectedFile(entry: z.infer<typeof modelInfo>["siblings"][number]): ExpectedFile {
  if (entry.lfs) return { size: entry.lfs.size, checksum: { kind: "sha256", value: entry.lfs.sha256 } };
  return { size: entry.size, checksum: entry.blobId ? { kind: "git-sha1", value: entry.blobId } : undefined };
}

async function fetchInfo(address: string, patience: Patience): Promise<z.infer<typeof modelInfo>> {
  const text = await fetchText(address, MOST_INFO, patience);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw badInput(address, /^\s*</.test(text) ? "an HTML page" : "no JSON", "the hub's description of a model");
  }
  const parsed = modelInfo.safeParse(json);
  if (!parsed.success) throw badInput(address, parsed.error.issues[0].message, "the hub's description of a model");
  return parsed.data;
}
