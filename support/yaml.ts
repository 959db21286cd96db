import { parse, YAMLParseError } from "yaml";
import { badInput } from "./errors.ts";
import { readText } from "./lines.ts";

/**
 * Reads a YAML file.
 *
 * @throws {LatebenchError} naming the line where it is broken
 */
export function readYaml(file: string): unknown {
  try {
    return parse(readText(file));
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw badInput({ file, line: error.linePos?.[0].line }, error.message.split("\n")[0], "YAML");
  }
}
