import { badInput, type InputPlace } from "../../../support/errors.ts";

/** What may be wrong with a row of a run or qrels file. */
export type FaultKind =
  | "malformed row"
  | "bad score"
  | "bad rank"
  | "rank order"
  | "duplicate passage"
  | "judged twice"
  | "unknown topic";

/** One thing wrong in a file. */
export interface Fault {
  readonly kind: FaultKind;
  readonly place: InputPlace;
  readonly found: string;
  readonly expected: string;
}

/** Faults of one kind. */
export interface FaultCount {
  readonly kind: FaultKind;
  readonly count: number;
  readonly first: Fault;
}

/**
 * Where readers put what is wrong, to go on without the row. A row whose rank is out of order is kept: only its rank is not believed.
 */
export class FaultLog {
  readonly #counts = new Map<FaultKind, { readonly kind: FaultKind; count: number; readonly first: Fault }>();

  add(fault: Fault): void {
    const known = this.#counts.get(fault.kind);
    if (known) known.count++;
    else this.#counts.set(fault.kind, { kind: fault.kind, count: 1, first: fault });
  }

  /** Forgets all: a reader that has to begin again meets the same faults again. */
  clear(): void {
    this.#counts.clear();
  }

  /** By kind, in the order in which they were first met. */
  counts(): FaultCount[] {
    return [...this.#counts.values()];
  }
}

/** Puts a fault into the log or, without one, throws it: strict is the default everywhere. */
export function reportFault(log: FaultLog | undefined, fault: Fault): void {
  if (!log) throw badInput(fault.place, fault.found, fault.expected);
  log.add(fault);
}

/** What was done about faults of one kind, in one line. */
export function describeFaults({ kind, count, first }: FaultCount): string {
  const what = kind === "rank order" ? "ranks not believed" : "rows dropped";
  const { message } = badInput(first.place, first.found, first.expected);
  return `${kind}: ${count} ${what}; the first: ${message}`;
}
