import { Hono } from "hono";
import { html } from "hono/html";
import { renderPage } from "../../reports/html/page.ts";
import { sitePages } from "../../reports/site/site.ts";
import { type ExitCode, LatebenchError } from "../../support/errors.ts";
import { findSources } from "./sources.ts";

/** Serves the leaderboard of all results below some folders, on this machine alone, until it is stopped. */
export async function serveSite(folders: readonly string[], port: number): Promise<ExitCode> {
  const server = Deno.serve({
    hostname: "localhost",
    port,
    onListen: ({ hostname, port }) => console.error(`report: http://${hostname}:${port}, stop with Ctrl+C`),
  }, siteApp(folders).fetch);
  await server.finished;
  return 0;
}

/** The pages; files are read anew for each request: results may have come in between. */
export function siteApp(folders: readonly string[]): Hono {
  const app = new Hono();
  app.get("/:page{.+\\.html}?", (context) => {
    try {
      const { sources, running } = findSources(folders);
      const render = sitePages(sources, running).get(context.req.param("page") ?? "index.html");
      return render === undefined ? context.notFound() : context.html(render());
    } catch (error) {
      if (!(error instanceof LatebenchError)) throw error;
      const content = html`<p>${error.message}</p>`;
      return context.html(renderPage({ title: "latebench", lead: "No results yet.", content, refresh: 5 }));
    }
  });
  return app;
}
