/** Words that are no whole number from 1. */
export const NO_COUNTS = [
  ...[
    "",
    " ",
    "0",
    "-1",
    "1.5",
    "abc",
    "1e3",
    "0x10",
    "NaN",
    "Infinity",
    "٣",
    "constructor",
    "__proto__",
    "1 2",
    "1,2",
    "01x",
  ],
] as const;

/** Whole numbers that nothing has so many of. */
export const HUGE_COUNTS = ["9007199254740993", "99999999999999999999", "1".repeat(400)] as const;

/** Words that no list of known names has. */
export const NO_NAMES = [
  ...[
    "",
    " ",
    "nope",
    "constructor",
    "toString",
    "valueOf",
    "__proto__",
    "hasOwnProperty",
    "../../etc",
    "a\tb",
    "a\nb",
  ],
  ...["\u001b[31mred", "\ud800", "💥", "x".repeat(5000), "%s%n", "$(touch pwned)", "`id`", ";", "null", "undefined"],
] as const;

/** Paths that are no files with something to read in them. */
export const NO_FILES = [
  ...[
    "",
    " ",
    "absent",
    "absent/below",
    "../odd/folder",
    "../odd/fifo",
    "../odd/loop-a",
    "../odd/dangling",
    "/dev/zero",
  ],
  ...["../honest/q.tsv/below", "x".repeat(255), "x".repeat(256), "y/".repeat(2500), "a\nb", "\u001b[2J", "\ud800", "."],
] as const;

/** Files with contents that are none of any format. */
export const NO_CONTENTS = ["../odd/empty", "../odd/binary", "/dev/null", "../odd/zeros.gz"] as const;

/** Paths that are no folders of any kind that a command reads. */
export const NO_FOLDERS = [
  ...[
    "",
    " ",
    "absent",
    "../honest/q.tsv",
    "../odd/fifo",
    "../odd/loop-a",
    "../odd/dangling",
    "../odd/folder",
    "/dev/null",
  ],
  ...["x".repeat(255), "x".repeat(256), "../odd/empty/below", "a\nb", "\u001b[2J", "\ud800"],
] as const;

/** Paths where no folder can be made. Never a device of the machine: whoever replaces it harms everybody. */
export const NO_PLACES = [
  "",
  "../honest/q.tsv/below",
  "../odd/fifo",
  "../odd/loop-a",
  "../odd/null",
  "x".repeat(256),
  "../odd/empty/below",
] as const;

/** SPECs of backends that are wrong. */
export const NO_SPECS = [
  ...[
    "",
    ":",
    "nope",
    "constructor",
    "toString:a=1",
    "plaid:nbits",
    "plaid:nbits=",
    "plaid:nbits=3",
    "plaid:nbits=1e9",
  ],
  ...[
    "plaid:ncells=0",
    "plaid:ncells=-1",
    "plaid:ncells=1.5",
    "plaid:ncells=NaN",
    "plaid:constructor=1",
    "plaid:__proto__=1",
  ],
  ...[
    "plaid:variant=constructor",
    "plaid:variant=",
    "plaid:nearby=2",
    "plaid:target_recall=2",
    "plaid:step=0",
    "plaid:pq=0",
  ],
  ...[
    "plaid:partitions=0",
    "plaid:partitions=1.5",
    "plaid:=1",
    "plaid:nbits=2,pq=16",
    "plaid:toString=1",
    "plaid:nbits=2;ncells=4",
  ],
  ...[
    "exhaustive:guide=x",
    "exhaustive:memory=x",
    "exhaustive:memory=",
    "bm25:k1=x",
    "bm25:b=2",
    "bm25:k1=-1",
    "bm25:b=NaN",
  ],
  ...["bm25:k1=1e999", "rerank:first=", "rerank:first=nope", "rerank:first=[bm25", "rerank:first=]", "rerank:depth=0"],
  ...[
    "rerank:neighbours=-1",
    "rerank:first=[plaid:nbits=3]",
    "fusion:method=x",
    "fusion:weight=2",
    "fusion:second=",
    "muvera:k_sim=0",
  ],
  ...[
    "muvera:r_reps=0",
    "muvera:d_proj=-4",
    "faiss-ivfpq:m=0",
    "faiss-ivfpq:engine=x",
    "faiss-ivfpq:slices=0",
    "faiss-ivfpq:sample=2",
  ],
  ...[
    "faiss-ivfpq:partitions=-1",
    "faiss-ivfpq:nprobe=0",
    "faiss-ivfpq:m=7",
    `plaid:${"[".repeat(20_000)}`,
    "x".repeat(100_000),
  ],
  ...["rerank:first=[".repeat(3000), "bm25:k1=0.9,".repeat(3000) + "q=1", "plaid:nbits=\u001b[31m", "plaid:a\nb=1"],
] as const;

/** SPECs whose numbers are larger than any machine. */
export const HUGE_SPECS = [
  ...["muvera:r_reps=1000000000", "muvera:k_sim=62", "muvera:d_proj=100000000", "muvera:k_sim=30,r_reps=1000"],
  ...[
    "plaid:partitions=1000000000",
    "plaid:partitions=9007199254740993",
    "plaid:kmeans_niters=1000000000",
    "plaid:pq=1000000",
  ],
  ...[
    "faiss-ivfpq:engine=builtin,partitions=1000000000",
    "faiss-ivfpq:engine=builtin,slices=1000000000",
    "plaid:step=1e300",
  ],
  ...["rerank:neighbours=1000000000", "rerank:neighbours=9007199254740991,adaptive=9007199254740991"],
  ...["plaid:seed=9007199254740993", "plaid:nearby=1e-300", "plaid:points_per_centroid=1000000000000"],
] as const;

/** Measures that are none. */
export const NO_MEASURES = [
  ...[
    " ",
    "nope",
    "RR@",
    "RR@0",
    "RR@-1",
    "RR@1.5",
    "RR@x",
    "constructor",
    "toString",
    "valueOf@10",
    "__proto__",
    "nDCG@1e9x",
  ],
  ...[
    "R",
    "@10",
    "RR(rel=)",
    "RR(rel=x)@10",
    "RR(rel=1",
    "RR)@10",
    "RR(foo=1)@10",
    "RR(rel=1,rel=2)@10",
    "nDCG(dcg='x')@10",
  ],
  ...["RBP(p=2)", "RBP(p=NaN)", "\u001b[31m", "P@\ud800", "(".repeat(50_000), "RR@10 RR@10 nope"],
] as const;

/** SPECs of encoders that are wrong. */
export const NO_ENCODERS = [
  ...[
    "",
    " ",
    "nope",
    "constructor",
    "builtin:",
    "builtin:dim",
    "builtin:dim=",
    "builtin:dim=0",
    "builtin:dim=-1",
    "builtin:dim=x",
  ],
  ...[
    "builtin:dim=1000000000",
    "builtin:dim=1.5",
    "builtin:nope=1",
    "builtin:pool_factor=0",
    "builtin:pool_factor=x",
    "hf:",
  ],
  ...[
    "builtin:constructor=1",
    "hf:../../x",
    "hf:a",
    "hf:a/b/c/d",
    "../odd/folder",
    "../odd/fifo",
    "../odd/loop-a",
    "../honest/q.tsv",
  ],
  ...["/dev/null", "x".repeat(256), "a\nb", "builtin:dim=64,dim=32", "builtin:pool_factor=1000000000000000000000"],
] as const;
