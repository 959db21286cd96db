import type { Source } from "../sources.ts";
import type { Exhibit } from "./exhibit.ts";
import { FIGURE_PRESETS } from "./figures.ts";
import { paretoExhibit } from "./pareto.ts";
import { TABLE_PRESETS } from "./tables.ts";

/** Tables and figures of papers, made of results, by name. */
export const PRESETS: Readonly<Record<string, (sources: readonly Source[]) => Exhibit>> = {
  ...TABLE_PRESETS,
  ...FIGURE_PRESETS,
  pareto: paretoExhibit,
};
