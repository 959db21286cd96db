import { join } from "node:path";
import { findPassages } from "../../datasets/find_passages.ts";
import { DATA_DIR, locateDataset } from "../../datasets/registry.ts";
import { usageError } from "../../support/errors.ts";
import { type Command, parseCommandLine } from "../command.ts";
import { visibleText } from "../../support/visible_text.ts";

/** `deno task data show`: passages by id. */
export const showCommand: Command = {
  name: "show",
  summary: "print passages by id",
  usage: `DATASET PID… [options]

  --data-dir DIR    where published data is (default: ${DATA_DIR})
  --store DIR       where the line index is kept (default: .latebench)

Prints pid, text and, where there is one, title, tab-separated. The first use on a TSV or JSONL collection reads it once and writes an index
of its lines (16 bytes a passage); after that a passage costs a few reads of some bytes.`,
  run(args) {
    const { values, positionals } = parseCommandLine(args, {
      options: {
        "data-dir": { type: "string", default: DATA_DIR },
        store: { type: "string", default: ".latebench" },
      },
      allowPositionals: true,
    });
    const [dataset, ...ids] = positionals;
    if (ids.length === 0) throw usageError("data show: name a data set and at least one passage id");
    const located = locateDataset(dataset, values["data-dir"]);
    for (const { id, text, title } of findPassages(located, ids, join(values.store, "line_index"))) {
      console.log([id, text, ...title ? [title] : []].map(visibleText).join("\t"));
    }
    return Promise.resolve(0);
  },
};
