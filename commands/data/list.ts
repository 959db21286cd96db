import { type Catalogue, filesOf, readCatalogue } from "../../datasets/catalogue/catalogue.ts";
import { stateOf } from "../../datasets/fetch/receipt.ts";
import { builtInDatasets, DATA_DIR } from "../../datasets/registry.ts";
import { type Command, parseCommandLine } from "../command.ts";

/** `deno task data list`: all data sets with what is there of them. */
export const listCommand: Command = {
  name: "list",
  summary: "the data sets that are known, and which are there",
  usage: `[options]

  --files           the published files instead of the data sets
  --data-dir DIR    (default: ${DATA_DIR})

Prints id, state, bytes to download and title, tab-separated. States: built in, fetched (verified here), present (put there by
someone), partly, absent.`,
  run(args) {
    const { values } = parseCommandLine(args, {
      options: { files: { type: "boolean", default: false }, "data-dir": { type: "string", default: DATA_DIR } },
    });
    const catalogue = readCatalogue();
    const rows = values.files
      ? [...catalogue.files.values()].map((file) => {
        return [file.id, stateOf(values["data-dir"], file).state, file.bytes, file.url];
      })
      : [
        ...builtInDatasets().map((id) => [id, "built in", 0, ""]),
        ...[...catalogue.datasets.values()].map(({ id, description }) => {
          const bytes = filesOf(catalogue, id, false).reduce((sum, file) => sum + file.bytes, 0);
          return [id, datasetState(catalogue, id, values["data-dir"]), bytes, description.title ?? ""];
        }),
      ];
    console.log(rows.map((row) => row.join("\t")).join("\n"));
    return Promise.resolve(0);
  },
};

function datasetState(catalogue: Catalogue, id: string, dataDir: string): string {
  const states = filesOf(catalogue, id, false).map((file) => stateOf(dataDir, file).state);
  if (states.every((state) => state === states[0])) return states[0];
  if (states.includes("damaged")) return "damaged";
  return states.includes("absent") ? "partly" : "present";
}
