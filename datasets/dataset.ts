/** What a collection says of a passage besides its text. */
export type Metadata = Readonly<Record<string, unknown>>;

/** One passage of a collection. */
export interface Passage {
  readonly id: string;
  readonly text: string;
  /** Where the collection has titles; encoders and BM25 read `title | text`, as ColBERT does. */
  readonly title?: string;
  /** Where the collection has it (BEIR, and JSONL files of one's own). */
  readonly metadata?: Metadata;
}

/** One query (in TREC's word, topic). */
export interface Query {
  readonly id: string;
  readonly text: string;
}

/** Relevance grades by query id and passage id, as the judges gave them (grades may be negative). */
export type Qrels = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** One line of a ranking. */
export interface RankedPassage {
  readonly id: string;
  readonly score: number;
}

/** Rankings by query id, best first. */
export type Run = ReadonlyMap<string, readonly RankedPassage[]>;

/** A run without passages whose id is their query's. */
export function withoutOwnIds(run: Run): Run {
  return new Map([...run].map(([qid, ranking]) => [qid, ranking.filter(({ id }) => id !== qid)]));
}

/** A set of queries with their judgements, over the collection of one data set. */
export interface TopicSet {
  /** Keeps its name in every result, e.g. `trec-dl-2019`. */
  readonly name: string;
  /** The official measures of the set, in ir_measures' notation; they come first in every table. */
  readonly measures: readonly string[];
  /** All queries, in the file's order. */
  queries(): Query[];
  /** The judgements; undefined where they are not public. */
  readonly qrels?: () => Qrels;
  /** Candidates to re-rank (for instance BM25's top 1000), where the set has them. */
  readonly candidates?: {
    readonly name: string;
    /** Whether the lists are rankings; MS MARCO's official candidates are sets. */
    readonly ordered: boolean;
    read(): Run;
  };
  /** A passage whose id is the query's is left out of rankings, as BEIR does where queries are passages themselves (ArguAna, Quora). */
  readonly ignoreIdenticalIds?: boolean;
  /** Judged passages may be missing from the collection (a sample, or a corpus that lost passages). */
  readonly allowMissingPassages: boolean;
}

/** What part of a collection a sample is. */
export interface Sample {
  /** Passages that were asked for; more are kept where more are judged. */
  readonly size: number;
  /** Passages of the whole collection. */
  readonly of: number;
  /** Judged passages, all of which were kept. */
  readonly judged: number;
  readonly seed: number;
}

/** A collection of passages with topic sets over it. */
export interface Dataset {
  /** Short name, unique among the data sets of a run, e.g. `msmarco-dl19`. */
  readonly name: string;
  /** One line for people. */
  readonly title: string;
  /** Under which terms the data may be used. */
  readonly licence: string;
  readonly topics: readonly TopicSet[];
  /** Set where only a part of the collection is searched. */
  readonly sample?: Sample;
  /** What BM25 should use on this collection unless told otherwise. */
  readonly bm25: { readonly k1: number; readonly b: number };
  /** Streams the collection in its own order, which is the passage order that breaks ties. */
  passages(): Iterable<Passage>;
  /** SHA-256 over the collection file's bytes and the settings with which it is read. */
  contentHash(): string;
}

/** The text of a passage that has none: it keeps its place in the collection, and nothing finds it. */
export const BLANK = " ";

/** The text that is encoded and indexed: `title | text`, or the one that there is (ColBERT v1 and v2 do the same). */
export function passageText(passage: Passage): string {
  if (!passage.title) return passage.text;
  return passage.text.trim() === "" ? passage.title : `${passage.title} | ${passage.text}`;
}
