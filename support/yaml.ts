import { parseDocument, visit, YAMLError } from "yaml";
import { badInput, type InputPlace, quote } from "./errors.ts";
import { readText } from "./lines.ts";

/** How often aliases may repeat what an anchor names: a few lines of them can stand for more than there is memory. */
const MAX_ALIASES = 100;

/**
 * Reads a YAML file.
 *
 * @throws {LatebenchError} naming the line where it is broken: syntax, an alias that nothing names or too many of them, a key that is
 *   there twice or that JavaScript keeps for itself, nesting too deep to be read
 */
export function readYaml(file: string): unknown {
  return parseYaml(readText(file), (line) => ({ file, line }));
}

/**
 * Parses YAML, with the errors of {@link readYaml}.
 *
 * @param placeOf a line of the text, counted from 1, as messages name it; undefined where the fault has no line
 */
export function parseYaml(text: string, placeOf: (line: number | undefined) => InputPlace): unknown {
  try {
    const document = parseDocument(text);
    const [error] = document.errors;
    if (error) throw error;
    visit(document, {
      Pair(_, { key }) {
        if (String(key) === "__proto__") {
          throw badInput(placeOf(undefined), `a field ${quote("__proto__")}`, "another name");
        }
      },
    });
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    if (error instanceof YAMLError) {
      throw badInput(placeOf(error.linePos?.[0].line), error.message.split("\n")[0], "YAML");
    }
    // How the parser says that aliases are too many or name nothing, and how the engine says that nesting is too deep.
    if (error instanceof ReferenceError) throw badInput(placeOf(undefined), error.message, "YAML without such aliases");
    if (error instanceof RangeError) {
      throw badInput(placeOf(undefined), "fields nested too deep", "YAML of a few levels");
    }
    throw error;
  }
}
