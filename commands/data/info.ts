import { stringify } from "yaml";
import { filesOf, readCatalogue } from "../../datasets/catalogue/catalogue.ts";
import { usageError } from "../../support/errors.ts";
import { type Command, parseCommandLine } from "../command.ts";

/** `deno task data info`: everything that the catalogue says of one id. */
export const infoCommand: Command = {
  name: "info",
  summary: "addresses, sizes, checksums, licence, topic sets",
  usage: `ID

Prints YAML.`,
  run(args) {
    const { positionals } = parseCommandLine(args, { options: {}, allowPositionals: true });
    if (positionals.length !== 1) throw usageError("data info: name one data set or file");
    const catalogue = readCatalogue();
    const [id] = positionals;
    const files = Object.fromEntries(filesOf(catalogue, id, true).map(({ id, ...file }) => [id, file]));
    const dataset = catalogue.datasets.get(id);
    console.log(stringify(dataset ? { ...dataset, files } : { files }, { lineWidth: 120 }).trimEnd());
    return Promise.resolve(0);
  },
};
