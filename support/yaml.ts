import { Composer, type Document, LineCounter, Parser, visit } from "yaml";
import { badInput, type InputPlace, quote } from "./errors.ts";
import { readText } from "./lines.ts";
import { refuseSpecialFile } from "./open_file.ts";

/** How often aliases may repeat what an anchor names: a few lines of them can stand for more than there is memory. */
const MAX_ALIASES = 100;

/** Configurations and descriptions are small; the parser takes microseconds a character. */
const MOST_BYTES = 1 << 20;

/**
 * Reads a YAML file of at most 1 MiB.
 *
 * @throws {LatebenchError} naming the line where it is broken: syntax, an alias that nothing names or too many of them, a key that is
 *   there twice or that JavaScript keeps for itself, nesting too deep to be read
 */
export function readYaml(file: string): unknown {
  refuseLarge(file);
  return parseYaml(readText(file), (line) => ({ file, line }));
}

/**
 * Parses YAML, with the errors of {@link readYaml}.
 *
 * @param placeOf a line of the text, counted from 1, as messages name it; undefined where the fault has no line
 */
export function parseYaml(text: string, placeOf: (line: number | undefined) => InputPlace): unknown {
  if (text.length > MOST_BYTES) throw tooLarge(placeOf(undefined), text.length);
  try {
    const document = composeFirst(text, (line, message) => badInput(placeOf(line), message, "YAML"));
    visit(document, {
      Pair(_, { key }) {
        if (String(key) === "__proto__") {
          throw badInput(placeOf(undefined), `a field ${quote("__proto__")}`, "another name");
        }
      },
    });
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    // How the parser says that aliases are too many or name nothing, and how the engine says that nesting is too deep.
    if (error instanceof ReferenceError) throw badInput(placeOf(undefined), error.message, "YAML without such aliases");
    if (error instanceof RangeError) {
      throw badInput(placeOf(undefined), "fields nested too deep", "YAML of a few levels");
    }
    throw error;
  }
}

/** How the parser calls an error of the engine, and where an error is. */
const TOO_DEEP = "RESOURCE_EXHAUSTION";
type ErrorPlace = number | readonly [number, number] | { readonly offset: number };

/**
 * The only document of a text. `parseDocument` gathers all errors first, and describes each: a minute for
 * 1 MB of brackets.
 *
 * @param fail the error that is thrown for the first fault
 */
function composeFirst(text: string, fail: (line: number, message: string) => Error): Document {
  const lines = new LineCounter();
  const lineOf = (offset: number) => Math.max(lines.linePos(offset).line, 1);
  const composer = new Composer();
  let failure: unknown;
  const onError = (at: ErrorPlace, code: string, message: string, warning?: true) => {
    if (warning) return;
    const offset = typeof at === "number" ? at : "offset" in at ? at.offset : at[0];
    // Inner levels of the parser catch what is thrown, and tell it as an error of theirs.
    failure ??= fail(lineOf(offset), code === TOO_DEEP ? "fields nested too deep" : message);
    throw failure;
  };
  Object.assign(composer, { onError });
  const tokens = function* () {
    for (const token of new Parser(lines.addNewLine).parse(text)) {
      if (token.type === "error") onError(token, "", token.message);
      yield token;
    }
  };
  let first: Document | undefined;
  for (const document of composer.compose(tokens(), true, text.length)) {
    if (first) throw fail(lineOf(document.range[0]), "a second document");
    first = document as Document;
  }
  const [left] = first!.errors;
  if (left) throw fail(lineOf(left.pos[0]), left.message);
  return first!;
}

function refuseLarge(file: string): void {
  let size: number;
  try {
    size = refuseSpecialFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return; // whoever reads it says so
    throw error;
  }
  if (size > MOST_BYTES) throw tooLarge({ file }, size);
}

function tooLarge(place: InputPlace, bytes: number): Error {
  return badInput(place, `${bytes} bytes of YAML`, `at most ${MOST_BYTES}`);
}
