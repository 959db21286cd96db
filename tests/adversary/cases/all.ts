import type { Case } from "../case.ts";
import { commandLines } from "./command_lines.ts";
import { configurations } from "./configurations.ts";
import { dataSets } from "./data_sets.ts";
import { folders } from "./folders.ts";
import { indexFolders } from "./index_folders.ts";
import { inputFiles } from "./input_files.ts";
import { models } from "./models.ts";
import { resultsFiles } from "./results.ts";

/** All cases, the same for the same seed. */
export function allCases(seed: number): Case[] {
  return [
    ...commandLines(),
    ...inputFiles(seed),
    ...dataSets(),
    ...configurations(),
    ...resultsFiles(seed),
    ...models(),
    ...folders(),
    ...indexFolders(),
  ];
}
