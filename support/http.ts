import { badInput, LatebenchError, notAvailable, quote } from "./errors.ts";

/** How long a server may be slow, and how often it is asked. */
export interface Patience {
  /** How often a broken connection is tried in all (default 5). */
  readonly attempts?: number;
  /** A server that sends fewer than {@link LEAST_BYTES} bytes in so many ms is given up (default 30,000). */
  readonly idle?: number;
  /** Before the second attempt, ms; more before each further one (default 200). */
  readonly pause?: number;
}

/** What has to come in each stretch of {@link Patience.idle}. */
export const LEAST_BYTES = 1024;
const IDLE = 30_000;
const MOST_REDIRECTS = 10;

/** Something that another attempt may mend. */
export class TransferError extends Error {
  override readonly name = "TransferError";
}

/** An answer whose bytes are read as they come; dispose of it when done, also half-way. */
export interface Answer extends AsyncDisposable {
  readonly status: number;
  readonly headers: Headers;
  /** @throws {TransferError} where the connection breaks, or nothing comes any more */
  bytes(): AsyncIterable<Uint8Array>;
}

/**
 * Asks a server for a file. Redirects are followed to HTTP addresses only, and from HTTPS to HTTPS; bytes come as they lie there.
 *
 * @throws {TransferError} where another attempt may help: no connection, no answer, a server in trouble
 * @throws {LatebenchError} where none will: refused requests, redirects that lead elsewhere, hosts that may not be reached
 */
export async function ask(url: string, headers: Record<string, string>, idle = IDLE): Promise<Answer> {
  const watch = startWatch(idle);
  try {
    const response = await followRedirects(url, headers, watch);
    const { status, body } = response;
    if (status >= 500 || status === 408 || status === 429) {
      await body?.cancel();
      throw new TransferError(`HTTP status ${status}`);
    }
    if (status !== 416 && (!response.ok || !body)) {
      await body?.cancel();
      throw badInput(url, `HTTP status ${status}`, "the file");
    }
    return {
      status,
      headers: response.headers,
      bytes: () => watched(body, watch),
      async [Symbol.asyncDispose]() {
        watch.stop();
        if (body && !body.locked) await body.cancel().catch(() => {}); // nobody has read it
      },
    };
  } catch (error) {
    watch.stop();
    throw error;
  }
}

/**
 * A short text, such as a description in JSON.
 *
 * @param most bytes that are read
 * @throws {LatebenchError} as {@link ask}, for longer ones, and where no attempt succeeds
 */
export function fetchText(url: string, most: number, patience: Patience = {}): Promise<string> {
  return withAttempts(url, patience, async () => {
    await using answer = await ask(url, {}, patience.idle);
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    for await (const piece of answer.bytes()) {
      pieces.push(Uint8Array.from(piece));
      if ((length += piece.length) > most) throw badInput(url, `more than ${most} bytes`, "a short description");
    }
    return await new Blob(pieces).text();
  });
}

/**
 * Does something until it does not end with a {@link TransferError}.
 *
 * @throws {LatebenchError} naming the address and the last problem
 */
export async function withAttempts<T>(
  url: string,
  { attempts = 5, pause = 200 }: Patience,
  act: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof TransferError)) throw error;
      if (attempt >= attempts) {
        throw new LatebenchError(`${url}: ${error.message}${attempts > 1 ? ` (${attempts} attempts)` : ""}`, 2);
      }
      await new Promise((resolve) => setTimeout(resolve, pause * attempt));
    }
  }
}

/** Aborts a request when too little came for too long. */
interface Watch {
  readonly signal: AbortSignal;
  /** Tells that bytes came. */
  came(bytes: number): void;
  /** Waits for something of the request, but no longer than the request lasts: aborting one does not always end its reads. */
  until<T>(something: Promise<T>): Promise<T>;
  stop(): void;
}

function startWatch(idle: number): Watch {
  const controller = new AbortController();
  let bytes = 0;
  let stalled: TransferError | null = null;
  let end: ((error: TransferError) => void) | null = null;
  const timer = setInterval(() => {
    if (bytes < LEAST_BYTES) {
      stalled = new TransferError(`the server sent fewer than ${LEAST_BYTES} bytes in ${idle / 1000} s`);
      clearInterval(timer);
      controller.abort();
      end?.(stalled);
    }
    bytes = 0;
  }, idle);
  return {
    signal: controller.signal,
    came: (more) => bytes += more,
    until: (something) =>
      new Promise((resolve, reject) => {
        if (stalled) reject(stalled);
        end = reject;
        something.then(resolve, (error) => reject(stalled ?? error)); // settling it twice does nothing
      }),
    stop: () => clearInterval(timer),
  };
}

async function* watched(body: ReadableStream<Uint8Array> | null, watch: Watch): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  try {
    for (;;) {
      if (!reader) return;
      const { value, done } = await watch.until(reader.read()).catch((error) => {
        throw error instanceof TransferError ? error : new TransferError(`the connection broke (${firstLine(error)})`);
      });
      if (done) return;
      watch.came(value.length);
      yield value;
    }
  } finally {
    watch.stop();
    reader?.cancel().catch(() => {}); // not waited for: see until()
  }
}

async function followRedirects(url: string, headers: Record<string, string>, watch: Watch): Promise<Response> {
  let at = parseAddress(url, url);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const response = await request(url, at, { ...headers, "accept-encoding": "identity" }, watch);
    const { status } = response;
    const location = response.headers.get("location");
    if (![301, 302, 303, 307, 308].includes(status) || location === null) return response;
    await response.body?.cancel();
    const next = parseAddress(url, location, at);
    if (at.protocol === "https:" && next.protocol !== "https:") {
      throw badInput(url, `a redirect to ${quote(next.href)}`, "one that stays with HTTPS");
    }
    at = next;
  }
  throw badInput(url, `more than ${MOST_REDIRECTS} redirects`, "the file");
}

function parseAddress(asked: string, address: string, base?: URL): URL {
  const url = URL.parse(address, base);
  if (url?.protocol !== "http:" && url?.protocol !== "https:") {
    throw badInput(asked, base ? `a redirect to ${quote(address)}` : "no address of a server", "an HTTP address");
  }
  return url;
}

async function request(asked: string, url: URL, headers: Record<string, string>, watch: Watch): Promise<Response> {
  try {
    return await watch.until(fetch(url, { headers, signal: watch.signal, redirect: "manual" }));
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      throw notAvailable(`${asked}: this command may not reach ${url.host} (--allow-net in deno.json)`, error);
    }
    if (error instanceof TransferError) throw new TransferError("no answer");
    throw new TransferError(`no connection (${firstLine(error)})`);
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0];
}
