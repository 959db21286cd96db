import { join } from "node:path";
import { openSnapshot } from "../../backends/living/snapshot.ts";
import { liveIds, livePassages } from "../../backends/living/texts.ts";
import type { ForeignIndex } from "../../backends/plaid/foreign/foreign_index.ts";
import { checkLists } from "../../backends/plaid/foreign/lists.ts";
import { isForeign, openForeign } from "../../backends/plaid/foreign/open.ts";
import { HEADER, readPlaidHeader } from "../../backends/plaid/index/format.ts";
import { type IndexCheck, plaidChecks } from "../../backends/plaid/verify_index.ts";
import { BACKENDS } from "../../backends/registry.ts";
import { parseSpec } from "../../backends/spec.ts";
import { chooseKernel } from "../../kernels/choose.ts";
import { badInput, LatebenchError } from "../../support/errors.ts";
import { isFile } from "../../support/paths.ts";
import { openBySpec } from "../eval/setup.ts";

/** Looks at one thing and prints what came of it; tells whether all is well. What `run` returns is printed, too. */
type Check = (name: string, run: () => unknown) => Promise<boolean>;

/**
 * Verifies an index of any kind that latebench reads, and prints a line for everything that was looked at.
 *
 * @returns whether all is well
 */
export async function verifyIndex(folder: string, store: string): Promise<boolean> {
  let well = true;
  const check: Check = async (name, run) => {
    try {
      const told = await run();
      console.log(`ok        ${name}${typeof told === "string" ? `: ${told}` : ""}`);
      return true;
    } catch (error) {
      if (!(error instanceof LatebenchError || error instanceof RangeError)) throw error;
      console.log(`fault     ${name}: ${error.message}`);
      return well = false;
    }
  };
  if (isForeign(folder)) await verifyForeign(folder, check);
  else if (isFile(join(folder, HEADER))) await verifyPlaid(folder, check);
  else if (isFile(join(folder, "search.json"))) await verifyLiving(folder, store, check);
  else throw badInput(folder, "none of an index's files", "an index of latebench, ColBERT, fast-plaid or next-plaid");
  return well;
}

async function verifyForeign(folder: string, check: Check): Promise<void> {
  let index: ForeignIndex | undefined;
  await check("files fit together, and hold numbers", async () => {
    index = await openForeign(folder);
    return `${index.format}, ${sizeOf(index, `${index.nbits} bits`)}`;
  });
  if (index) {
    await check("codes name centroids, and lists the passages whose codes name them", () => checkLists(index!));
  }
}

async function verifyPlaid(folder: string, check: Check): Promise<void> {
  let checks: readonly IndexCheck[] = [];
  await check("format", () => {
    const header = readPlaidHeader(folder);
    const { nbits, pq, step } = header.settings;
    checks = plaidChecks(folder);
    const residuals = pq === undefined ? `steps of ${step} mean |residual|s` : `${pq} bytes by product quantisation`;
    return `latebench, ${sizeOf(header, nbits === undefined ? residuals : `${nbits} bits`)}`;
  });
  for (const { name, run } of checks) await check(name, run);
}

async function verifyLiving(folder: string, store: string, check: Check): Promise<void> {
  using snapshot = openSnapshot(folder);
  const { backend, generation } = snapshot.manifest;
  console.log(`ok        ${backend}, generation ${generation}`);
  const spec = parseSpec(backend, BACKENDS);
  if (spec.backend.name === "plaid") await verifyPlaid(snapshot.index, check);
  await check("opens, and has as many passages as texts", async () => {
    const { choice: kernel } = await chooseKernel("auto", store);
    const context = {
      threads: 1,
      kernel,
      store,
      quiet: true,
      ownFilesOnly: true,
      verify: "always",
      open: openBySpec,
    } as const;
    await using index = await spec.backend.open(snapshot.index, spec.options, context);
    const texts = liveIds(snapshot.texts).length;
    if (texts !== index.passages) throw badInput(folder, `${texts} texts`, `${index.passages}, as many as passages`);
    return `${texts}`;
  });
  await check("texts, and what is known of them, are those that were written", () => {
    for (const _ of livePassages(snapshot.texts)); // reads and compares everything
  });
}

function sizeOf(
  { passages, tokens, dim, partitions }: Pick<ForeignIndex, "passages" | "tokens" | "dim" | "partitions">,
  residuals: string,
) {
  return `${passages} passages, ${tokens} vectors of ${dim} dimensions, ${residuals}, ${partitions} centroids`;
}
