import { filesOf, readCatalogue } from "../../datasets/catalogue/catalogue.ts";
import { stateOf } from "../../datasets/fetch/receipt.ts";
import { DATA_DIR } from "../../datasets/registry.ts";
import { usageError } from "../../support/errors.ts";
import { type Command, parseCommandLine } from "../command.ts";

/** `deno task data verify`: compares what is there with what was fetched. */
export const verifyCommand: Command = {
  name: "verify",
  summary: "read what is there and compare checksums",
  usage: `ID… [options]

  --data-dir DIR    (default: ${DATA_DIR})

Prints id and state, tab-separated: fetched (every byte as it was when the published checksum was right), present (there, but not
fetched here: nothing to compare with), damaged or absent with the first such file. The exit code is 2 unless all are there and sound.`,
  run(args) {
    const { values, positionals } = parseCommandLine(args, {
      options: { "data-dir": { type: "string", default: DATA_DIR } },
      allowPositionals: true,
    });
    if (positionals.length === 0) throw usageError("data verify: name at least one data set or file");
    const catalogue = readCatalogue();
    const files = [...new Set(positionals.flatMap((id) => filesOf(catalogue, id, false)))];
    const states = files.map((file) => ({ id: file.id, ...stateOf(values["data-dir"], file, true) }));
    for (const { id, state, member } of states) console.log([id, state, ...member ? [member] : []].join("\t"));
    return Promise.resolve(states.every(({ state }) => state === "fetched" || state === "present") ? 0 : 2);
  },
};
