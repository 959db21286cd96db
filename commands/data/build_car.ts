import { buildCar, DROPPED_HEADINGS } from "../../datasets/build_car/build.ts";
import { badInput, usageError } from "../../support/errors.ts";
import { isFolder } from "../../support/paths.ts";
import { type Command, parseCommandLine, positiveNumber } from "../command.ts";

/** `deno task data build-car`: makes a benchmark of a folder of documents. */
export const buildCarCommand: Command = {
  name: "build-car",
  summary: "make a benchmark of a folder of Markdown and HTML documents",
  usage: `DIR --out DATASET [options]

  --out DATASET     folder of the data set; one that build-car made before is replaced
  --drop HEADING    a heading that is left out with its section; may be given several times
  --min-words N     shorter paragraphs are left out (default 5)

Headings become topics, paragraphs the collection, and a paragraph is relevant to the heading under which it stands, as in TREC CAR: no
query has to be judged. Paragraphs that say nearly the same are one. Always left out: ${DROPPED_HEADINGS.join(", ")}.`,
  async run(args) {
    const { values, positionals } = parseCommandLine(args, {
      options: {
        out: { type: "string" },
        drop: { type: "string", multiple: true, default: [] },
        "min-words": { type: "string", default: "5" },
      },
      allowPositionals: true,
    });
    const [source] = positionals;
    if (positionals.length !== 1 || values.out === undefined) {
      throw usageError("data build-car: DIR and --out are needed");
    }
    if (!isFolder(source)) throw badInput(source, "no folder", "one that exists");
    const minWords = positiveNumber("min-words", values["min-words"]);
    const { documents, topics, paragraphs, merged } = await buildCar(source, values.out, {
      drop: values.drop,
      minWords,
    });
    console.error(
      `${values.out}: ${documents} documents, ${topics} topics, ${paragraphs} paragraphs (${merged} merged)`,
    );
    return 0;
  },
};
