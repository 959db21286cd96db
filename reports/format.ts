// @ts-types="@types/d3-format"
import { format } from "d3-format";
import { printFixed } from "../eval/metrics/print.ts";

/** A measure's value, with four decimals as trec_eval prints it. */
export function formatScore(value: number): string {
  return printFixed(value);
}

/** A time in ms with three significant digits. */
export function formatMs(ms: number): string {
  return ms >= 1000 ? Math.round(ms).toString() : ms.toPrecision(3);
}

/** A count of operations with an SI prefix: `1.47 G`. */
export function formatFlops(flops: number): string {
  return flops === 0 ? "0" : format(".3s")(flops).replace(/([a-zA-Zµ])$/, " $1");
}

/** Bytes in binary units: `12.3 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const unit = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 2 ** (10 * unit);
  return `${unit === 0 ? value : value.toPrecision(value >= 1000 ? 4 : 3)} ${units[unit]}`;
}

/** A whole number with thousands separated: `32,606`. */
export const formatCount: (value: number) => string = format(",");

/** A difference, with its sign. */
export function formatDifference(value: number): string {
  return `${value < 0 ? "−" : "+"}${formatScore(Math.abs(value))}`;
}

/** A share as a percentage with one decimal. */
export function formatShare(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

/** What the judges said of a passage. */
export function formatGrade(grade: number | null): string {
  return grade === null ? "not judged" : `grade ${grade}`;
}
