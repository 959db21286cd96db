import { badInput } from "../../../support/errors.ts";
import type { StepCodec } from "./codec.ts";

/*
 * Residuals in steps: every value is the nearest multiple of a width (a uniform quantiser with an entropy code comes within 0.25 bits a
 * value of what is possible: Gish and Pierce, 1968). Most are 0; a passage's residuals, one token's dimensions behind the other's, are a
 * list of steps up or down. A step is its distance from the one before (0: one more in the same place) in Rice's code, bits from
 * the lowest of each byte upwards: `distance >> rice` zeros, a one, `rice` bits; then a bit, 1 for down. A step that lies behind the
 * last place ends the list. `Loops.step_scores` reads it.
 */

/** How many steps a value is, negative for down; halves away from 0. */
function stepsOf(value: number, width: number): number {
  const steps = Math.floor(Math.abs(value) / width + 0.5);
  return value < 0 ? -steps : steps;
}

/** Calls `see` with the distance and direction of each step of some values, and with that of the end, which has none. */
function forEachStep(values: Float32Array, width: number, see: (distance: number, down: number | null) => void): void {
  let last = 0;
  for (let place = 0; place < values.length; place++) {
    const steps = stepsOf(values[place], width);
    for (let i = Math.abs(steps); i > 0; i--) {
      see(place - last, steps < 0 ? 1 : 0);
      last = place;
    }
  }
  see(values.length - last, null);
}

/** Low bits of a distance, at most. */
export const MOST_RICE = 15;

/** The parameter with which the list of some values is shortest. */
export function bestRice(values: Float32Array, width: number): number {
  const bits = new Float64Array(MOST_RICE + 1);
  forEachStep(values, width, (distance) => {
    for (let rice = 0; rice < bits.length; rice++) bits[rice] += (distance >>> rice) + rice;
  });
  return bits.indexOf(Math.min(...bits));
}

/** Bits of a list that has not been written yet. */
export interface StepWriter {
  /** Adds a passage's residuals, float32 `[tokens · dim]`; what they are rounded to takes their place. Gives the bytes of its list. */
  add(values: Float32Array): number;
  /** All lists, one behind the other. */
  bytes(): Uint8Array<ArrayBuffer>;
}

/** Writes lists of steps. */
export function openStepWriter({ width, rice }: Pick<StepCodec, "width" | "rice">): StepWriter {
  let out = new Uint8Array(1 << 16);
  let end = 0;
  return {
    add(values) {
      let bit = 0; // of this list
      forEachStep(values, width, (distance, down) => {
        const most = end + Math.ceil((bit + (distance >>> rice) + rice + 2) / 8);
        if (most > out.length) {
          const more = new Uint8Array(2 * most);
          more.set(out);
          out = more;
        }
        bit += distance >>> rice;
        out[end + (bit >>> 3)] |= 1 << (bit & 7);
        bit++;
        for (let i = 0; i < rice; i++, bit++) out[end + (bit >>> 3)] |= ((distance >>> i) & 1) << (bit & 7);
        if (down === null) return;
        out[end + (bit >>> 3)] |= down << (bit & 7);
        bit++;
      });
      for (let i = 0; i < values.length; i++) values[i] = stepsOf(values[i], width) * width;
      const size = Math.ceil(bit / 8);
      end += size;
      return size;
    },
    bytes: () => out.slice(0, end),
  };
}

/**
 * Reads a list again, slowly: float32 `[count]`.
 *
 * @throws {LatebenchError} for a list that is cut off
 */
export function readSteps(
  list: Uint8Array,
  count: number,
  { width, rice }: Pick<StepCodec, "width" | "rice">,
): Float32Array {
  const values = new Float32Array(count);
  let bit = 0;
  const next = () => {
    if (bit >= 8 * list.length) {
      throw badInput("residuals", "a list of steps that is cut off", "a passage's whole list");
    }
    return (list[bit >>> 3] >> (bit++ & 7)) & 1;
  };
  for (let place = 0;;) {
    while (next() === 0) place += 2 ** rice;
    for (let i = 0; i < rice; i++) place += next() * 2 ** i;
    if (place >= count) return values;
    values[place] += next() ? -width : width;
  }
}
