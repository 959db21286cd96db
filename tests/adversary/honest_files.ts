import { encodeOutline, encodeParagraph, frameItems } from "../../datasets/formats/trec_car_write.ts";
import { smallCollection } from "./indexes/variants.ts";

const COLLECTION = smallCollection(24);
const QUERIES = "q1\ttea by the river\nq2\tnumber of the bridge\nq3\tmusic\n";
const QRELS = "q1 0 p1 1\nq1 0 p5 2\nq2 0 p7 1\nq3 0 p8 1\n";

const DESCRIPTION = `name: small
collection: { file: c.tsv, format: tsv }
topics:
  - name: all
    queries: { file: q.tsv, format: tsv }
    qrels: { file: qrels, format: trec }
    measures: ["RR@10", "nDCG@10"]
`;

const JSONL = COLLECTION.trim().split("\n").map((line) => {
  const [id, text] = line.split("\t");
  return JSON.stringify({ _id: id, text, title: "", metadata: { year: id.length } });
}).join("\n") + "\n";

const SGML = "<DOC>\n<DOCNO>p1</DOCNO>\n<TITLE>Tea</TITLE>\n<TEXT>\nhot water\n</TEXT>\n</DOC>\n" +
  "<DOC>\n<DOCNO>p2</DOCNO>\ncold water\n</DOC>\n";
const SMART = ".I 1\n.T\ntea\n.W\nhot water\n.I 2\n.T\nriver\n.W\ncold water\n";

/** Sound inputs in every format, by name. */
export const SMALL: Readonly<Record<string, string>> = {
  "c.tsv": COLLECTION,
  "more.tsv": smallCollection(3, 24),
  "c.jsonl": JSONL,
  "c.sgml": SGML,
  "c.smart": SMART,
  "q.tsv": QUERIES,
  "q.jsonl": '{"_id": "q1", "text": "tea by the river"}\n{"_id": "q2", "text": "bridge"}\n',
  "q.sgml": "<top>\n<num> Number: 1\n<title> tea\n</top>\n",
  "q.smart": ".I 1\n.W\nwhat tea\n",
  qrels: QRELS,
  "qrels.beir": "query-id\tcorpus-id\tscore\nq1\tp1\t1\nq2\tp7\t1\n",
  "qas.jsonl": '{"qid": 1, "query": "tea", "url": "", "answer_pids": [1, 2]}\n',
  "run.trec": "q1 Q0 p1 1 3.5 t\nq1 Q0 p2 2 2.5 t\nq2 Q0 p7 1 1.5 t\nq3 Q0 p1 1 1 t\n",
  "run.msmarco": "q1\tp1\t1\nq1\tp2\t2\nq2\tp7\t1\n",
  "run.colbert": "q1\tp1\t1\t3.5\nq2\tp7\t1\t2\n",
  "run.json": '{"q1": {"p1": 3.5, "p2": 2.5}, "q2": {"p7": 1.5}}',
  "topk.tsv": "q1\tp1\nq1\tp2\nq2\tp7\n",
  "ids.txt": "p1\np2\n",
  "data/dataset.yaml": DESCRIPTION,
  "data/c.tsv": COLLECTION,
  "data/q.tsv": QUERIES,
  "data/qrels": QRELS,
  "docs/tea.md":
    "# Tea\n\nTea is made of leaves and hot water in a pot.\n\n## Brewing\n\nThe water must be hot and the pot warm.\n",
  "docs/river.html":
    "<html><body><h1>River</h1><p>Rivers carry cold water down to the sea.</p><h2>Bridge</h2><p>Bridges cross rivers on arches of stone.</p></body></html>",
  "config.yaml": `datasets: [../honest/data]
backends: [bm25]
options: { k: 10, latency: "off" }
expect:
  - { cells: "*", figure: RR@10, at_least: 0 }
`,
};

/** A collection and topics as TREC CAR has them. */
export function carFiles(): Record<string, Uint8Array> {
  const paragraphs = ["hot water", "[[Tea]] leaves in a pot", "cold rivers"].map((text) => encodeParagraph(text));
  const page = {
    ...{ heading: "Tea", paragraphs: [] },
    children: [{ heading: "Brewing", paragraphs: ["hot water"], children: [] }],
  };
  return {
    "c.cbor": joined(frameItems(paragraphs, { version: 2, fileType: 2, creator: "test" })),
    "q.cbor": joined(frameItems([encodeOutline(page)], { version: 1 })),
  };
}

const joined = (parts: Iterable<Uint8Array>) => new Uint8Array([...parts].flatMap((part) => [...part]));
