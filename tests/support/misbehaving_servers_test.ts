import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { download, type ExpectedFile } from "../../support/download.ts";
import { sha256 } from "../../support/hash.ts";
import { fetchText, LEAST_BYTES, type Patience } from "../../support/http.ts";
import { isFile } from "../../support/paths.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const CONTENT = new TextEncoder().encode("0123456789abcdef".repeat(4000));
const SIZE = CONTENT.length;
const WHOLE: ExpectedFile = { size: SIZE, checksum: { kind: "sha256", value: sha256(CONTENT) } };
const HASTY: Patience = { attempts: 2, idle: 100, pause: 1 };

type Handler = (request: Request) => Response | Promise<Response>;

/** Runs `act` with the address of a server and the path of the file to download. */
async function against(
  handler: Handler,
  act: (url: string, path: string, folder: ReturnType<typeof temporaryFolder>) => Promise<void>,
): Promise<void> {
  using folder = temporaryFolder();
  const stop = new AbortController(); // closes connections that would never end
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, signal: stop.signal, onListen() {} }, handler);
  try {
    await act(`http://127.0.0.1:${server.addr.port}/file`, join(folder.path, "file"), folder);
  } finally {
    stop.abort();
    await server.finished;
  }
}

/** A stream of pieces that comes to no end of its own. */
function endless(piece: Uint8Array, everyMs: number, most = Infinity): ReadableStream<Uint8Array> {
  let sent = 0;
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, everyMs));
      if (sent++ < most) controller.enqueue(piece);
      else await new Promise((resolve) => setTimeout(resolve, 1000)); // silence
    },
  });
}

function part(first: number, last: number, total: number | "*" = SIZE): Response {
  const headers = { "content-range": `bytes ${first}-${last}/${total}` };
  return new Response(CONTENT.slice(first, last + 1), { status: 206, headers });
}

/** What is refused, and with which words. */
const REFUSED: readonly [name: string, Handler, ExpectedFile, ...words: string[]][] = [
  [
    "bytes that stop coming",
    () => new Response(endless(CONTENT.slice(0, 10), 1, 2)),
    WHOLE,
    `fewer than ${LEAST_BYTES}`,
  ],
  ["bytes that come one by one", () => new Response(endless(Uint8Array.of(1), 10)), WHOLE, "in 0.1 s", "2 attempts"],
  ["more bytes than the size", () => new Response(endless(CONTENT, 0)), WHOLE, `more than ${SIZE} bytes`],
  ["bytes without end", () => new Response(endless(CONTENT, 0)), { most: 100_000 }, "more than 100000 bytes"],
  ["a length above the limit", () => new Response(CONTENT), { most: 1000 }, `${SIZE} bytes`, "at most 1000"],
  ["another length", () => new Response(CONTENT.slice(1)), WHOLE, `found ${SIZE - 1} bytes`],
  ["a part that was not asked for", () => part(5, SIZE - 1), WHOLE, "Content-Range", `bytes 5-${SIZE - 1}`],
  ["a part without a range", () => new Response(CONTENT, { status: 206 }), WHOLE, "Content-Range", "none"],
  ["a range that is none", () => part(7, 3), WHOLE, "Content-Range"],
  ["a range of a larger file", () => part(0, SIZE - 1, SIZE + 1), WHOLE, `found ${SIZE + 1} bytes`],
  [
    "an HTML page",
    () =>
      new Response("<!doctype html><title>Log in</title>", { headers: { "content-type": "text/html; charset=utf-8" } }),
    WHOLE,
    "an HTML page",
  ],
  [
    "an encoding, where nothing tells what the file is",
    () => new Response(gzipSync(CONTENT), { headers: { "content-encoding": "gzip" } }),
    {},
    'content-encoding "gzip"',
  ],
  ["another file", () => new Response(CONTENT.toReversed()), WHOLE, "sha256"],
  ["a redirect to a file", () => Response.redirect("file:///etc/passwd"), WHOLE, "redirect to", "file:///etc/passwd"],
  ["a redirect to data", () => redirect("data:text/plain,x"), WHOLE, "redirect to", "data:"],
  ["redirects in a circle", () => redirect("/file"), WHOLE, "more than 10 redirects"],
  ["a redirect to nowhere", () => redirect("http://:::"), WHOLE, "redirect to"],
  ["a server in trouble", () => new Response("", { status: 503 }), WHOLE, "HTTP status 503 (2 attempts)"],
  ["a refusal", () => new Response("", { status: 403 }), WHOLE, "HTTP status 403"],
];

function redirect(location: string): Response {
  return new Response(null, { status: 302, headers: { location } });
}

for (const [name, handler, expected, ...words] of REFUSED) {
  Deno.test(
    { name: `download() refuses ${name}, in one line`, sanitizeOps: false, sanitizeResources: false },
    () =>
      against(handler, async (url, path) => {
        await expectError(() => download(url, path, expected, true, HASTY), 2, url, ...words);
        ok(!isFile(path));
        const left = isFile(`${path}.partial`) ? Deno.statSync(`${path}.partial`).size : 0;
        ok(left <= (expected.size ?? 0), `${left} bytes are left`);
      }),
  );
}

