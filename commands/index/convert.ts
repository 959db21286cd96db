import { join } from "node:path";
import { foldersOf, isWrittenIndex, OWN_NAMES, writeManifest } from "../../backends/living/manifest.ts";
import { openSnapshot } from "../../backends/living/snapshot.ts";
import { writeTexts } from "../../backends/living/texts.ts";
import { writeIndexFile } from "../../backends/index_file.ts";
import { exportPlaid } from "../../backends/plaid/foreign/export_index.ts";
import {
  FOREIGN_FORMATS,
  FOREIGN_NAMES,
  type ForeignFormat,
  IDS_FILE,
} from "../../backends/plaid/foreign/foreign_index.ts";
import { importPlaid } from "../../backends/plaid/foreign/import_index.ts";
import { isForeign, openForeign } from "../../backends/plaid/foreign/open.ts";
import { plaid } from "../../backends/plaid/plaid.ts";
import { BACKENDS } from "../../backends/registry.ts";
import { parseSpec } from "../../backends/spec.ts";
import { loadEncoder } from "../../encoders/load.ts";
import type { Passage } from "../../datasets/dataset.ts";
import { openLocated } from "../../datasets/open.ts";
import { describeFiles } from "../../datasets/own_files.ts";
import { writeFolderAtomic } from "../../support/atomic_folder.ts";
import { badInput, usageError } from "../../support/errors.ts";
import { checkTarget, type TargetRules } from "../../support/owned_folder.ts";
import { isFile } from "../../support/paths.ts";
import { type Command, oneOf, parseCommandLine } from "../command.ts";
import { rememberEncoder } from "./encoder.ts";

const FORMATS = ["latebench", ...FOREIGN_FORMATS] as const;

/** `deno task index convert`: PLAID indexes from and for other engines. */
export const convertCommand: Command = {
  name: "convert",
  summary: "read or write the PLAID indexes of Stanford's ColBERT, fast-plaid and next-plaid",
  usage: `--index DIR --to FORMAT --out DIR [options]

  --index DIR         an index of ColBERT, fast-plaid or next-plaid, or one of deno task index; its files tell which
  --to FORMAT         ${FORMATS.join(", ")}
  --out DIR           where the new one goes
  --encoder ID|DIR    to latebench: the encoder that made the vectors, which no index tells
  --collection FILE   to latebench: the passages in the index's order, for their ids and texts (.tsv or .jsonl)
  --store DIR         where models are kept (default: .latebench)
  --force             replace an index that convert wrote; nothing else is replaced
  --quiet             no notes

Nothing is lost: an index that is read and written again in its own format has the same numbers and settings. Passage ids, which other
engines do not know, lie in latebench.ids.json beside their files.`,
  async run(args) {
    const { values } = parseCommandLine(args, {
      options: {
        index: { type: "string" },
        to: { type: "string" },
        out: { type: "string" },
        encoder: { type: "string" },
        collection: { type: "string" },
        store: { type: "string", default: ".latebench" },
        force: { type: "boolean", default: false },
        quiet: { type: "boolean", default: false },
      },
    });
    const { index, to, out, encoder, collection, store, force, quiet } = values;
    if (index === undefined || to === undefined || out === undefined) {
      throw usageError("index convert: --index DIR, --to FORMAT and --out DIR are needed");
    }
    const format = oneOf("to", to, FORMATS);
    const rules: TargetRules = {
      kind: format === "latebench" ? "index" : "foreign index",
      inputs: collection === undefined ? [index] : [index, collection],
      recognises: format === "latebench" ? isWrittenIndex : isConverted,
      holds: format === "latebench" ? OWN_NAMES : FOREIGN_NAMES,
    };
    if (checkTarget(out, rules) === "ours" && !force) {
      throw usageError(`--out ${out}: it already exists; use --force to replace it`);
    }
    if (format === "latebench") {
      if (!isForeign(index)) {
        throw badInput(index, "no index of another engine", "one of ColBERT, fast-plaid or next-plaid");
      }
      if (encoder === undefined) {
        throw usageError("index convert --to latebench: --encoder is needed: whose vectors are these?");
      }
      await toLatebench(index, out, { encoder, collection, store, quiet, rules });
    } else {
      const notes = await writeFolderAtomic(out, async (temporary) => {
        if (!isForeign(index)) return exportLiving(index, temporary, format);
        const own = join(temporary, ".latebench");
        importPlaid(await openForeign(index), own, { encoder: { name: "unknown", hash: "unknown" } });
        const told = exportPlaid(own, temporary, format);
        Deno.removeSync(own, { recursive: true });
        return told;
      }, rules);
      for (const note of notes) console.error(`note: ${note}`);
    }
    if (!quiet) console.error(`${out}: an index of ${format}`);
    return 0;
  },
};

/** Another engine's index of an earlier latebench; its own files alone do not tell who wrote them. */
function isConverted(folder: string): boolean {
  return isForeign(folder) && isFile(join(folder, IDS_FILE));
}

function exportLiving(folder: string, target: string, format: ForeignFormat): string[] {
  using snapshot = openSnapshot(folder);
  const { backend } = snapshot.manifest;
  if (parseSpec(backend, BACKENDS).backend !== plaid) throw badInput(folder, `an index of ${backend}`, "one of plaid");
  return exportPlaid(snapshot.index, target, format);
}

async function toLatebench(
  from: string,
  out: string,
  { encoder, collection, store, quiet, rules }: {
    readonly encoder: string;
    readonly collection: string | undefined;
    readonly store: string;
    readonly quiet: boolean;
    readonly rules: TargetRules;
  },
): Promise<void> {
  const foreign = await openForeign(from);
  await using loaded = await loadEncoder(encoder, { threads: 1, store, quiet });
  const { config: { dim, name }, hash } = loaded;
  if (dim !== foreign.dim) {
    throw badInput(from, `vectors of ${foreign.dim} dimensions`, `${dim}, as the encoder makes them`);
  }
  const passages = collection === undefined
    ? undefined
    : openLocated({ directory: "", description: describeFiles(collection, null, null) });
  const ids = passages && Array.from(passages.passages(), ({ id }) => id);
  await writeFolderAtomic(out, (temporary) => {
    const { index, texts } = foldersOf(temporary, 0);
    const header = importPlaid(foreign, index, { encoder: { name, hash }, ids });
    writeIndexFile(index, { backend: plaid.name, version: plaid.version, passages: foreign.passages });
    const own = ids ?? foreign.ids ?? Array.from({ length: foreign.passages }, (_, number) => String(number));
    writeTexts(texts, () => passages?.passages() ?? own.map((id): Passage => ({ id, text: "" })));
    const { nbits, partitions } = header.settings;
    rememberEncoder(store, encoder, hash);
    writeManifest(temporary, {
      backend: `plaid:nbits=${nbits},partitions=${partitions}`,
      encoder: { spec: encoder, hash },
      dataset: passages?.name ?? "converted",
      generation: 0,
    });
    return Promise.resolve();
  }, rules);
}
