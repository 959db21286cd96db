import { deepStrictEqual } from "node:assert/strict";
import { tokenSpans } from "../../encoders/token_spans.ts";

/** What the spans cut out of the text. */
function cut(text: string, tokens: readonly string[]): (string | null)[] {
  return tokenSpans(text, tokens).map((span) => span && text.slice(span.start, span.end));
}

Deno.test("token spans: pieces of words, markers, and punctuation that was left out", () => {
  const tokens = ["[CLS]", "[unused1]", "ex", "##ons", "are", "parts", "[SEP]"];
  deepStrictEqual(cut("Exons: are  (parts).", tokens), [null, null, "Ex", "ons", "are", "parts", null]);
});

Deno.test("token spans: accents, case, astral characters and SentencePiece", () => {
  deepStrictEqual(cut("Éa 😀 Ça va", ["ea", "😀", "ca", "va"]), ["Éa", "😀", "Ça", "va"]);
  deepStrictEqual(cut("Hello World", ["▁Hello", "▁World"]), ["Hello", "World"]);
});

Deno.test("token spans: an unknown word is passed over, a token that is not there has none", () => {
  deepStrictEqual(cut("one ∀∀ two", ["one", "[UNK]", "two", "three"]), ["one", null, "two", null]);
});
