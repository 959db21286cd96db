import type { RankedPassage } from "../../datasets/dataset.ts";
import { readQrels } from "../../datasets/formats/qrels.ts";
import { describeFaults, FaultLog } from "../../datasets/formats/runs/faults.ts";
import { readRunHead } from "../../datasets/formats/runs/metadata.ts";
import { readRankings, readRun, toRanking } from "../../datasets/formats/runs/read.ts";
import type { RunReading } from "../../datasets/formats/runs/reading.ts";
import { sortRanking } from "../../eval/metrics/order.ts";
import { writeQrels, writeRun } from "../../eval/runs/write.ts";
import { usageError } from "../../support/errors.ts";
import { refuseInput } from "../../support/owned_folder.ts";
import { readText } from "../../support/lines.ts";
import { type Command, oneOf, parseCommandLine } from "../command.ts";

/** `deno task metrics convert`: writes a run or judgements in another form. */
export const convertCommand: Command = {
  name: "convert",
  summary: "write a run or judgements in another form",
  usage: `--run FILE|--qrels FILE --to FORM --out FILE [options]

  --to FORM         of a run: trec, msmarco, colbert, json; of judgements: trec, json
  --out FILE        packed where its name ends in .gz or .zst
  --tag NAME        last column of a TREC run (default: that of the run read)
  --metadata FILE   YAML for an ir_metadata header; trec_eval 9 cannot read files that have one
  --lenient         go on where the file is faulty, and say what was dropped

Rankings are written by score; equal scores keep the order of the file.`,
  run(args) {
    const { values } = parseCommandLine(args, {
      options: {
        run: { type: "string" },
        qrels: { type: "string" },
        to: { type: "string" },
        out: { type: "string" },
        tag: { type: "string" },
        metadata: { type: "string" },
        lenient: { type: "boolean", default: false },
      },
    });
    const { run, qrels, to, out } = values;
    if ((run === undefined) === (qrels === undefined)) throw usageError("convert: one of --run and --qrels is needed");
    if (to === undefined || out === undefined) throw usageError("convert: --to and --out are needed");
    refuseInput("--out", out, [run, qrels, values.metadata].filter((file) => file !== undefined));
    const faults = values.lenient ? new FaultLog() : undefined;
    if (qrels !== undefined) writeQrels(out, readQrels(qrels, { faults }), oneOf("to", to, ["trec", "json"]));
    else {
      const form = oneOf("to", to, ["trec", "msmarco", "colbert", "json"]);
      const metadata = values.metadata === undefined ? undefined : readText(values.metadata);
      const tag = values.tag ?? (readRunHead(run!).tag || undefined);
      writeRun(out, sorted(run!, { faults }), form, { tag, metadata });
    }
    for (const fault of faults?.counts() ?? []) console.error(describeFaults(fault));
    return Promise.resolve(0);
  },
};

/** The rankings of a file, best first: one at a time where the file is grouped by query. */
function* sorted(file: string, reading: RunReading): Generator<[string, readonly RankedPassage[]]> {
  const grouped = isGrouped(file);
  if (grouped) {
    for (const rows of readRankings(file, reading)) yield [rows.qid, sortRanking(toRanking(rows), "msmarco")];
  } else for (const [qid, ranking] of readRun(file, reading)) yield [qid, sortRanking(ranking, "msmarco")];
}

function isGrouped(file: string): boolean {
  const seen = new Set<string>();
  for (const { qid } of readRankings(file, { faults: new FaultLog() })) {
    if (seen.has(qid)) return false;
    seen.add(qid);
  }
  return true;
}
