import { badInput } from "../support/errors.ts";
import { artefactKey } from "../support/hash.ts";
import { seededRandom } from "../support/random.ts";
import type { Dataset, Passage, Sample } from "./dataset.ts";

/**
 * A part of a data set that keeps every judged passage and fills up to `size` with others, each as likely as the other. It has a name and
 * a hash of its own, so that nothing that was made of it is taken for the whole. Its figures compare with no full-collection number: what
 * was left out could have been ranked above what was kept.
 *
 * @throws {LatebenchError} where the collection has not more than `size` passages
 */
export function sampleDataset(dataset: Dataset, size: number, seed: number): Dataset {
  const { ids, sample } = choose(dataset, size, seed);
  return {
    ...dataset,
    name: `${dataset.name}-sample${size}`,
    sample,
    passages: () => kept(dataset.passages(), ids),
    contentHash: () => artefactKey({ whole: dataset.contentHash(), size, seed, draw: "mixed" }),
    topics: dataset.topics.map((topics) => ({
      ...topics,
      candidates: topics.candidates && {
        ...topics.candidates,
        read: () => {
          const lists = [...topics.candidates!.read()].map(([qid, list]) => {
            return [qid, list.filter(({ id }) => ids.has(id))] as const;
          });
          return new Map(lists);
        },
      },
    })),
  };
}

function* kept(passages: Iterable<Passage>, ids: ReadonlySet<string>): Generator<Passage> {
  for (const passage of passages) if (ids.has(passage.id)) yield passage;
}

/** One pass: judged passages are kept, the others go through a reservoir (Vitter 1985, algorithm R). */
function choose(dataset: Dataset, size: number, seed: number): { ids: ReadonlySet<string>; sample: Sample } {
  const wanted = new Set<string>();
  for (const { qrels } of dataset.topics) {
    for (const grades of qrels?.().values() ?? []) for (const pid of grades.keys()) wanted.add(pid);
  }
  const random = seededRandom(seed);
  const judged: string[] = [];
  const others: string[] = [];
  let seen = 0;
  // How many judged passages the collection really has is known at the end: the reservoir has room for all, and gives some back.
  for (const { id } of dataset.passages()) {
    if (wanted.has(id)) judged.push(id);
    else {
      seen++;
      if (others.length < size) others.push(id);
      else {
        const place = Math.floor(random() * seen);
        if (place < size) others[place] = id;
      }
    }
  }
  const of = seen + judged.length;
  if (of <= size) {
    throw badInput(`--sample ${size}`, `${of} passages in ${dataset.name}`, "a collection larger than the sample");
  }
  const room = Math.max(0, size - judged.length);
  for (let i = others.length - 1; i > 0; i--) { // shuffled: any beginning of it is a fair sample
    const j = Math.floor(random() * (i + 1));
    [others[i], others[j]] = [others[j], others[i]];
  }
  return { ids: new Set([...judged, ...others.slice(0, room)]), sample: { size, of, judged: judged.length, seed } };
}
