import { Hono, type MiddlewareHandler } from "hono";
import { html } from "hono/html";
import { pagePolicy, renderPage } from "../../reports/html/page.ts";
import { sitePages } from "../../reports/site/site.ts";
import { type ExitCode, LatebenchError, usageError } from "../../support/errors.ts";
import { watchSources } from "./sources.ts";

/** The largest number that a port has. */
const LAST_PORT = 65535;

/** Names of this machine that a browser on it may ask for. */
const LOCAL = ["localhost", "127.0.0.1", "[::1]"];

/** What answers carry beside the pages' policy: nothing may be framed, embedded or guessed to be of another type, and nothing is kept. */
const HEADERS: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-store",
};

/**
 * Serves the leaderboard of all results below some folders, on this machine alone, until it is stopped.
 *
 * @throws {LatebenchError} exit code 1 for a port that there cannot be, 2 for one that is taken or not allowed
 */
export async function serveSite(folders: readonly string[], port: number): Promise<ExitCode> {
  if (port > LAST_PORT) throw usageError(`--port ${port}: a port from 1 to ${LAST_PORT} is needed`);
  const server = listen(port, siteApp(folders, port));
  await server.finished;
  return 0;
}

function listen(port: number, app: Hono): Deno.HttpServer {
  try {
    return Deno.serve({
      hostname: "localhost",
      port,
      onListen: ({ hostname, port }) => console.error(`report: http://${hostname}:${port}, stop with Ctrl+C`),
    }, app.fetch);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new LatebenchError(`port ${port} is taken by another program; --port names another`, 2, { cause: error });
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new LatebenchError(`port ${port} is kept for the system; --port names another, from 1024`, 2, {
        cause: error,
      });
    }
    throw error;
  }
}

/**
 * The pages. Results are read once, and anew where their files have changed: results may come in between.
 *
 * @param port under which browsers ask for them: a page of somebody else's whose name leads here has another one
 */
export function siteApp(folders: readonly string[], port: number): Hono {
  const app = new Hono();
  const watch = watchSources(folders);
  let pages: Map<string, () => string> = new Map();
  let made = new Map<string, string>();
  let version = "";
  app.use(withHeaders, onlyLocal(port));
  app.get("/:page{.+\\.html}?", (context) => {
    try {
      const found = watch();
      if (found.version !== version || pages.size === 0) {
        pages = sitePages(found.sources, found.running, found.skipped);
        made = new Map();
        version = found.version;
      }
      const path = context.req.param("page") ?? "index.html";
      const page = made.get(path) ?? pages.get(path)?.();
      if (page === undefined) return context.notFound();
      made.set(path, page);
      return context.html(page);
    } catch (error) {
      if (!(error instanceof LatebenchError)) throw error;
      const content = html`<p>${error.message}</p>`;
      return context.html(renderPage({ title: "latebench", lead: "No results yet.", content, refresh: 5 }));
    }
  });
  app.notFound((context) => context.text("There is no such page.", 404));
  app.onError((error, context) => {
    console.error(`report: ${context.req.path}: ${error.message}`);
    return context.text("This page cannot be made.", 500);
  });
  return app;
}

/** Answers only who asks for this machine, and only with pages: other methods and names are refused. */
function onlyLocal(port: number): MiddlewareHandler {
  const hosts = new Set(LOCAL.flatMap((name) => port === 80 ? [name, `${name}:80`] : [`${name}:${port}`]));
  return async (context, next) => {
    const host = context.req.header("host") ?? new URL(context.req.url).host;
    if (!hosts.has(host.toLowerCase())) return context.text("This server answers on localhost alone.", 403);
    const { method } = context.req;
    if (method !== "GET" && method !== "HEAD") {
      return context.text("Pages can be read only.", 405, { allow: "GET, HEAD" });
    }
    await next();
  };
}

const withHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  context.header("content-security-policy", `${pagePolicy()}; frame-ancestors 'none'`);
  for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
};