Deno.test("download() gives up a server that never answers", async () => {
  const never = Promise.withResolvers<Response>();
  await against(() => never.promise, async (url, path) => {
    await expectError(() => download(url, path, WHOLE, true, HASTY), 2, "no answer (2 attempts)");
    await expectError(() => fetchText(url, 100, HASTY), 2, "no answer (2 attempts)");
    never.resolve(new Response());
  });
});

Deno.test("download() makes up for servers that break their word once", async () => {
  const once: readonly Handler[] = [
    ({ headers }) => headers.has("range") ? part(3, SIZE - 1) : new Response(CONTENT), // continues elsewhere
    ({ headers }) => headers.has("range") ? new Response(null, { status: 416 }) : new Response(CONTENT),
    () => new Response(CONTENT), // starts anew
    ({ headers }) => headers.has("range") ? part(1000, SIZE - 1, "*") : new Response(null, { status: 500 }),
  ];
  for (const handler of once) {
    await against(handler, async (url, path, folder) => {
      folder.file("file.partial", CONTENT.slice(0, 1000));
      await download(url, path, WHOLE, true, HASTY);
      deepStrictEqual(Deno.readFileSync(path), CONTENT);
    });
  }
  const inPieces: Handler = ({ headers }) => {
    const first = Number(/\d+/.exec(headers.get("range") ?? "0"));
    return first === 0 ? new Response(endless(CONTENT.slice(0, 30_000), 0, 1)) : part(first, SIZE - 1);
  };
  await against(inPieces, async (url, path) => {
    await download(url, path, WHOLE, true, HASTY); // the first connection falls silent
    deepStrictEqual(Deno.readFileSync(path), CONTENT);
  });
});

Deno.test("download() follows a redirect, and keeps packed bytes as they are", async () => {
  const packed = gzipSync(CONTENT);
  const handler: Handler = ({ url }) =>
    url.endsWith("/file") ? redirect("/there") : new Response(packed, { headers: { "content-encoding": "x-gzip" } });
  await against(handler, async (url, path) => {
    await download(url, path, { checksum: { kind: "sha256", value: sha256(packed) } }, true, HASTY);
    deepStrictEqual(Deno.readFileSync(path), new Uint8Array(packed));
  });
});

Deno.test("download() resumes only where a checksum tells whether the parts fit", async () => {
  const ranges: (string | null)[] = [];
  const handler: Handler = ({ headers }) => {
    ranges.push(headers.get("range"));
    return new Response(CONTENT);
  };
  await against(handler, async (url, path, folder) => {
    folder.file("file.partial", "of an older version");
    await download(url, path, { size: SIZE }, true, HASTY);
    deepStrictEqual([Deno.readFileSync(path), ranges], [CONTENT, [null]]);
  });
});

Deno.test("download() follows no link that lies in its way", async () => {
  await against(() => new Response(CONTENT), async (url, path, folder) => {
    const victim = folder.file("victim", "mine");
    for (const link of [Deno.symlinkSync, Deno.linkSync]) {
      link(victim, `${path}.partial`);
      await download(url, path, WHOLE, true, HASTY);
      deepStrictEqual([Deno.readTextFileSync(victim), Deno.readFileSync(path)], ["mine", CONTENT]);
      ok(Deno.lstatSync(path).isFile);
      Deno.removeSync(path);
    }
    Deno.symlinkSync(join(folder.path, "new"), `${path}.partial`); // to nowhere yet
    await download(url, path, WHOLE, true, HASTY);
    deepStrictEqual([isFile(join(folder.path, "new")), Deno.readFileSync(path)], [false, CONTENT]);
  });
});

Deno.test("of several downloads of one file, one asks the server", async () => {
  let requests = 0;
  const slow: Handler = async () => {
    requests++;
    await new Promise((resolve) => setTimeout(resolve, 30));
    return new Response(CONTENT);
  };
  await against(slow, async (url, path) => {
    await Promise.all(Array.from({ length: 4 }, () => download(url, path, WHOLE, true)));
    deepStrictEqual([requests, Deno.readFileSync(path)], [1, CONTENT]);
    deepStrictEqual([...Deno.readDirSync(join(path, ".."))].map(({ name }) => name), ["file"]);
  });
});

Deno.test("download() finds a connection that ends before the length that it told", async () => {
  using folder = temporaryFolder();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = (async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(4096));
      await connection.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\nonly this"));
      connection.close();
    }
  })();
  const path = join(folder.path, "file");
  const url = `http://127.0.0.1:${listener.addr.port}/`;
  await expectError(() => download(url, path, {}, true, HASTY), 2, "the connection broke", "2 attempts");
  strictEqual(isFile(path), false);
  listener.close();
  await served;
});

Deno.test("fetchText() reads no more than it may", async () => {
  await against(() => new Response(endless(CONTENT, 0)), async (url) => {
    await expectError(() => fetchText(url, 1000, HASTY), 2, "more than 1000 bytes");
  });
});

Deno.test(
  { name: "hosts that may not be reached are named", permissions: { net: [], read: true, write: true } },
  async () => {
    using folder = temporaryFolder();
    const act = () => download("https://example.com/x", join(folder.path, "x"), {}, true, HASTY);
    await expectError(act, 4, "may not reach example.com");
  },
);
