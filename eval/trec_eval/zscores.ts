import { badInput, quote } from "../../support/errors.ts";
import { readLines } from "../../support/lines.ts";

/**
 * Reads trec_eval's z-score file: `qid measure mean deviation`.
 *
 * @throws {LatebenchError} with the line number for anything else
 */
export function readZscores(file: string): Map<string, Map<string, readonly [number, number]>> {
  const all = new Map<string, Map<string, readonly [number, number]>>();
  for (const { number, text } of readLines(file)) {
    if (text.trim() === "") continue;
    const [qid, measure, ...rest] = text.trim().split(/\s+/);
    const [mean, deviation] = rest.map(Number);
    if (rest.length !== 2 || !Number.isFinite(mean) || !Number.isFinite(deviation)) {
      throw badInput({ file, line: number }, quote(text), "qid, measure, mean, standard deviation");
    }
    if (!all.has(qid)) all.set(qid, new Map());
    all.get(qid)!.set(measure, [mean, deviation]);
  }
  return all;
}
