import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import type { Markup } from "./markup.ts";
import script from "./page.js" with { type: "text" };
import style from "./page.css" with { type: "text" };

/** What a page holds. */
export interface Page {
  readonly title: string;
  /** One line below the title. */
  readonly lead: string;
  readonly content: Markup | readonly Markup[];
  /** Seconds after which the page is loaded again; for pages about something that goes on. */
  readonly refresh?: number;
}

/**
 * An HTML page that needs no other file and no network: style and script stand in it, and its policy lets nothing else in. Without
 * scripts it reads the same, but for sorting, filtering and pointing at charts.
 */
export function renderPage({ title, lead, content, refresh }: Page): string {
  const code = withoutIndents(script);
  const page = html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="${policyOf(code)}">
    ${refresh === undefined ? "" : html`<meta http-equiv="refresh" content="${refresh}">`}
    <title>${title}</title>
    <style>${raw(withoutIndents(style))}</style>
      </head>
      <body>
        <header>
          <h1>${title}</h1>
          <p class="lead">${lead}</p>
        </header>
        <main>
    ${content}
        </main>
        <script>${raw(code)}</script>
      </body>
    </html>
  `.toString();
  return withoutIndents(page).trimStart();
}

/** What browsers are told that a page may do: run its own script, and nothing else; also for servers to send. */
export function pagePolicy(): string {
  return policyOf(withoutIndents(script));
}

function policyOf(code: string): string {
  const hash = createHash("sha256").update(code).digest("base64");
  return `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; img-src data: blob:; ` +
    "base-uri 'none'; form-action 'none'";
}

/** Indents are for those who write templates; white space of another kind may be meant. */
function withoutIndents(text: string): string {
  return text.replace(/\n\s+/g, "\n");
}
