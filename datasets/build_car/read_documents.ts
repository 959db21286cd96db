import { badInput } from "../../support/errors.ts";
import { limitHint, limits } from "../../support/limits.ts";
import { untilStalled } from "../../support/stall.ts";
import { openWorkerPool } from "../../support/worker_pool.ts";
import type { CarSection } from "../formats/trec_car_write.ts";

const MIB = 2 ** 20;

/**
 * Reads documents, one after the other, on a thread of its own: parsers of Markdown take time with the square of what some texts
 * are long, and can be given up only there.
 *
 * @throws {LatebenchError} as {@link readDocument} does, and for a document that takes too long (`support/limits.ts`)
 */
export async function readDocuments(files: readonly string[]): Promise<CarSection[]> {
  const url = new URL("./document_worker.ts", import.meta.url);
  const pool = await openWorkerPool<string | null, CarSection | null>(url, 1, null);
  try {
    const pages: CarSection[] = [];
    for (const file of files) {
      const seconds = limits().text_seconds + Deno.statSync(file).size / MIB;
      const slow = () => {
        const found = `a document that takes more than ${Math.round(seconds)} s`;
        return badInput(file, found, `less (${limitHint("text_seconds")})`);
      };
      const page = await untilStalled(seconds, slow, () => pool.run(file));
      if (page !== null) pages.push(page);
    }
    return pages;
  } finally {
    pool.close();
  }
}
