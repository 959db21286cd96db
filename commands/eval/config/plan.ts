import { matchesGlob } from "node:path";
import { BACKENDS } from "../../../backends/registry.ts";
import { type ParsedSpec, parseSpec } from "../../../backends/spec.ts";
import { usageError } from "../../../support/errors.ts";
import { usesEncoder } from "../setup.ts";
import type { Config } from "./read_config.ts";

/** One data set, one encoder (null for systems that need none), one system. */
export interface PlannedCell {
  /** `DATASET/ENCODER/SYSTEM`, with `-` for no encoder. */
  readonly name: string;
  readonly dataset: string;
  readonly encoder: string | null;
  readonly system: ParsedSpec;
}

/**
 * The cells of a configuration. Systems that need no encoder are not repeated for each.
 *
 * @param only a glob, see {@link matchesCell}
 * @throws {LatebenchError} exit code 1 for an unknown backend or option, and where no cell is left
 */
export function planCells({ datasets, encoders, backends }: Config, only?: string): PlannedCell[] {
  const systems = [
    ...new Map(backends.map((spec) => parseSpec(spec, BACKENDS)).map((system) => [system.label, system])).values(),
  ];
  const cells = datasets.flatMap((dataset) =>
    systems.flatMap((system) =>
      (usesEncoder(system) ? encoders : [null]).map((encoder): PlannedCell => {
        return { name: `${dataset}/${encoder ?? "-"}/${system.label}`, dataset, encoder, system };
      })
    )
  );
  const left = only === undefined ? cells : cells.filter((cell) => matchesCell(cell, only));
  if (left.length === 0) throw usageError(`--only ${only}: none of ${cells.map(({ name }) => name).join(" ")}`);
  return left;
}

/** Whether a glob means a cell, by its name or by its system alone; stars cross slashes. */
export function matchesCell({ name, system }: Pick<PlannedCell, "name" | "system">, glob: string): boolean {
  const flat = (text: string) => text.replaceAll("/", "\u2215");
  return [name, system.label].some((text) => matchesGlob(flat(text), flat(glob)));
}
