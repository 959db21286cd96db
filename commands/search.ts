import { encodeForSearch } from "../encoders/query.ts";
import type { BackendQuery, Index, PassageFilter, SearchResult } from "../backends/backend.ts";
import { openSnapshot } from "../backends/living/snapshot.ts";
import { openPassageTexts, type PassageTexts } from "../backends/passage_texts.ts";
import { BACKENDS } from "../backends/registry.ts";
import { type ParsedSpec, parseSpec, withSetting } from "../backends/spec.ts";
import { VERIFY } from "../backends/vectors/verify.ts";
import type { Encoder } from "../encoders/encoder.ts";
import { KERNELS } from "../kernels/kernel.ts";
import { badInput, quote, usageError } from "../support/errors.ts";
import { readLines } from "../support/lines.ts";
import { type Command, oneOf, parseCommandLine, positiveNumber } from "./command.ts";
import { openSetup } from "./eval/setup.ts";
import { renderMatches, renderStages, renderTrace } from "./explanation.ts";
import { checkEncoderOfIndex, encoderOfIndex } from "./index/encoder.ts";
import { parseWhere } from "./search/where.ts";
import { visibleJson, visibleText } from "../support/visible_text.ts";

/** Hits whose token matches are shown. */
const EXPLAINED = 3;
/** Characters of a passage that are shown. */
const EXCERPT = 160;

/** `deno task search`: asks an index a question. */
export const searchCommand: Command = {
  name: "search",
  summary: "search an index that deno task index built",
  usage: `--index DIR 'query text' [options]

  --index DIR      what deno task index wrote
  --k N            passages (default 10)
  --set K=V,…      options of the search, such as variant=int8,ncells=8
  --only FILE      find only these passages: one id a line
  --where COND     find only passages whose metadata says so: field=value, or !=, <, <=, >, >=; may be given several times
  --explain        show what each stage did, and which tokens match in the first ${EXPLAINED} hits
  --why PID        tell through which stage this passage was lost
  --json           print the hits as JSON
  --encoder ID|DIR default: the index's own; needed where that is a folder that no --encoder has named before
  --kernel BUILD   auto (default), ${KERNELS.join(", ")}
  --threads N      default: all cores
  --store DIR      where kernels and models are kept (default: .latebench)
  --verify WHEN    compare checksums of large files always, once for each state of a file (default), or never
  --quiet          no notes`,
  async run(args) {
    const { values, positionals } = parseCommandLine(args, {
      allowPositionals: true,
      options: {
        index: { type: "string" },
        k: { type: "string", default: "10" },
        set: { type: "string" },
        only: { type: "string" },
        where: { type: "string", multiple: true },
        explain: { type: "boolean", default: false },
        why: { type: "string" },
        json: { type: "boolean", default: false },
        encoder: { type: "string" },
        kernel: { type: "string", default: "auto" },
        threads: { type: "string", default: String(navigator.hardwareConcurrency) },
        store: { type: "string", default: ".latebench" },
        verify: { type: "string", default: "once" },
        quiet: { type: "boolean", default: false },
      },
    });
    if (values.index === undefined || positionals.length !== 1) {
      throw usageError("search: --index DIR and one query are needed");
    }
    using snapshot = openSnapshot(values.index);
    const { backend, encoder } = snapshot.manifest;
    const spec = withOptions(backend, values.set);
    const k = positiveNumber("k", values.k);
    const filter = readFilter(spec, values.only, values.where);
    await using setup = await openSetup([spec], {
      encoder: encoderOfIndex(values.index, encoder, values.encoder, values.store),
      ofIndex: true,
      kernel: oneOf("kernel", values.kernel, ["auto", ...KERNELS]),
      threads: positiveNumber("threads", values.threads),
      store: values.store,
      verify: oneOf("verify", values.verify, VERIFY),
      quiet: values.quiet,
    });
    checkEncoderOfIndex(values.index, encoder, setup.encoder?.hash);
    await using index = await spec.backend.open(snapshot.index, spec.options, setup.context);
    const texts = openPassageTexts(snapshot.texts, undefined, setup.context);
    const [text] = positionals;
    const query: BackendQuery = {
      id: "query",
      text,
      matrix: setup.encoder ? (await encodeForSearch(setup.encoder, text)).matrix : undefined,
    };
    const result = await index.search(query, k, filter);
    refuseTwice(values.index, result.ids);
    if (values.json) {
      const { stages, widened = {} } = result;
      const settings = { ...index.settings, ...index.settingsFor?.(k), kernel: setup.context.kernel.name };
      console.log(visibleJson({ hits: hitsOf(result, texts), stages, widened, settings }));
      return 0;
    }
    if (result.ids.length === 0 && !values.quiet) console.error("no passage was found");
    for (const { rank, id, score, text } of hitsOf(result, texts)) {
      console.log(`${String(rank).padStart(3)}  ${score.toFixed(4)}  ${visibleText(id)}  ${excerpt(text)}`);
    }
    for (const [name, value] of Object.entries(result.widened ?? {})) {
      console.error(`too few passages were found: ${name} was raised to ${value}`);
    }
    if (values.explain) await explain(index, query, result, texts, setup.encoder);
    if (values.why !== undefined) await tellWhy(index, query, k, values.why);
    return 0;
  },
};

