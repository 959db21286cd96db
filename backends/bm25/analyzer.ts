import { stemmer } from "stemmer";

/** Lucene's English stop words (`EnglishAnalyzer.ENGLISH_STOP_WORDS_SET`). */
const STOP_WORDS: ReadonlySet<string> = new Set(
  ("a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was " +
    "will with").split(" "),
);

/** Words of ASCII text by Unicode's word boundaries (UAX #29), as Lucene's StandardTokenizer finds them. */
const ASCII_WORDS =
  /[A-Za-z0-9_]+(?:(?:(?<=[A-Za-z])['.:](?=[A-Za-z])|(?<=[0-9])['.,;](?=[0-9]))[A-Za-z0-9_]+)*/g;

/** Longer words are cut into pieces of this length, as Lucene does. */
const MAX_WORD = 255;

/**
 * Turns text into index terms as Anserini's default (Lucene's EnglishAnalyzer with Porter's stemmer) does: word boundaries by
 * UAX #29, possessive `'s` removed, lower case, stop words dropped, Porter's stemmer.
 */
export function analyze(text: string): string[] {
  const terms: string[] = [];
  for (const word of splitWords(text)) {
    const lower = word.replace(/['’＇][sS]$/, "").toLowerCase();
    if (lower !== "" && !STOP_WORDS.has(lower)) terms.push(stem(lower));
  }
  return terms;
}

function splitWords(text: string): string[] {
  const words = isAscii(text) ? text.match(ASCII_WORDS)?.filter(hasLetterOrDigit) ?? [] : segment(text);
  return words.some((word) => word.length > MAX_WORD) ? words.flatMap(cut) : words;
}

function segment(text: string): string[] {
  const segmenter = new Intl.Segmenter("en", { granularity: "word" });
  return Array.from(segmenter.segment(text)).filter(({ isWordLike }) => isWordLike).map(({ segment }) => segment);
}

function isAscii(text: string): boolean {
  // deno-lint-ignore no-control-regex
  return /^[\x00-\x7f]*$/.test(text);
}

function hasLetterOrDigit(word: string): boolean {
  return /[A-Za-z0-9]/.test(word);
}

function cut(word: string): string[] {
  return word.match(new RegExp(`.{1,${MAX_WORD}}`, "gsu")) ?? [];
}

/** Porter's algorithm is defined for English letters; other words stay as they are. */
function stem(word: string): string {
  return /^[a-z]{3,}$/.test(word) ? stemmer(word) : word;
}
