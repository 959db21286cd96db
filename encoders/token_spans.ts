/** Where a token stands in its text: UTF-16 code units, the end excluded. */
export interface TokenSpan {
  readonly start: number;
  readonly end: number;
}

/**
 * Where the tokens of a text stand in it, in their order; null for those that are no part of it (`[CLS]`, markers, `[UNK]`). Case and
 * accents do not count, since tokenizers drop them; `##` and `▁` are what WordPiece and SentencePiece write into tokens. Tokens that
 * an encoder leaves out leave gaps.
 */
export function tokenSpans(text: string, tokens: readonly string[]): (TokenSpan | null)[] {
  const { letters, places } = plain(text);
  let at = 0;
  return tokens.map((token) => {
    const piece = plain(token.replace(/^##|^▁/, "")).letters;
    if (piece === "" || /^\[.+\]$/.test(token)) return null;
    const found = letters.indexOf(piece, at);
    if (found < 0) return null;
    at = found + piece.length;
    const [start] = places[found];
    const [, end] = places[at - 1];
    return { start, end };
  });
}

/** A text without case, accents and white space, and for each of its letters where that stands in the text. */
function plain(text: string): { readonly letters: string; readonly places: readonly (readonly [number, number])[] } {
  const letters: string[] = [];
  const places: [number, number][] = [];
  let start = 0;
  for (const character of text) {
    const end = start + character.length;
    const kept = character.toLowerCase().normalize("NFD").replace(/[\p{M}\s\p{C}]/gu, "");
    for (let i = 0; i < kept.length; i++) {
      letters.push(kept[i]);
      places.push([start, end]);
    }
    start = end;
  }
  return { letters: letters.join(""), places };
}
