import { dirname, join } from "node:path";
import { readRun } from "../../datasets/formats/runs/read.ts";
import { readResults, resultsFile } from "../../eval/results/read.ts";
import type { Cell } from "../../eval/results/schema.ts";
import { type SubmissionMetadata, submissionRun } from "../../eval/runs/msmarco_submission.ts";
import { writeAtomic, writeJson } from "../../support/atomic_write.ts";
import { badInput, type ExitCode, notAvailable, usageError } from "../../support/errors.ts";
import { runProgram } from "../../support/run_program.ts";

/** Options of `--format msmarco`. */
export const SUBMISSION_OPTIONS = {
  system: { type: "string" },
  topics: { type: "string" },
  id: { type: "string" },
  team: { type: "string" },
  model: { type: "string" },
  paper: { type: "string", default: "" },
  code: { type: "string", default: "" },
} as const;

interface SubmissionValues {
  readonly out?: string;
  readonly system?: string;
  readonly topics?: string;
  readonly id?: string;
  readonly team?: string;
  readonly model?: string;
  readonly paper: string;
  readonly code: string;
}

/**
 * Writes a submission to MS MARCO's passage leaderboard: `submissions/ID/{dev,eval}.txt.bz2` and `submissions/ID-metadata.json`
 * below `--out`. `dev` is the judged topic set, `eval` one without judgements. Packing for upload encrypts and is the leaderboard's
 * own script.
 *
 * @throws {LatebenchError} for missing options, runs that the leaderboard would refuse, and where there is no bzip2
 */
export async function writeSubmission(given: readonly string[], values: SubmissionValues): Promise<ExitCode> {
  const { out, system, id, team } = values;
  if (given.length !== 1) throw usageError("--format msmarco: one results file is needed");
  if (out === undefined || system === undefined || id === undefined || team === undefined) {
    throw usageError("--format msmarco needs --system, --id, --team and --out");
  }
  if (!/^\d{8}-[A-Za-z0-9_-]+$/.test(id)) throw usageError(`--id ${id}: expected yyyymmdd-NAME`);
  const file = resultsFile(given[0]);
  const results = readResults(file);
  const cells = results.cells.filter((cell) => {
    return cell.system === system && cell.run_files !== null && (values.topics ?? cell.topics) === cell.topics;
  });
  if (cells.length === 0) {
    const known = [...new Set(results.cells.filter(({ run_files }) => run_files).map((cell) => cell.system))];
    throw badInput(file, `no run of ${system}`, `one of ${known.join(", ")}, and a topic set that it ran on`);
  }
  const folder = join(out, "submissions");
  for (const [name, cell] of splitsOf(cells, file)) {
    const runFile = join(dirname(file), cell.run_files!.trec);
    const text = join(folder, id, `${name}.txt`);
    writeAtomic(text, submissionRun(readRun(runFile), runFile));
    const packed = await runProgram("bzip2", ["--force", text]);
    if (!packed.ok) throw notAvailable(`${text} is written, but not packed: ${packed.problem}`);
  }
  const model = results.encoder?.config.name;
  const metadata: SubmissionMetadata = {
    team,
    model_description: values.model ?? (model === undefined ? system : `${system}, ${model}`),
    paper: values.paper,
    code: values.code,
    type: cells[0].backend === "rerank" ? "reranking" : "full ranking",
  };
  writeJson(join(folder, `${id}-metadata.json`), metadata);
  console.error(`report: ${join(folder, id)}`);
  return 0;
}

function splitsOf(cells: readonly Cell[], file: string): Map<string, Cell> {
  const splits = new Map<string, Cell>();
  for (const cell of cells) {
    const name = cell.judged_queries > 0 ? "dev" : "eval";
    if (splits.has(name)) {
      throw badInput(
        file,
        `two topic sets that could be ${name}: ${splits.get(name)!.topics}, ${cell.topics}`,
        "one, by --topics",
      );
    }
    splits.set(name, cell);
  }
  return splits;
}
