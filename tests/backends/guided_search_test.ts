import { deepStrictEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import { openGuide, writeGuide } from "../../backends/vectors/guide.ts";
import { openVectorScorer } from "../../backends/vectors/scorer.ts";
import { encodeCollection } from "../../encoders/embeddings/encode_collection.ts";
import { readEmbeddings } from "../../encoders/embeddings/read.ts";
import { expectError } from "../fixtures/expect.ts";
import { fakeDataset } from "../fixtures/fake_dataset.ts";
import { fakeEncoder, fakeMatrix } from "../fixtures/fake_encoder.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";
import { builds } from "../kernels/builds.ts";

const WORDS = "alpha beta gamma delta omega sigma kappa theta lambda rho tau phi chi psi xi zeta".split(" ");
const PASSAGES = Array.from({ length: 3000 }, (_, i) => {
  const words = Array.from(
    { length: 1 + (i * 7) % 12 },
    (_, j) => WORDS[(i * (j + 3) + (i >> (j % 5))) % WORDS.length],
  );
  return { id: `p${i}`, text: words.join(" ") };
});
const QUERIES = ["alpha omega", "beta gamma delta", "xi", "sigma kappa theta lambda rho tau"].map(fakeMatrix);

Deno.test("int8 first gives exhaustive search's ranking to the last digit, in every build, alone and together", async () => {
  using folder = temporaryFolder();
  const vectors = join(folder.path, "vectors");
  await encodeCollection(fakeDataset(PASSAGES), fakeEncoder(), vectors, { quiet: true });
  const embeddings = readEmbeddings(vectors);
  for (const [i, kernel] of (await builds()).entries()) {
    const own = join(folder.path, `guide-${i}`);
    Deno.mkdirSync(own);
    writeGuide(own, embeddings, kernel);
    const options = { kernel, threads: 2, memory: "auto" } as const;
    await using plain = await openVectorScorer(embeddings, options);
    await using guided = await openVectorScorer(embeddings, {
      ...options,
      guide: openGuide([{ folder: own, embeddings }]),
    });
    for (const k of [1, 10, 300]) {
      const expected = await Promise.all(QUERIES.map((query) => plain.search(query, k)));
      const together = await Promise.all(QUERIES.map((query) => guided.search(query, k)));
      for (const [q, query] of QUERIES.entries()) {
        for (const found of [together[q], await guided.search(query, k)]) {
          deepStrictEqual([...found.numbers], [...expected[q].numbers], `${kernel.name}, k ${k}, query ${q}`);
          deepStrictEqual([...found.scores], [...expected[q].scores], `${kernel.name}, k ${k}, query ${q}`);
          deepStrictEqual(found.stages.map(({ name }) => name), ["int8", "maxsim"]);
        }
      }
    }
    const { stages } = await guided.search(QUERIES[1], 10);
    ok(
      stages[0].candidates < PASSAGES.length / 2,
      `${kernel.name}: ${stages[0].candidates} passages were scored exactly`,
    );
  }
});

Deno.test("where most passages would be scored exactly anyway, int8 is left out", async () => {
  using folder = temporaryFolder();
  const vectors = join(folder.path, "vectors");
  await encodeCollection(fakeDataset(PASSAGES), fakeEncoder(), vectors, { quiet: true });
  const kernel = { name: "wasm" } as const;
  writeGuide(folder.path, readEmbeddings(vectors), kernel);
  const guide = openGuide([{ folder: folder.path, embeddings: readEmbeddings(vectors) }]);
  await using scorer = await openVectorScorer(readEmbeddings(vectors), { kernel, threads: 1, memory: "auto", guide });
  const { stages } = await scorer.search(QUERIES[0], 1000);
  deepStrictEqual(stages.map(({ name }) => name), ["maxsim"]);
});

Deno.test("a guide that was cut off or changed is refused when it is opened", async () => {
  using folder = temporaryFolder();
  const vectors = join(folder.path, "vectors");
  await encodeCollection(fakeDataset(), fakeEncoder(), vectors, { quiet: true });
  writeGuide(folder.path, readEmbeddings(vectors), { name: "reference" });
  const values = join(folder.path, "guide.values");
  const bytes = Deno.readFileSync(values);
  Deno.writeFileSync(values, bytes.map((value) => value ^ 1));
  await expectError(
    () => openGuide([{ folder: folder.path, embeddings: readEmbeddings(vectors) }]),
    2,
    "guide.values",
    "checksum",
  );
  Deno.writeFileSync(values, bytes.subarray(1));
  await expectError(
    () => openGuide([{ folder: folder.path, embeddings: readEmbeddings(vectors) }]),
    2,
    "guide.values",
    `${bytes.length - 1} bytes`,
  );
});
