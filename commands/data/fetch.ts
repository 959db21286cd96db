import { filesOf, readCatalogue } from "../../datasets/catalogue/catalogue.ts";
import { fetchFile } from "../../datasets/fetch/fetch.ts";
import { DATA_DIR } from "../../datasets/registry.ts";
import { usageError } from "../../support/errors.ts";
import { type Command, parseCommandLine } from "../command.ts";

/** `deno task data fetch`: brings published files into the data folder. */
export const fetchCommand: Command = {
  name: "fetch",
  summary: "download what a data set needs, verify it, unpack it",
  usage: `ID… [options]

  ID                a data set or one published file, as \`data list\` shows them
  --candidates      also the official candidates, where a data set has them
  --data-dir DIR    (default: ${DATA_DIR})
  --quiet           no progress

A broken download goes on where it was. Files that are in the folder already are taken, under whatever name they have there.`,
  async run(args) {
    const { values, positionals } = parseCommandLine(args, {
      options: {
        candidates: { type: "boolean", default: false },
        "data-dir": { type: "string", default: DATA_DIR },
        quiet: { type: "boolean", default: false },
      },
      allowPositionals: true,
    });
    if (positionals.length === 0) throw usageError("data fetch: name at least one data set or file");
    const catalogue = readCatalogue();
    const files = new Set(positionals.flatMap((id) => filesOf(catalogue, id, values.candidates)));
    for (const file of files) {
      await fetchFile(file, {
        dataDir: values["data-dir"],
        quiet: values.quiet,
        tell: (line) => console.error(line),
      });
    }
    return 0;
  },
};