/** Indexes do not compare the ids of their segments when they are opened: that takes too long. */
function refuseTwice(index: string, ids: readonly string[]): void {
  const seen = new Set<string>();
  for (const id of ids) {
    if (seen.has(id)) throw badInput(index, `passage ${quote(id)} twice among the hits`, "an index with each id once");
    seen.add(id);
  }
}

/** The index's own spec with other options for this search. */
function withOptions(label: string, set: string | undefined): ParsedSpec {
  if (set === undefined) return parseSpec(label, BACKENDS);
  const own = parseSpec(label, BACKENDS);
  const spec = parseSpec(withSetting(label, set), BACKENDS);
  for (const key of own.backend.buildOptions) {
    const [before, after] = [own, spec].map(({ options }) => (options as Record<string, unknown>)[key]);
    if (before !== after) throw usageError(`--set ${key}=${after}: the index was built with ${key}=${before}`);
  }
  return spec;
}

function readFilter(
  { backend }: ParsedSpec,
  only: string | undefined,
  where: readonly string[] | undefined,
): PassageFilter | undefined {
  if (only === undefined && where === undefined) return undefined;
  if (!backend.capabilities.filterable) throw usageError(`--only and --where: ${backend.name} has no filters`);
  return {
    ...only === undefined ? {} : { ids: Array.from(readLines(only), ({ text }) => text.trim()) },
    ...where === undefined ? {} : { where: parseWhere(where) },
  };
}

function hitsOf({ ids, scores }: SearchResult, texts: PassageTexts) {
  const found = texts.read(ids).texts;
  return ids.map((id, i) => ({ rank: i + 1, id, score: scores[i], text: found[i] }));
}

function excerpt(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return visibleText(line.length > EXCERPT ? `${line.slice(0, EXCERPT - 1)}…` : line);
}

async function explain(
  index: Index,
  query: BackendQuery,
  { ids, stages }: SearchResult,
  texts: PassageTexts,
  encoder: Encoder | null,
): Promise<void> {
  console.log(`\n${renderStages(stages)}`);
  if (!index.interactions || !encoder) return;
  for (const [i, id] of ids.slice(0, EXPLAINED).entries()) {
    const passage = encoder.tokens(texts.read([id]).texts[0], "passage");
    const products = await index.interactions(query, id);
    console.log(
      `\n${i + 1}. ${visibleText(id)}\n${renderMatches(encoder.tokens(query.text, "query"), passage, products)}`,
    );
  }
}

async function tellWhy(index: Index, query: BackendQuery, k: number, pid: string): Promise<void> {
  if (!index.trace) throw usageError("--why: this backend has no stages that lose passages");
  const [trace] = await index.trace(query, k, [pid]);
  if (!trace) throw badInput(`passage ${pid}`, "no such passage", "one of the index's");
  console.log(`\n${renderTrace(trace)}`);
}
