import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { encodeList } from "../../backends/plaid/index/gaps.ts";
import { SCRATCH } from "../../kernels/loops.ts";
import { halfBits, randomValues, withBuilds } from "./builds.ts";

/** Lists of every kind of damage, one behind the other, and the eight bytes that follow the last one. */
function damagedLists(seed: number) {
  const random = randomValues(seed);
  const upTo = (most: number) => Math.floor((random() + 1) / 2 * most);
  const lists = Array.from({ length: 200 }, (_, i) => {
    const list = encodeList(Int32Array.from({ length: 1 + upTo(30) }, () => upTo(400)).sort());
    switch (i % 8) {
      case 0: // whatever
        return Uint8Array.from({ length: upTo(40) }, () => upTo(256));
      case 1: // zeros without an end
        return new Uint8Array(upTo(60)).fill(i % 16 === 1 ? 0 : 3, 0, 2);
      case 2: // a parameter beyond what shifts can do
        return list.with(0, 26 + upTo(230));
      case 3: // more numbers than there are
        return Uint8Array.of(list[0], 255, 255, 255, 255, 127, ...list.subarray(2));
      case 4: // a count without an end
        return Uint8Array.of(list[0], ...new Array(upTo(20)).fill(255));
      case 5: // cut off
        return list.subarray(0, upTo(list.length));
      case 6: // a bit is another
        return list.with(upTo(list.length), upTo(256));
      default:
        return list;
    }
  });
  const starts = new Float64Array(lists.length);
  lists.forEach(({ length }, i) => i + 1 < lists.length && (starts[i + 1] = starts[i] + length));
  const ends = starts.map((start, i) => start + lists[i].length);
  const bytes = new Uint8Array(ends[lists.length - 1] + 8);
  lists.forEach((list, i) => bytes.set(list, starts[i]));
  return { lists, bytes, starts, ends, upTo };
}

Deno.test("lists of numbers that are damaged in any way: every build stops at their ends, and sets the same bits below the limit", async () => {
  for (let seed = 1; seed <= 5; seed++) {
    const { lists, bytes, starts, ends, upTo } = damagedLists(seed);
    const limits = Array.from(lists, () => 1 + upTo(420));
    let broken = 0;
    await withBuilds<[Uint32Array, number][]>(({ loops, name }, expected) => {
      const found = lists.map((_, i): [Uint32Array, number] => {
        const words = Math.ceil(limits[i] / 32);
        const out = new Uint32Array(words + 64).fill(7);
        const first = Int32Array.of(-1);
        loops.mark_lists(
          bytes,
          starts.subarray(i),
          ends.subarray(i),
          1,
          limits[i],
          words,
          out.subarray(0, words),
          first,
        );
        deepStrictEqual([...new Set(out.subarray(words))], [7], `${name}: written beyond the limit`);
        const beyond = limits[i] % 32 === 0 ? 0 : out[words - 1] >>> limits[i] % 32;
        strictEqual(beyond, 0, `${name}: a bit beyond ${limits[i]}`);
        return [out.slice(0, words), first[0]];
      });
      if (expected) found.forEach((one, i) => deepStrictEqual(one, expected[i], `${name}, seed ${seed}, list ${i}`));
      broken = found.filter(([, first]) => first === 1).length;
      return found;
    });
    strictEqual(broken > 100 && broken < 190, true, `${broken} of 200 lists are broken`);
  }
});

Deno.test("the place of a broken list is told, and those before it are marked", async () => {
  const good = encodeList(Int32Array.of(1, 5, 9));
  const bytes = Uint8Array.of(...good, ...good.with(1, 90), 0, 0, 0, 0, 0, 0, 0, 0);
  await withBuilds(({ loops, name }) => {
    const out = new Uint32Array(1);
    const broken = new Int32Array(1);
    const starts = Float64Array.of(0, good.length);
    loops.mark_lists(bytes, starts, starts.map((start) => start + good.length), 2, 10, 1, out, broken);
    deepStrictEqual([out[0] & 0b1000100010, broken[0]], [0b1000100010, 2], name);
  });
});

