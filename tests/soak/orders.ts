import type { Passage } from "../../datasets/dataset.ts";

/** What the writer is told to do. */
export type Order = Change | { readonly verb: "compact" | "rebuild" };

interface Change {
  readonly verb: "add" | "upsert" | "delete";
  readonly added: readonly Passage[];
  readonly removed: readonly string[];
}

/** What a passage collection is after an order was carried out. */
export function carryOut(passages: readonly Passage[], order: Order): readonly Passage[] {
  if (!("added" in order)) return passages;
  const going = new Set([...order.removed, ...order.added.map(({ id }) => id)]);
  return [...passages.filter(({ id }) => !going.has(id)), ...order.added];
}
