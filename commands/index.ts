import { BACKENDS } from "../backends/registry.ts";
import { parseSpec, withSetting } from "../backends/spec.ts";
import { replaceWhileRead } from "../backends/living/change.ts";
import {
  foldersOf,
  type GenerationFolders,
  isWrittenIndex,
  OWN_NAMES,
  writeManifest,
} from "../backends/living/manifest.ts";
import { writeTexts } from "../backends/living/texts.ts";
import { linkFolder } from "../backends/vectors/link.ts";
import { VERIFY } from "../backends/vectors/verify.ts";
import { writeFolderAtomic } from "../support/atomic_folder.ts";
import { usageError } from "../support/errors.ts";
import { checkTarget, type TargetRules } from "../support/owned_folder.ts";
import { KERNELS } from "../kernels/kernel.ts";
import { openDataset, openLocated } from "../datasets/open.ts";
import { checkCollection, noteBlank } from "../datasets/check_collection.ts";
import { describeFiles } from "../datasets/own_files.ts";
import { DATA_DIR } from "../datasets/registry.ts";
import { type Command, oneOf, parseCommandLine, positiveNumber } from "./command.ts";
import { openArtefacts } from "./eval/artefacts.ts";
import { openSetup } from "./eval/setup.ts";
import { rememberEncoder } from "./index/encoder.ts";
import { convertCommand } from "./index/convert.ts";
import { addCommand, compactCommand, deleteCommand, upsertCommand } from "./index/change.ts";

/** `deno task index`: an index with all that a search of it needs, in one folder. */
export const indexCommand: Command = {
  name: "index",
  summary: "build an index that deno task search can use",
  subcommands: [addCommand, upsertCommand, deleteCommand, compactCommand, convertCommand],
  usage: `[add|upsert|delete|compact|convert] --index DIR [options]

  add, upsert, delete, compact change an index that is there, convert reads and writes those of other engines: see their own --help

  --index DIR         where the index goes
  --dataset ID|DIR    the collection
  --collection FILE   instead: a .tsv or .jsonl file
  --data-dir DIR      folder of published data, and of data set folders (default: ${DATA_DIR})
  --backend SPEC      default: plaid
  --target-recall R   the same as target_recall=R in the SPEC: calibrate for a share R of exhaustive search's rankings
  --encoder ID|DIR    default: builtin
  --kernel BUILD      auto (default), ${KERNELS.join(", ")}
  --threads N         default: all cores
  --store DIR         where embeddings are kept; parts of the index are shared with it (default: .latebench)
  --verify WHEN       compare checksums of large files always, once for each state of a file (default), or never
  --force             replace an index that latebench made; nothing else is replaced
  --quiet             no progress

An interrupted build goes on where it was when the command is given again.`,
  async run(args) {
    const { values } = parseCommandLine(args, {
      options: {
        index: { type: "string" },
        dataset: { type: "string" },
        collection: { type: "string" },
        "data-dir": { type: "string" },
        backend: { type: "string", default: "plaid" },
        "target-recall": { type: "string" },
        encoder: { type: "string", default: "builtin" },
        kernel: { type: "string", default: "auto" },
        threads: { type: "string", default: String(navigator.hardwareConcurrency) },
        store: { type: "string", default: ".latebench" },
        verify: { type: "string", default: "once" },
        force: { type: "boolean", default: false },
        quiet: { type: "boolean", default: false },
      },
    });
    if (values.index === undefined) throw usageError("index: --index DIR is needed");
    if ((values.dataset === undefined) === (values.collection === undefined)) {
      throw usageError("index: one of --dataset and --collection is needed");
    }
    const rules: TargetRules = {
      kind: "index",
      inputs: values.collection === undefined ? [] : [values.collection],
      recognises: isWrittenIndex,
      holds: OWN_NAMES,
    };
    if (checkTarget(values.index, rules) === "ours" && !values.force) {
      throw usageError(`--index ${values.index}: it already exists; use --force to replace it`);
    }
    const target = values["target-recall"];
    const spec = parseSpec(
      withSetting(values.backend, target === undefined ? "" : `target_recall=${target}`),
      BACKENDS,
    );
    const dataset = values.dataset !== undefined
      ? openDataset(values.dataset, values["data-dir"])
      : openLocated({ directory: "", description: describeFiles(values.collection!, null, null) });
    const { blank } = checkCollection(dataset);
    if (!values.quiet) noteBlank(dataset.name, blank);
    const options = {
      encoder: values.encoder,
      kernel: oneOf("kernel", values.kernel, ["auto", ...KERNELS]),
      threads: positiveNumber("threads", values.threads),
      store: values.store,
      verify: oneOf("verify", values.verify, VERIFY),
      quiet: values.quiet,
      force: false,
    };
    await using setup = await openSetup([spec], options);
    using artefacts = openArtefacts(dataset, setup.encoder, setup.context, options);
    const { folder, build: { seconds } } = await artefacts.build(spec);
    const encoder = setup.encoder && { spec: values.encoder, hash: setup.encoder.hash };
    if (encoder) rememberEncoder(values.store, encoder.spec, encoder.hash);
    const manifest = { backend: spec.label, encoder, dataset: dataset.name };
    const fill = ({ index, texts }: GenerationFolders) => {
      linkFolder(folder, index);
      return writeTexts(texts, () => dataset.passages());
    };
    const replaced = values.force ? await replaceWhileRead(values.index, manifest, fill) : null;
    const passages = replaced ?? await writeFolderAtomic(values.index, (temporary) => {
      const count = fill(foldersOf(temporary, 0));
      writeManifest(temporary, { ...manifest, generation: 0 });
      return Promise.resolve(count);
    }, rules);
    if (!values.quiet) {
      console.error(`${values.index}: ${spec.label}, ${passages} passages, built in ${seconds.toFixed(1)} s`);
    }
    return 0;
  },
};
