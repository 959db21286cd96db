import type { BackendContext } from "../../../backends/backend.ts";
import { openPassageTexts } from "../../../backends/passage_texts.ts";
import { BACKENDS } from "../../../backends/registry.ts";
import { parseSpec } from "../../../backends/spec.ts";
import { chooseKernel } from "../../../kernels/choose.ts";
import { LatebenchError } from "../../../support/errors.ts";
import { fakeMatrix } from "../../fixtures/fake_encoder.ts";

/** What one folder has come to; `begun` is written first, so that a process that dies tells where. */
export type Outcome =
  | { readonly begun: string }
  | {
    readonly name: string;
    readonly outcome: "answer" | "line" | "trace";
    readonly told: string;
    readonly ms: number;
    readonly mib: number;
  };

interface Job {
  readonly spec: string;
  readonly store: string;
  readonly folders: readonly { readonly name: string; readonly path: string }[];
}

const QUERIES = ["alpha common", "omega theta rare", "beta gamma"];

if (import.meta.main) {
  const job: Job = JSON.parse(Deno.readTextFileSync(Deno.args[0]));
  const { choice: kernel } = await chooseKernel("auto", job.store);
  const context: BackendContext = {
    threads: 1,
    kernel,
    store: job.store,
    quiet: true,
    open: (spec, folder, own) => {
      const { backend, options } = parseSpec(spec, BACKENDS);
      return backend.open(folder, options, own);
    },
  };
  for (const { name, path } of job.folders) {
    tell({ begun: name });
    const started = performance.now();
    let result: Pick<Extract<Outcome, { outcome: unknown }>, "outcome" | "told">;
    try {
      result = { outcome: "answer", told: await ask(job.spec, path, context) };
    } catch (error) {
      const told = (error as Error).message;
      const line = error instanceof LatebenchError && !told.includes("\n");
      result = { outcome: line ? "line" : "trace", told: line ? told : String((error as Error).stack) };
    }
    const mib = Math.round(Deno.memoryUsage().rss / 2 ** 20);
    tell({ name, ...result, ms: Math.round(performance.now() - started), mib });
  }
  Deno.exit(0);
}

async function ask(spec: string, folder: string, context: BackendContext): Promise<string> {
  if (spec === "texts") {
    const texts = openPassageTexts(folder);
    return texts.read(Array.from({ length: texts.passages }, (_, number) => texts.id(number))).texts.join(" ");
  }
  const { backend, options } = parseSpec(spec, BACKENDS);
  await using index = await backend.open(folder, options, context);
  const found: string[] = [];
  for (const text of QUERIES) {
    const query = { id: "q", text, matrix: fakeMatrix(text) };
    const { ids, scores } = await index.search(query, 20);
    found.push(ids.map((id, i) => `${id} ${scores[i]}`).join(", "));
    await index.rerank(query, ids);
  }
  index.footprint();
  return found.join("; ");
}

function tell(outcome: Outcome): void {
  console.log(JSON.stringify(outcome));
}
