import { stemmer } from "stemmer";

/** Lucene's English stop words (`EnglishAnalyzer.ENGLISH_STOP_WORDS_SET`). */
const STOP_WORDS: ReadonlySet<string> = new Set(
  ("a an and are as at be but by for if in into is it no not of on or such that the their then there these they this to was " +
    "will with").split(" "),
);

/**
 * Words by Unicode's default word boundaries (UAX #29), as Lucene's StandardTokenizer finds them: letters, digits, connectors
 * and marks run together; an apostrophe, full stop or colon between letters, and a comma, semicolon, apostrophe or full stop
 * between digits belong to the word; an ideograph is a word by itself. (`Intl.Segmenter` is tailored: it splits at full stops and colons.)
 */
const WORDS: RegExp = makeWordPattern();

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
  const words = (text.match(WORDS) ?? []).filter(hasLetterOrDigit);
  return words.some((word) => word.length > MAX_WORD) ? words.flatMap(cut) : words;
}

function makeWordPattern(): RegExp {
  const ideograph = String.raw`[\p{Script=Han}\p{Script=Hiragana}]`;
  const ignored = String.raw`[\p{M}\p{Cf}]*`; // marks and format characters do not part what they stand between
  const letter = String.raw`[\p{Alphabetic}--${ideograph}]`;
  const digit = String.raw`\p{Nd}`;
  const run = String.raw`[[\p{Alphabetic}\p{Nd}\p{Pc}\p{M}\p{Cf}]--${ideograph}]+`;
  const joint = (side: string, marks: string) => `(?<=${side}${ignored})[${marks}]${ignored}(?=${side})`;
  const joints = `${joint(letter, "'‘’.:·‧․﹒＇．：")}|${joint(digit, "'‘’.,;․⁄﹒＇．，；")}`;
  return new RegExp(`${ideograph}${ignored}|${run}(?:(?:${joints})${run})*`, "gv");
}

function hasLetterOrDigit(word: string): boolean {
  return /[\p{Alphabetic}\p{Nd}]/u.test(word);
}

function cut(word: string): string[] {
  return word.match(new RegExp(`.{1,${MAX_WORD}}`, "gsu")) ?? [];
}

/** Porter's algorithm is defined for English letters; other words stay as they are. */
function stem(word: string): string {
  return /^[a-z]{3,}$/.test(word) ? stemmer(word) : word;
}
