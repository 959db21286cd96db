import { definitionOf } from "./definitions.ts";
import type { Measure } from "./measure.ts";

/** The grade from which a topic set's passages are relevant: the strictest level of its official measures. */
export function officialLevel(official: readonly Measure[]): number {
  return Math.max(1, ...official.map(({ rel }) => rel ?? 1));
}

/** A measure at a level; one without levels, such as nDCG, or with one of its own stays as it is. */
export function atLevel(measure: Measure, level: number): Measure {
  const leveled = (definitionOf(measure).parameters as readonly string[]).includes("rel");
  return level === 1 || measure.rel !== undefined || !leveled ? measure : { ...measure, rel: level };
}
