import type { Dataset } from "../../datasets/dataset.ts";
import type { Failure } from "../../eval/results/schema.ts";
import { LatebenchError } from "../../support/errors.ts";
import type { EvaluateOptions } from "./evaluate.ts";

/**
 * What the results say of a system that could not be measured.
 *
 * @throws the error itself, where it stops the run
 */
export function failureOf(
  { name }: Dataset,
  system: string,
  error: unknown,
  { keepGoing }: Pick<EvaluateOptions, "keepGoing">,
): Failure {
  if (!keepGoing || !(error instanceof LatebenchError)) throw error;
  return { dataset: name, system, error: error.message };
}
