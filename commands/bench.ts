import { benchEncode } from "../bench/encode.ts";
import { benchSearch } from "../bench/search.ts";
import { usageError } from "../support/errors.ts";
import { type Command, parseCommandLine, positiveNumber } from "./command.ts";

/** The benchmarks, by name. */
const BENCHES = { encode: benchEncode, search: benchSearch };

/** `deno task bench`: times latebench beside Python's tools, in one run on one machine. */
export const benchCommand: Command = {
  name: "bench",
  summary: "time encoding and exhaustive search beside onnxruntime and numpy (needs uv)",
  usage: `encode|search [options]

  --dataset ID|DIR   data set (default: demo-msmarco)
  --threads N        threads for both sides (default: all cores)
  --rounds N         interleaved rounds (default 3)
  --sample N         passages to encode (default 1024)
  --store DIR        where embeddings are kept (default: .latebench)`,
  async run(args) {
    const { values, positionals } = parseCommandLine(args, {
      options: {
        dataset: { type: "string", default: "demo-msmarco" },
        threads: { type: "string", default: String(navigator.hardwareConcurrency) },
        rounds: { type: "string", default: "3" },
        sample: { type: "string", default: "1024" },
        store: { type: "string", default: ".latebench" },
      },
      allowPositionals: true,
    });
    const bench = BENCHES[positionals[0] as keyof typeof BENCHES];
    if (positionals.length !== 1 || !bench) throw usageError(`bench: name one of ${Object.keys(BENCHES).join(", ")}`);
    await bench({
      dataset: values.dataset,
      store: values.store,
      threads: positiveNumber("threads", values.threads),
      rounds: positiveNumber("rounds", values.rounds),
      sample: positiveNumber("sample", values.sample),
    });
    return 0;
  },
};
