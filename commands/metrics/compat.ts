import { colbertScript } from "../../eval/compat/colbert.ts";
import { lotteScript } from "../../eval/compat/lotte.ts";
import { msmarcoScript } from "../../eval/compat/msmarco.ts";
import { printTrecEval, type TrecEvalFlags } from "./trec_eval.ts";

/** Tools whose output `--compat` reproduces. */
export const COMPAT_MODES = ["trec_eval@9", "trec_eval@10", "msmarco", "colbert@v1", "colbert@main", "lotte"] as const;

/** Prints what a tool prints for two files; its warnings, and the name of the mode, go to standard error. */
export function printCompatible(
  mode: (typeof COMPAT_MODES)[number],
  qrels: string,
  run: string,
  flags: TrecEvalFlags,
): void {
  switch (mode) {
    case "trec_eval@9":
      return printTrecEval(qrels, run, 9, flags);
    case "trec_eval@10":
      return printTrecEval(qrels, run, 10, flags);
    case "msmarco":
      console.log(msmarcoScript(qrels, run).join("\n"));
      console.error("as ms_marco_eval.py has it");
      return;
    case "colbert@v1":
    case "colbert@main": {
      const version = mode === "colbert@v1" ? "v1" : "main";
      console.log(colbertScript(qrels, run, version).join("\n"));
      console.error(`as msmarco_passages.py of ColBERT's branch ${version === "v1" ? "colbertv1" : "main"} has it`);
      return;
    }
    case "lotte": {
      const { line, warnings } = lotteScript(qrels, run);
      console.log(line);
      console.error([...warnings, "as ColBERT's evaluate_lotte_rankings.py has it"].join("\n"));
    }
  }
}
