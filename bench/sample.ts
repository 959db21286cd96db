import { passageText } from "../datasets/dataset.ts";
import { openDataset } from "../datasets/open.ts";

/** `count` passages of a data set, evenly spread over it. */
export function samplePassages(dataset: string, count: number): string[] {
  const all = Array.from(openDataset(dataset).passages(), passageText);
  const step = Math.max(1, Math.floor(all.length / count));
  return all.filter((_, i) => i % step === 0).slice(0, count);
}
