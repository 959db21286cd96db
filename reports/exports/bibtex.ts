import type { Results } from "../../eval/results/schema.ts";
import type { Source } from "../sources.ts";

/** A publication, and what in a results file makes it one that has to be cited. */
interface Reference {
  readonly key: string;
  readonly type: "inproceedings" | "article";
  readonly fields: Readonly<Record<string, string>>;
  readonly used: (results: Results) => boolean;
}

const backend = (...names: readonly string[]) => ({ cells }: Results) => {
  return cells.some((cell) => cell.backend !== null && names.includes(cell.backend));
};
const dataset = (pattern: RegExp) => ({ datasets }: Results) => {
  return datasets.some(({ name, title, topics }) =>
    pattern.test([name, title, ...topics.map((t) => t.name)].join(" "))
  );
};

const REFERENCES: readonly Reference[] = [
  {
    key: "khattab2020colbert",
    type: "inproceedings",
    fields: {
      author: "Omar Khattab and Matei Zaharia",
      title: "{ColBERT}: Efficient and Effective Passage Search via Contextualized Late Interaction over {BERT}",
      booktitle: "Proceedings of SIGIR",
      pages: "39--48",
      year: "2020",
    },
    used: ({ encoder }) => encoder !== null,
  },
  {
    key: "santhanam2022colbertv2",
    type: "inproceedings",
    fields: {
      author: "Keshav Santhanam and Omar Khattab and Jon Saad-Falcon and Christopher Potts and Matei Zaharia",
      title: "{ColBERTv2}: Effective and Efficient Retrieval via Lightweight Late Interaction",
      booktitle: "Proceedings of NAACL",
      pages: "3715--3734",
      year: "2022",
    },
    used: backend("plaid"),
  },
  {
    key: "santhanam2022plaid",
    type: "inproceedings",
    fields: {
      author: "Keshav Santhanam and Omar Khattab and Christopher Potts and Matei Zaharia",
      title: "{PLAID}: An Efficient Engine for Late Interaction Retrieval",
      booktitle: "Proceedings of CIKM",
      pages: "1747--1756",
      year: "2022",
    },
    used: backend("plaid"),
  },
  {
    key: "johnson2021faiss",
    type: "article",
    fields: {
      author: "Jeff Johnson and Matthijs Douze and Herv{\\'e} J{\\'e}gou",
      title: "Billion-Scale Similarity Search with {GPUs}",
      journal: "IEEE Transactions on Big Data",
      volume: "7",
      number: "3",
      pages: "535--547",
      year: "2021",
    },
    used: backend("faiss-ivfpq"),
  },
  {
    key: "robertson2009bm25",
    type: "article",
    fields: {
      author: "Stephen Robertson and Hugo Zaragoza",
      title: "The Probabilistic Relevance Framework: {BM25} and Beyond",
      journal: "Foundations and Trends in Information Retrieval",
      volume: "3",
      number: "4",
      pages: "333--389",
      year: "2009",
    },
    used: ({ cells }) => cells.some(({ backend, system }) => backend === "bm25" || system.includes("bm25")),
  },
  {
    key: "kulkarni2023ladr",
    type: "inproceedings",
    fields: {
      author: "Hrishikesh Kulkarni and Sean MacAvaney and Nazli Goharian and Ophir Frieder",
      title: "Lexically-Accelerated Dense Retrieval",
      booktitle: "Proceedings of SIGIR",
      pages: "152--162",
      year: "2023",
    },
    used: ({ cells }) => cells.some(({ options }) => Number(options.neighbours ?? 0) > 0),
  },
  {
    key: "cormack2009rrf",
    type: "inproceedings",
    fields: {
      author: 'Gordon V. Cormack and Charles L. A. Clarke and Stefan B{\\"u}ttcher',
      title: "Reciprocal Rank Fusion Outperforms {Condorcet} and Individual Rank Learning Methods",
      booktitle: "Proceedings of SIGIR",
      pages: "758--759",
      year: "2009",
    },
    used: ({ cells }) => cells.some(({ options }) => options.method === "rrf"),
  },
  {
    key: "clavie2024pooling",
    type: "article",
    fields: {
      author: "Benjamin Clavi{\\'e} and Antoine Chaffin and Griffin Adams",
      title: "Reducing the Footprint of Multi-Vector Retrieval with Minimal Performance Impact via Token Pooling",
      journal: "arXiv preprint arXiv:2409.14683",
      year: "2024",
    },
    used: ({ encoder }) => encoder?.config.pool_factor !== undefined,
  },
  {
    key: "nguyen2016msmarco",
    type: "inproceedings",
    fields: {
      author:
        "Tri Nguyen and Mir Rosenberg and Xia Song and Jianfeng Gao and Saurabh Tiwary and Rangan Majumder and Li Deng",
      title: "{MS MARCO}: A Human Generated {MAchine} Reading {COmprehension} Dataset",
      booktitle: "Proceedings of the Workshop on Cognitive Computation at NIPS",
      year: "2016",
    },
    used: dataset(/ms.?marco|trec-dl/i),
  },
  {
    key: "craswell2020trecdl",
    type: "inproceedings",
    fields: {
      author: "Nick Craswell and Bhaskar Mitra and Emine Yilmaz and Daniel Campos and Ellen M. Voorhees",
      title: "Overview of the {TREC} 2019 Deep Learning Track",
      booktitle: "Proceedings of TREC",
      year: "2019",
    },
    used: dataset(/dl.?(20)?19/i),
  },
  {
    key: "dietz2017car",
    type: "inproceedings",
    fields: {
      author: "Laura Dietz and Manisha Verma and Filip Radlinski and Nick Craswell",
      title: "{TREC} Complex Answer Retrieval Overview",
      booktitle: "Proceedings of TREC",
      year: "2017",
    },
    used: dataset(/\bcar\b/i),
  },
  {
    key: "thakur2021beir",
    type: "inproceedings",
    fields: {
      author: "Nandan Thakur and Nils Reimers and Andreas R{\\\"u}ckl{\\'e} and Abhishek Srivastava and Iryna Gurevych",
      title: "{BEIR}: A Heterogeneous Benchmark for Zero-shot Evaluation of Information Retrieval Models",
      booktitle: "NeurIPS Datasets and Benchmarks",
      year: "2021",
    },
    used: dataset(/beir/i),
  },
];

/**
 * BibTeX entries of the methods and collections that results files hold figures of.
 *
 * @param cited keys of other papers that are cited
 */
export function renderBibtex(sources: readonly Source[], cited: readonly string[] = []): string {
  const wanted = ({ key, used }: Reference) => cited.includes(key) || sources.some(({ results }) => used(results));
  return REFERENCES.filter(wanted).map(({ key, type, fields }) => {
    const lines = Object.entries(fields).map(([name, value]) => `  ${name} = {${value}}`);
    return `@${type}{${key},\n${lines.join(",\n")}\n}\n`;
  }).join("\n");
}