Deno.test("residuals in steps that are damaged in any way: every build stops at their ends, and gives NaN for what is cut off", async () => {
  const dim = 16;
  for (const columns of [3, 32]) {
    const { lists, bytes, starts: residualStarts, ends: residualEnds, upTo } = damagedLists(columns);
    const lengths = Int32Array.from(lists, (_, i) => i % 9 === 4 ? 0 : 1 + upTo(4));
    const starts = new Float64Array(lists.length);
    lengths.forEach((length, i) => i + 1 < lists.length && (starts[i + 1] = starts[i] + length));
    const tokens = lengths.reduce((sum, length) => sum + length, 0);
    for (const rice of [0, 1, 3, 15]) {
      let cutOff = 0;
      await withBuilds<number[]>((kernel, expected) => {
        const stride = Math.ceil(columns / kernel.lanes) * kernel.lanes;
        const table = new Float32Array(4 * stride).fill(1);
        const steps = Float32Array.from({ length: 2 * dim * stride }, (_, i) => {
          return (Math.floor(i / stride) % 2 === 0 ? 1 : -1) * (1 + Math.floor(i / stride / 2)) / 8;
        });
        const out = new Float32Array(lists.length);
        const scratch = new Float32Array(SCRATCH.codes(stride));
        const norms = new Uint8Array(tokens);
        const normValues = new Float32Array(256).fill(0.5);
        const codes = Uint8Array.from({ length: tokens }, (_, token) => token % 4);
        const stored = [codes, 1, bytes, residualStarts, residualEnds, norms, normValues] as const;
        const { step_scores } = kernel.loops;
        step_scores(table, stride, columns, steps, dim, rice, ...stored, starts, lengths, lists.length, scratch, out);
        // Sums of many steps are rounded in another order.
        if (expected) {
          out.forEach((score, i) => {
            const near = Math.abs(score - expected[i]) <= 1e-3 * Math.max(1, Math.abs(expected[i]));
            strictEqual(Object.is(score, expected[i]) || near, true, `${kernel.name}, ${i}: ${score}, ${expected[i]}`);
          });
        }
        cutOff = out.filter(Number.isNaN).length;
        return [...out];
      });
      strictEqual(cutOff > 5 && cutOff < 195, true, `${cutOff} of 200 passages are cut off`);
    }
  }
});

Deno.test("the largest code and the largest magnitude are found wherever they are", async () => {
  const random = randomValues(9);
  await withBuilds(({ loops, name }) => {
    for (const [bytes, largest] of [[1, 255], [2, 65_535], [2, 40_000], [3, 2 ** 24 - 1], [4, 2 ** 32 - 1]]) {
      for (const count of [1, 7, 8, 9, 63, 64, 65, 1000]) {
        for (const at of new Set([0, count - 1, count >> 1])) {
          const codes = new Uint8Array(count * bytes);
          for (let byte = 0, rest = largest; byte < bytes; byte++, rest = Math.floor(rest / 256)) {
            codes[at * bytes + byte] = rest % 256;
          }
          const out = Uint32Array.of(7);
          loops.largest_code(codes, bytes, count, out);
          strictEqual(out[0], largest, `${name}: ${bytes} bytes, ${at} of ${count}`);
        }
      }
    }
    const none = Uint32Array.of(7);
    loops.largest_code(new Uint8Array(8), 2, 0, none);
    strictEqual(none[0], 0, name);
    for (const value of [2, -3, 65_504, Infinity, -Infinity, NaN, -NaN]) {
      for (const at of [0, 17, 99]) {
        const values = Float32Array.from({ length: 100 }, random);
        values[at] = value;
        const expected = Number.isNaN(value) ? Infinity : Math.abs(value);
        for (const rows of [values, halfBits(values)]) {
          const out = Float32Array.of(7);
          loops.largest_value(rows, rows instanceof Uint16Array ? 1 : 0, 100, out);
          strictEqual(out[0], expected, `${name}: ${value} at ${at}`);
        }
      }
    }
  });
});
