import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { buildCar } from "../../datasets/build_car/build.ts";
import { firstOfNearDuplicates } from "../../datasets/build_car/near_duplicates.ts";
import { readDocument } from "../../datasets/build_car/read_document.ts";
import { openDataset } from "../../datasets/open.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const MARKDOWN = `---
title: not this
---
# Tea

Tea is a drink made of *leaves* and [hot water](x.html).

## Brewing

Pour water over the leaves and wait for three minutes.

- Green tea wants water that does not boil.
- Black tea wants boiling water and more time.

\`\`\`
code is no prose
\`\`\`

### Cold brew

Leave the leaves in cold water over night.

## References

A book about tea that nobody has read yet.
`;

const HTML = `<!doctype html><html><head><title>Bread</title></head><body><nav><p>Home and all the other pages</p></nav>
<h2>Dough</h2><p>Flour, water and salt make a dough
that has to rest.</p><ul><li><p>Knead it well for ten whole minutes.</p></li></ul>
<blockquote>Good dough is soft and does not stick.</blockquote><table><tr><td>100 g</td></tr></table></body></html>`;

Deno.test("readDocument(): Markdown's headings, paragraphs and list items", () => {
  using folder = temporaryFolder();
  deepStrictEqual(readDocument(folder.file("tea.md", MARKDOWN)), {
    ...{ heading: "Tea", level: 1, paragraphs: ["Tea is a drink made of leaves and hot water."] },
    children: [
      {
        ...{ heading: "Brewing", level: 2 },
        paragraphs: [
          "Pour water over the leaves and wait for three minutes.",
          "Green tea wants water that does not boil.",
          "Black tea wants boiling water and more time.",
        ],
        children: [{
          ...{
            heading: "Cold brew",
            level: 3,
            paragraphs: ["Leave the leaves in cold water over night."],
            children: [],
          },
        }],
      },
      { heading: "References", level: 2, paragraphs: ["A book about tea that nobody has read yet."], children: [] },
    ],
  });
});

Deno.test("readDocument(): HTML without what is no prose; the title names a page without h1", () => {
  using folder = temporaryFolder();
  const page = readDocument(folder.file("bread.html", HTML));
  strictEqual(page.heading, "Bread");
  deepStrictEqual(page.children.map(({ heading }) => heading), ["Dough"]);
  deepStrictEqual(page.children[0].paragraphs, [
    "Flour, water and salt make a dough that has to rest.",
    "Knead it well for ten whole minutes.",
    "Good dough is soft and does not stick.",
  ]);
});

Deno.test("buildCar(): a data set that opens, judged by where paragraphs stand", async () => {
  using folder = temporaryFolder();
  folder.file("docs/tea.md", MARKDOWN);
  folder.file("docs/more/bread.html", HTML);
  const again = "Pour water over the leaves, and wait for three minutes!";
  folder.file("docs/more/pots.md", `# Pots\n\n## Use\n\n${again}\n\nshort one\n`);
  const build = (name: string) =>
    buildCar(join(folder.path, "docs"), join(folder.path, name), { drop: ["dough"], minWords: 5 });
  const built = await build("out");
  deepStrictEqual(built, { documents: 2, topics: 4, paragraphs: 5, merged: 1 }); // bread's only section is left out
  const dataset = openDataset(join(folder.path, "out"));
  const [topics] = dataset.topics;
  const texts = new Map([...dataset.passages()].map(({ id, text }) => [id, text]));
  const relevant = Object.fromEntries(
    [...topics.qrels!()].map(([qid, grades]) => [qid, [...grades.keys()].map((pid) => texts.get(pid))]),
  );
  deepStrictEqual(relevant["Tea/Brewing/Cold%20brew"], ["Leave the leaves in cold water over night."]);
  strictEqual(relevant["Tea/Brewing"].length, 3);
  strictEqual(relevant["Tea/References"], undefined);
  ok(
    relevant["Pots/Use"].length === 1 && relevant["Tea/Brewing"].includes(relevant["Pots/Use"][0]),
    "merged paragraphs",
  );
  const queries = new Map(topics.queries().map(({ id, text }) => [id, text]));
  strictEqual(queries.get("Tea/Brewing/Cold%20brew"), "Tea Brewing Cold brew");

  await build("again");
  for (const name of ["outlines.cbor", "paragraphs.cbor", "hierarchical.qrels", "dataset.yaml"]) {
    const bytes = ["out", "again"].map((out) => Deno.readFileSync(join(folder.path, out, name)));
    deepStrictEqual(bytes[0], bytes[1], name);
  }
});

Deno.test("buildCar(): pages of one title are told apart; a folder without documents is an error", async () => {
  using folder = temporaryFolder();
  for (const name of ["a", "b"]) folder.file(`docs/${name}.md`, `# Same\n\nThe text of the document called ${name}.\n`);
  await buildCar(join(folder.path, "docs"), join(folder.path, "out"), { drop: [], minWords: 1 });
  const ids = [...openDataset(join(folder.path, "out")).topics[0].qrels!().keys()];
  deepStrictEqual(ids, ["Same%20(a.md)", "Same%20(b.md)"]);
  folder.file("none/x.txt", "text");
  const none = join(folder.path, "none");
  await expectError(() => buildCar(none, join(folder.path, "o"), { drop: [], minWords: 1 }), 2, none, "no Markdown");
});

Deno.test("near duplicates are found whatever case and punctuation, and others are not merged", () => {
  const sentence =
    "the quick brown fox jumps over the lazy dog and then it sleeps in the warm evening sun of the village";
  const texts = [
    sentence,
    "quite another sentence about something else that has no words in common with it",
    sentence.replace("village", "town"),
    `${sentence.toUpperCase()}!`,
    sentence.split(" ").reverse().join(" "),
    "short",
    "short",
  ];
  deepStrictEqual(firstOfNearDuplicates(texts), [0, 1, 0, 0, 4, 5, 5]);
});
