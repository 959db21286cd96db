import { match, ok } from "node:assert/strict";
import { join } from "node:path";
import { findFaiss } from "../../../backends/faiss_ivfpq/faiss_node/found.ts";
import { sha256 } from "../../../support/hash.ts";
import { temporaryFolder } from "../../fixtures/temporary.ts";

const LIBRARY = "prebuilt-0/build/Release/faiss-node.node";
const BESIDE = "prebuilt-0/build/Release/libgomp.so.1";

/** What may have become of a binding since it was set up, and what is said of it. The binding is none: it must not be loaded. */
const DAMAGES: Readonly<Record<string, { does(library: string, record: string): void; says: RegExp }>> = {
  cut: { does: (library) => Deno.truncateSync(library, 3), says: /faiss-node\.node is not the file that was set up/ },
  gone: { does: (library) => Deno.removeSync(library), says: /faiss-node\.node is gone/ },
  "a link": {
    does(library) {
      Deno.renameSync(library, `${library}.elsewhere`);
      Deno.symlinkSync(`${library}.elsewhere`, library);
    },
    says: /faiss-node\.node is no regular file/,
  },
  "writable by others": { does: (library) => Deno.chmodSync(library, 0o777), says: /faiss-node\.node is writable by/ },
  "beside another library": {
    does: (library) => Deno.writeTextFileSync(join(library, "..", "libgomp.so.1"), "another"),
    says: /libgomp\.so\.1 is not the file that was set up/,
  },
  "vouched for by others": { does: (_, record) => Deno.chmodSync(record, 0o666), says: /setup\.json is writable by/ },
  "of another user": { does: (library) => Deno.chownSync(library, 4711, 4711), says: /is a file of another user/ },
};

for (const [name, { does, says }] of Object.entries(DAMAGES)) {
  const ignore = Deno.build.os === "windows" || (name === "of another user" && Deno.uid() !== 0);
  Deno.test({ name: `a binding of FAISS that is ${name} is not loaded`, ignore }, () => {
    using store = temporaryFolder();
    const library = store.file(`faiss/${LIBRARY}`, "a binding");
    store.file(`faiss/${BESIDE}`, "a library");
    const record = store.file(
      "faiss/setup.json",
      JSON.stringify({
        library: LIBRARY,
        sha256: sha256("a binding"),
        others: { [BESIDE]: sha256("a library") },
        version: "1.7.4",
        origin: "prebuilt",
      }),
    );
    for (const file of [library, record, join(store.path, "faiss", BESIDE)]) Deno.chmodSync(file, 0o644);
    does(library, record);
    const found = findFaiss(store.path);
    ok("problem" in found);
    match(found.problem, says);
  });
}
