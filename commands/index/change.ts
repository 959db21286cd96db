import { BACKENDS } from "../../backends/registry.ts";
import { parseSpec } from "../../backends/spec.ts";
import type { UpdatedIndex } from "../../backends/backend.ts";
import { readManifest } from "../../backends/living/manifest.ts";
import { VERIFY } from "../../backends/vectors/verify.ts";
import { compactIndex, type LivingSetup, rebuildIndex, updateIndex } from "../../backends/living/update.ts";
import type { Dataset } from "../../datasets/dataset.ts";
import { openLocated } from "../../datasets/open.ts";
import { describeFiles } from "../../datasets/own_files.ts";
import { KERNELS } from "../../kernels/kernel.ts";
import { badInput, usageError } from "../../support/errors.ts";
import { readLines } from "../../support/lines.ts";
import { type Command, oneOf, parseCommandLine, positiveNumber } from "../command.ts";
import { openSetup } from "../eval/setup.ts";
import { checkEncoderOfIndex, encoderOfIndex } from "./encoder.ts";

const COMMON =
  `  --encoder ID|DIR    default: the index's own; needed where that is a folder that no --encoder has named before
  --kernel BUILD      auto (default), ${KERNELS.join(", ")}
  --threads N         default: all cores
  --store DIR         where kernels and models are kept (default: .latebench)
  --verify WHEN       compare checksums of large files always, once for each state of a file (default), or never
  --quiet             no progress

A change is made as a whole or not at all, also when it is interrupted. Searches that are running go on in the state that they began with.`;

const ADDED = `--index DIR --collection FILE [options]

  --index DIR         what deno task index wrote
  --collection FILE   .tsv or .jsonl file of the passages
${COMMON}`;

const options = {
  index: { type: "string" },
  encoder: { type: "string" },
  kernel: { type: "string", default: "auto" },
  threads: { type: "string", default: String(navigator.hardwareConcurrency) },
  store: { type: "string", default: ".latebench" },
  verify: { type: "string", default: "once" },
  quiet: { type: "boolean", default: false },
} as const;

/** What every one of these commands is told. */
interface Values {
  readonly index?: string;
  readonly encoder?: string;
  readonly kernel: string;
  readonly threads: string;
  readonly store: string;
  readonly quiet: boolean;
  readonly verify: string;
}

/** `deno task index add`: new passages. */
export const addCommand = putCommand("add", false, "add passages to an index");

/** `deno task index upsert`: new passages, and new versions of old ones. */
export const upsertCommand = putCommand(
  "upsert",
  true,
  "add passages to an index, in the place of those with the same ids",
);

/** `deno task index delete`: passages go. */
export const deleteCommand: Command = {
  name: "delete",
  summary: "remove passages from an index",
  usage: `--index DIR (--ids FILE | PID…) [options]

  --index DIR         what deno task index wrote
  --ids FILE          one passage id a line
${COMMON}`,
  async run(args) {
    const { values, positionals } = parseCommandLine(args, {
      options: { ...options, ids: { type: "string" } },
      allowPositionals: true,
    });
    const fromFile = values.ids === undefined ? [] : Array.from(readLines(values.ids), ({ text }) => text.trim());
    const removed = [...fromFile, ...positionals];
    if (removed.length === 0) throw usageError("index delete: --ids FILE or ids are needed");
    return await change(
      "delete",
      values,
      (folder, setup) => updateIndex(folder, { added: null, replace: false, removed }, setup),
    );
  },
};

/** `deno task index compact`: an index without the traces of updates. */
export const compactCommand: Command = {
  name: "compact",
  summary: "write an index anew without the traces of updates, or train its centroids anew",
  usage: `--index DIR [--rebuild] [options]

  --index DIR         what deno task index wrote
  --rebuild           encode and build the index anew, from the texts that it holds
${COMMON}`,
  async run(args) {
    const { values } = parseCommandLine(args, {
      options: { ...options, rebuild: { type: "boolean", default: false } },
    });
    return await change("compact", values, values.rebuild ? rebuildIndex : compactIndex);
  },
};

function putCommand(name: string, replace: boolean, summary: string): Command {
  return {
    name,
    summary,
    usage: ADDED,
    async run(args) {
      const { values } = parseCommandLine(args, { options: { ...options, collection: { type: "string" } } });
      if (values.collection === undefined) throw usageError(`index ${name}: --collection FILE is needed`);
      const added = openCollection(values.collection);
      return await change(name, values, (folder, setup) => updateIndex(folder, { added, replace, removed: [] }, setup));
    },
  };
}

function openCollection(file: string): Dataset {
  return openLocated({ directory: "", description: describeFiles(file, null, null) });
}

/** Changes an index and says what has become of it. */
async function change(
  name: string,
  values: Values,
  act: (folder: string, setup: LivingSetup) => Promise<UpdatedIndex>,
): Promise<0> {
  const { index, quiet } = values;
  if (index === undefined) throw usageError(`index ${name}: --index DIR is needed`);
  const { backend, encoder } = readManifest(index);
  const spec = parseSpec(backend, BACKENDS);
  if (encoder === null) {
    throw badInput(index, `an index of ${spec.backend.name}`, "one of a backend that can be updated");
  }
  await using setup = await openSetup([spec], {
    encoder: encoderOfIndex(index, encoder, values.encoder, values.store),
    ofIndex: true,
    kernel: oneOf("kernel", values.kernel, ["auto", ...KERNELS]),
    threads: positiveNumber("threads", values.threads),
    store: values.store,
    verify: oneOf("verify", values.verify, VERIFY),
    quiet,
  });
  checkEncoderOfIndex(index, encoder, setup.encoder?.hash);
  const started = performance.now();
  const { passages, warnings } = await act(index, { spec, encoder: setup.encoder!, context: setup.context });
  for (const warning of warnings) console.error(`warning: ${warning}`);
  if (!quiet) {
    console.error(`${index}: ${passages} passages, after ${((performance.now() - started) / 1000).toFixed(1)} s`);
  }
  return 0;
}
