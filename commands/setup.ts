import { join } from "node:path";
import { faissName, findFaiss } from "../backends/faiss_ivfpq/faiss_node/found.ts";
import { setUpFaiss } from "../backends/faiss_ivfpq/faiss_node/setup.ts";
import { downloadModel, keptModel } from "../encoders/hub.ts";
import { parseEncoderSpec } from "../encoders/spec.ts";
import { compileNative } from "../kernels/compile_native.ts";
import { usageError } from "../support/errors.ts";
import { type Command, parseCommandLine } from "./command.ts";
import { tryKernel } from "./doctor.ts";

/** What can be set up. */
const PARTS = ["kernels", "faiss"] as const;
type Part = typeof PARTS[number];

interface SetupOptions {
  readonly store: string;
  readonly check: boolean;
  readonly install: boolean;
  readonly quiet: boolean;
}

/** `deno task setup`: the one command that fetches, installs and compiles what makes latebench faster. */
export const setupCommand: Command = {
  name: "setup",
  summary: "compile the kernels and get FAISS: the only command that installs anything",
  usage: `[${PARTS.join("|")}]… [options]

  kernels, faiss   what to set up (default: both)
  --encoder HF     instead: download a model of the hub, hf:owner/name
  --check          only look; change nothing
  --no-install     fetch and compile, but leave the system's packages alone
  --store DIR      where it is kept (default: .latebench)
  --quiet          no progress

kernels compiles the native kernel with cc. faiss fetches the build of faiss-node that its authors publish; where there is none, or it does
not load, it compiles faiss-node with c++ against the system's FAISS, which it installs first on Debian and Ubuntu, as root, saying so.
Prints one line for each. The exit code is 0 where all that was asked for is there, else 4. latebench works without either.`,
  async run(args) {
    const { values, positionals } = parseCommandLine(args, {
      allowPositionals: true,
      options: {
        encoder: { type: "string" },
        check: { type: "boolean", default: false },
        "no-install": { type: "boolean", default: false },
        store: { type: "string", default: ".latebench" },
        quiet: { type: "boolean", default: false },
      },
    });
    const { check, store, quiet } = values;
    if (values.encoder !== undefined) {
      if (positionals.length > 0) throw usageError("setup: --encoder is set up by itself");
      const line = await setUpEncoder(values.encoder, { check, store, quiet });
      console.log(line);
      return line.startsWith("ok") ? 0 : 4;
    }
    const options = { check, store, quiet, install: !values["no-install"] };
    const wanted = positionals.length > 0 ? positionals.map(partOf) : PARTS;
    let complete = true;
    for (const part of new Set(wanted)) {
      const line = part === "kernels" ? await setUpKernels(options) : await setUpFaissLine(options);
      complete &&= line.startsWith("ok");
      console.log(line);
    }
    return complete ? 0 : 4;
  },
};

function partOf(word: string): Part {
  const part = PARTS.find((known) => known === word);
  if (part === undefined) throw usageError(`setup ${word}: known are ${PARTS.join(", ")}`);
  return part;
}

async function setUpEncoder(spec: string, { check, store, quiet }: Omit<SetupOptions, "install">): Promise<string> {
  const { model } = parseEncoderSpec(spec);
  if (!model.startsWith("hf:")) throw usageError(`setup --encoder ${spec}: only hf:owner/name is downloaded`);
  const [repository, models] = [model.slice(3), join(store, "models")];
  const folder = check ? keptModel(repository, models) : await downloadModel(repository, models, quiet);
  return folder === null
    ? `missing   encoder ${model}: it is not in ${store}`
    : `ok        encoder ${model}: ${folder}`;
}

async function setUpKernels({ store, check }: SetupOptions): Promise<string> {
  const compiled = await compileNative(join(store, "kernels"), "native", { compile: !check });
  if ("library" in compiled) return tryKernel({ name: "native", library: compiled.library });
  return `missing   native kernel: ${compiled.problem}; latebench uses its WebAssembly kernel`;
}

async function setUpFaissLine({ store, check, install, quiet }: SetupOptions): Promise<string> {
  const found = check ? findFaiss(store) : await setUpFaiss(store, { quiet, install });
  if ("library" in found) return `ok        FAISS: ${faissName(found)}`;
  return `missing   FAISS: ${found.problem}; faiss-ivfpq uses its built-in IVFPQ`;
}
