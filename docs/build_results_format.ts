/** Writes `results_format.md` from the schema: `deno task build:docs`. A test checks that the file is up to date. */
import { z } from "zod";
import { RESULTS_VERSION, resultsSchema } from "../eval/results/schema.ts";

const TARGET = new URL("./results_format.md", import.meta.url);

type JsonSchema = {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
};

/** The page about the results file, field by field. */
export function resultsFormatPage(): string {
  const schema = z.toJSONSchema(resultsSchema, { io: "input" }) as JsonSchema;
  const rows = fields(schema, "").map(([path, type, text]) => `| \`${path}\` | ${type} | ${text} |`);
  return `# results.json, version ${RESULTS_VERSION}

One file a run of \`deno task eval\`. Reports are made from nothing else. Made from \`eval/results/schema.ts\` by
\`deno task build:docs\`; \`[]\` stands for every item of a list, \`*\` for every key of a table.

| field | type | what it holds |
| --- | --- | --- |
${rows.join("\n")}
`;
}

function fields(schema: JsonSchema, path: string): [path: string, type: string, text: string][] {
  const inner = schema.anyOf?.find(({ type }) => type !== "null") ?? schema;
  const own: [string, string, string][] = path === "" ? [] : [[path, typeOf(schema), schema.description ?? ""]];
  const children = Object.entries(inner.properties ?? {}).flatMap(([name, child]) => {
    return fields(child, path === "" ? name : `${path}.${name}`);
  });
  const items = inner.items?.properties || inner.items?.anyOf ? fields(inner.items, `${path}[]`).slice(1) : [];
  const table = typeof inner.additionalProperties === "object" && inner.additionalProperties.properties
    ? fields(inner.additionalProperties, `${path}.*`).slice(1)
    : [];
  return [...own, ...children, ...items, ...table];
}

function typeOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" or ");
  if (schema.items) return `list of ${typeOf(schema.items)}`;
  return [schema.type ?? "any"].flat().join(" or ");
}

if (import.meta.main) Deno.writeTextFileSync(TARGET, resultsFormatPage());
