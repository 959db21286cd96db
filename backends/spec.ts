import { usageError } from "../support/errors.ts";
import type { Backend } from "./backend.ts";

/** A parsed `name:key=value,key=value`. */
export interface ParsedSpec<Options extends object = object> {
  readonly backend: Backend<Options>;
  readonly options: Options;
  /** The spec with only the options that were given, in a fixed order: the name of the system in results. */
  readonly label: string;
}

/**
 * Parses a backend SPEC.
 *
 * @param known the backends to choose from
 * @throws {LatebenchError} exit code 1, listing what is known, for an unknown name, an unknown key or a wrong value
 */
export function parseSpec(spec: string, known: readonly Backend[]): ParsedSpec {
  const colon = spec.indexOf(":");
  const name = colon < 0 ? spec : spec.slice(0, colon);
  const backend = known.find((candidate) => candidate.name === name);
  if (!backend) {
    throw usageError(`--backend ${spec}: unknown backend ${name}; known: ${known.map((b) => b.name).join(", ")}`);
  }
  const given: Record<string, string> = {};
  for (const pair of colon < 0 ? [] : splitPairs(spec.slice(colon + 1))) {
    const equals = pair.indexOf("=");
    const key = equals < 0 ? pair : pair.slice(0, equals);
    const keys = Object.keys(backend.options.shape);
    if (!keys.includes(key)) {
      throw usageError(`--backend ${spec}: ${name} has no option ${key}; known: ${keys.join(", ") || "none"}`);
    }
    if (equals < 0) throw usageError(`--backend ${spec}: option ${key} needs a value (${key}=…)`);
    given[key] = pair.slice(equals + 1);
  }
  const parsed = backend.options.safeParse(given);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const key = issue.path.length > 0 ? `${issue.path.join(".")}: ` : "";
    throw usageError(`--backend ${spec}: ${key}${issue.message}`);
  }
  const pairs = Object.keys(given).sort().map((key) => `${key}=${given[key]}`);
  return { backend, options: parsed.data, label: pairs.length ? `${name}:${pairs.join(",")}` : name };
}

/** A SPEC with more `key=value` pairs; those that come last hold. */
export function withSetting(spec: string, pairs: string): string {
  if (pairs === "") return spec;
  return spec.includes(":") ? `${spec},${pairs}` : `${spec}:${pairs}`;
}

/** Commas separate pairs, except inside brackets: `rerank:first=[bm25:k1=0.9,b=0.4],depth=100`. */
function splitPairs(text: string): string[] {
  const pairs: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i <= text.length; i++) {
    if (text[i] === "[") depth++;
    else if (text[i] === "]") depth--;
    else if (i === text.length || (text[i] === "," && depth === 0)) {
      if (i > start) pairs.push(text.slice(start, i));
      start = i + 1;
    }
  }
  return pairs;
}
