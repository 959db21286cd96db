import { badInput } from "../../../support/errors.ts";
import { z } from "zod";
import { checkShape } from "../../../support/json.ts";
import { readYaml } from "../../../support/yaml.ts";
import { withSetting } from "../../../backends/spec.ts";

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const list = z.array(scalar).min(1);

const backend = z.union([
  z.string().transform((spec) => ({ backend: spec, grid: {} as Record<string, string[]> })),
  z.strictObject({
    backend: z.string(),
    grid: z.record(z.string(), z.union([list, scalar.transform((value) => [value])])).default({}),
  }),
]);

const expectation = z.strictObject({
  cells: z.string(),
  topics: z.string().optional(),
  figure: z.string(),
  value: z.number().optional(),
  tolerance: z.number().min(0).default(0.0005),
  at_least: z.number().optional(),
  at_most: z.number().optional(),
}).refine(
  ({ value, at_least, at_most }) => (value ?? at_least ?? at_most) !== undefined,
  "one of value, at_least, at_most is needed",
);

const schema = z.strictObject({
  datasets: list,
  encoders: list.default(["builtin"]),
  backends: z.array(backend).min(1),
  options: z.record(z.string(), scalar).default({}),
  expect: z.array(expectation).default([]),
});

/** What a figure of some cells should be. */
export type Expectation = z.output<typeof expectation>;

/** Cells of a configuration; each is a system over a data set, and takes seconds at least. */
const MAX_CELLS = 10_000;

/** A declared set of cells: data sets × encoders × backends with the grids of their options. */
export interface Config {
  readonly datasets: readonly string[];
  readonly encoders: readonly string[];
  /** Every backend with every combination of its grid, as SPECs. */
  readonly backends: readonly string[];
  /** Options of the command line, by name. */
  readonly options: Readonly<Record<string, string>>;
  readonly expect: readonly Expectation[];
}

/**
 * Reads a configuration.
 *
 * @throws {LatebenchError} naming the line of broken YAML, the first field that is wrong, or the number of cells where these are too many
 */
export function readConfig(file: string): Config {
  const { backends, ...config } = checkShape(readYaml(file), schema, file, "a configuration of cells");
  const systems = backends.reduce((sum, { grid }) => {
    return sum + Object.values(grid).reduce((product, values) => product * values.length, 1);
  }, 0);
  const cells = systems * Math.max(1, config.datasets.length) * Math.max(1, config.encoders.length);
  if (cells > MAX_CELLS) throw badInput(file, `${cells} cells`, `at most ${MAX_CELLS}`);
  return { ...config, backends: backends.flatMap(({ backend, grid }) => expand(backend, Object.entries(grid))) };
}

/** Every combination of a grid's values, the last key changing fastest. */
function expand(spec: string, [first, ...rest]: readonly [string, readonly string[]][]): string[] {
  if (!first) return [spec];
  const [key, values] = first;
  return values.flatMap((value) => expand(withSetting(spec, `${key}=${value}`), rest));
}
