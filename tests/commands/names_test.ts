import { checkNames } from "../../commands/eval/check_names.ts";
import type { Dataset } from "../../datasets/dataset.ts";
import { openDataset } from "../../datasets/open.ts";
import { checkIds, loadTopics } from "../../eval/topics.ts";
import { expectError } from "../fixtures/expect.ts";
import { SMALL_DATASET } from "../fixtures/small_dataset.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

function dataset(change: Readonly<Record<string, string>>) {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries({ ...SMALL_DATASET, ...change })) folder.file(name, content);
  return { folder, opened: openDataset(folder.path) };
}

const YAML = SMALL_DATASET["dataset.yaml"];
const second = (name: string) => YAML + YAML.slice(YAML.indexOf("  - name: all")).replace("all", name);

Deno.test("two topic sets or data sets of one name, also but for case, are told", async () => {
  for (const name of ["all", "All"]) {
    const { folder, opened } = dataset({ "dataset.yaml": second(name) });
    using _ = folder;
    await expectError(() => checkNames([opened]), 2, "mine / all", "topic sets");
  }
  const { folder, opened } = dataset({ "dataset.yaml": second("other") });
  using _ = folder;
  checkNames([opened]);
  await expectError(() => checkNames([opened, { ...opened, name: "Mine" }]), 2, "data sets", "Mine");
  const named = (name: string, topics: string): Dataset => ({
    ...opened,
    name,
    topics: [{ ...opened.topics[0], name: topics }],
  });
  await expectError(() => checkNames([named("a.b", "c"), named("a", "b.c")]), 2, "a.b / c");
});

Deno.test("ids that no run file can hold are told before anything is measured", async () => {
  const bad: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
    [{ "c.tsv": "a\tone\nb\ttwo\nc d\tthree\n" }, '"c d"'],
    [
      { "q.tsv": "q 1\twhy\n", qrels: "q 1\tb\t1\n", "dataset.yaml": YAML.replace("format: trec", "format: beir") },
      '"q 1"',
    ],
  ];
  for (const [change, id] of bad) {
    const { folder, opened } = dataset(change);
    using _ = folder;
    const loaded = opened.topics.map((topics) => loadTopics(opened, topics));
    await expectError(() => checkIds(opened, loaded), 2, "blank", id);
  }
});

Deno.test("a query id that is there twice is told", async () => {
  const { folder, opened } = dataset({ "q.tsv": "1\twhy\n1\thow\n" });
  using _ = folder;
  await expectError(() => loadTopics(opened, opened.topics[0]), 2, "mine/all", '"1" twice');
});
