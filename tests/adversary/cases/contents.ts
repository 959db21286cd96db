import { gzipSync } from "node:zlib";

const text = (content: string) => new TextEncoder().encode(content);

/** Contents that are hostile to every reader of lines, by what they are. */
export function hostileContents(sound: Uint8Array): Readonly<Record<string, Uint8Array>> {
  const gz = gzipSync(sound);
  return {
    "nothing": text(""),
    "a line break": text("\n"),
    "blank lines": text("\n \n\t\n\n"),
    "NULs": new Uint8Array(1000),
    "a mark and nothing": text("\ufeff"),
    "a mark before it": joined(text("\ufeff"), sound),
    "UTF-16": joined(Uint8Array.of(0xff, 0xfe), ...[...sound].map((byte) => Uint8Array.of(byte, 0))),
    "carriage returns": text(new TextDecoder().decode(sound).replaceAll("\n", "\r")),
    "CRLF": text(new TextDecoder().decode(sound).replaceAll("\n", "\r\n")),
    "Latin-1": joined(sound, Uint8Array.of(0xe9, 0x20, 0xe8, 0x0a)),
    "bytes that are no UTF-8": joined(sound, Uint8Array.of(0xc0, 0x80, 0xed, 0xa0, 0x80, 0xf8, 0xff, 0x0a)),
    "terminal commands": text("\u001b[2J\u001b]0;pwned\u0007 Q0 p1 1 1 t\n"),
    "one long word": text("x".repeat(3_000_000)),
    "many columns": text("a\t".repeat(200_000) + "\n"),
    "many blanks": text(" ".repeat(300_000) + "x\n"),
    "names of the prototype": text("__proto__ 0 constructor 1\nconstructor Q0 toString 1 1 t\n__proto__\tvalueOf\t1\n"),
    "angles": text("<".repeat(100_000)),
    "brackets": text("[".repeat(100_000)),
    "braces": text('{"a":'.repeat(50_000)),
    "open quote": text('"'.repeat(99_999)),
    "numbers without end": text(`q1 0 p1 ${"9".repeat(120_000)}\n`),
    "a huge exponent": text("q1 Q0 p1 1 1e999 t\nq1 Q0 p2 2 -1e999 t\n"),
    "not a number": text("q1 Q0 p1 1 NaN t\nq1 Q0 p2 2 nan t\n"),
    "twice itself": joined(sound, sound),
    "without its end": sound.subarray(0, Math.max(1, sound.length - 7)),
    "without its first half": sound.subarray(sound.length >> 1),
    "gzip": gz,
    "half a gzip": gz.subarray(0, gz.length >> 1),
    "gzip and rubbish": joined(gz, text("rubbish")),
    "gzip twice packed": gzipSync(gz),
    "gzip with a wrong sum": gz.map((byte, i) => i === gz.length - 6 ? byte ^ 255 : byte),
    "only gzip's mark": Uint8Array.of(0x1f, 0x8b),
    "only zstd's mark": Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd),
    "a zstd bomb": zstdZeros(1 << 30),
    "a zstd bomb of lines": zstdRun(1 << 28, 10),
    "ZIP": joined(text("PK\u0003\u0004"), new Uint8Array(60)),
    "Parquet's mark": text("PAR1PAR1"),
    "a pickle": Uint8Array.of(
      0x80,
      4,
      0x95,
      0x1d,
      0,
      0,
      0,
      0,
      0,
      0,
      0,
      0x8c,
      5,
      112,
      111,
      115,
      105,
      120,
      0x94,
      0x8c,
      6,
    ),
  };
}

/** Contents that are hostile to readers of JSON and YAML. */
export function hostileTrees(): Readonly<Record<string, Uint8Array>> {
  const anchors = Array.from(
    { length: 30 },
    (_, i) => `a${i}: &a${i} [${i ? `*a${i - 1}`.concat(`, *a${i - 1}`.repeat(9)) : "1"}]`,
  );
  const contents: Record<string, string> = {
    "null": "null",
    "a number": "1e999",
    "a text": '"text"',
    "a list": "[]",
    "an object": "{}",
    "the prototype": '{"__proto__": {"a": 1}, "constructor": {"prototype": {}}}',
    "a lone surrogate": '{"name": "\\ud800", "id": "\\udfff", "_id": "\\ud800", "text": "\\udc00"}',
    "a key twice": '{"name": "a", "name": "b"}',
    "a NUL in it": '{"name": "a\\u0000b"}',
    "a comment": "{} // comment",
    "a trailing comma": '{"a": 1,}',
    "NaN": '{"a": NaN, "b": Infinity}',
    "1e999": '{"q1": {"p1": 1e999}, "_id": 1e999}',
    "deep lists": "[".repeat(60_000) + "]".repeat(60_000),
    "deep objects": '{"a":'.repeat(60_000) + "1" + "}".repeat(60_000),
    "deep YAML": Array.from({ length: 2000 }, (_, i) => " ".repeat(i) + "a:").join("\n"),
    "aliases of aliases": anchors.join("\n") + "\n",
    "an alias of nothing": "name: *nobody\n",
    "an alias of itself": "name: &a [*a]\n",
    "a merge of itself": "a: &a\n  <<: *a\n",
    "a tag": "name: !!js/function 'function () {}'\n",
    "a binary tag": "name: !!binary aGVsbG8=\n",
    "two documents": "name: a\n---\nname: b\n",
    "a tab": "name:\n\t- a\n",
    "a huge key": `${"k".repeat(100_000)}: 1\n`,
    "an octal number": "name: 0o17\nk: 1_000\n",
    "a date": "name: 2026-01-01\n",
  };
  return Object.fromEntries(Object.entries(contents).map(([name, content]) => [name, text(content)]));
}

/** A zstd frame of `size` zeros: each block of 128 KiB is one byte that is repeated. */
export function zstdZeros(size: number): Uint8Array {
  return zstdRun(size, 0);
}

function zstdRun(size: number, byte: number): Uint8Array {
  const block = 1 << 17;
  const blocks = Math.ceil(size / block);
  const frame = new Uint8Array(6 + 4 * blocks);
  frame.set([0x28, 0xb5, 0x2f, 0xfd, 0, 0x38]); // no size, a window of 128 KiB
  for (let i = 0; i < blocks; i++) {
    const header = (i === blocks - 1 ? 1 : 0) | (1 << 1) | (block << 3);
    frame.set([header & 255, (header >> 8) & 255, (header >> 16) & 255, byte], 6 + 4 * i);
  }
  return frame;
}

/** Parts, one after the other. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
