/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
// @ts-check
"use strict";
/*
 * What a report does beyond being read: pointing at charts (with mouse or keys), dragging over their points, switching systems off,
 * sorting, filtering and saving tables, saving charts. Everything that it shows stands in the page without it.
 */
(() => {
  /**
   * @template {Element} T
   * @param {ParentNode} root
   * @param {string} selector
   * @returns {T[]}
   */
  const all = (root, selector) => /** @type {T[]} */ ([...root.querySelectorAll(selector)]);

  /**
   * @template {keyof HTMLElementTagNameMap} K
   * @param {K} name
   * @param {Record<string, string>} attributes
   * @param {string} [text]
   * @returns {HTMLElementTagNameMap[K]}
   */
  const make = (name, attributes, text) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text !== undefined) element.textContent = text;
    return element;
  };

  /** @param {string} text @param {() => void} act */
  const button = (text, act) => {
    const made = make("button", { type: "button" }, text);
    made.addEventListener("click", act);
    return made;
  };

  const tip = make("div", { id: "tip", role: "status" });
  document.body.append(tip);

  /** @param {SVGElement | null} mark */
  const point = (mark) => {
    for (const old of all(document, ".current")) old.classList.remove("current");
    tip.textContent = mark?.dataset.tip ?? "";
    if (!mark) return;
    mark.classList.add("current");
    const box = mark.getBoundingClientRect();
    const left = Math.min(box.right + 8, innerWidth - tip.offsetWidth - 8);
    tip.style.left = `${Math.max(left, 8)}px`;
    tip.style.top = `${Math.max(box.top - tip.offsetHeight - 4, 8)}px`;
  };

  /** @param {Blob} blob @param {string} name */
  const save = (blob, name) => {
    const link = make("a", { href: URL.createObjectURL(blob), download: name.replace(/[^A-Za-z0-9.@-]+/g, "_") });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };

  const STYLED = ["fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "fill-opacity", "font-size"];

  /** A chart as a file of its own: what the style sheet gives it, in light colours, stands in its elements. @param {SVGSVGElement} svg */
  const standalone = (svg) => {
    const copy = /** @type {SVGSVGElement} */ (svg.cloneNode(true));
    const theme = document.documentElement.dataset.theme;
    document.documentElement.dataset.theme = "light";
    const originals = all(svg, "*");
    all(copy, "*").forEach((element, i) => {
      const style = getComputedStyle(originals[i]);
      for (const name of STYLED) element.setAttribute(name, style.getPropertyValue(name));
      if (style.display === "none") element.setAttribute("display", "none");
    });
    if (theme === undefined) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    for (const name of ["tabindex", "aria-roledescription"]) copy.removeAttribute(name);
    copy.setAttribute("role", "img");
    copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
    copy.setAttribute("font-family", "Helvetica, Arial, sans-serif");
    copy.setAttribute("font-size", "11");
    return new XMLSerializer().serializeToString(copy);
  };

  /** @param {SVGSVGElement} svg @param {string} name */
  const savePng = async (svg, name) => {
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(standalone(svg))}`;
    await image.decode();
    const canvas = make("canvas", {});
    const { width, height } = svg.viewBox.baseVal;
    [canvas.width, canvas.height] = [3 * width, 3 * height];
    const context = canvas.getContext("2d");
    if (!context) return;
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => blob && save(blob, `${name}.png`));
  };

  /** Visible rows with full precision. @param {HTMLTableElement} table */
  const csvOf = (table) =>
    [...table.rows].filter((row) => row.offsetParent !== null || row.closest("details:not([open])")).map((row) =>
      [...row.cells].map((cell) => {
        const name = cell.querySelector(".name") ?? cell;
        const words = (name.textContent ?? "").trim();
        // A spreadsheet would compute what begins like a formula.
        const text = cell.dataset.v ??
          (/^[=+\-@＝＋－＠]/.test(words) && Number.isNaN(Number(words)) ? `'${words}` : words);
        return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
      }).join(",")
    ).join("\n") + "\n";

  /** @param {HTMLTableElement} table @param {string} name */
  const saveCsv = (table, name) => save(new Blob([csvOf(table)], { type: "text/csv" }), `${name}.csv`);

  /** @param {HTMLTableElement} table */
  const sortable = (table) => {
    const headings = [...table.tHead?.rows[0].cells ?? []];
    headings.forEach((heading, column) => {
      const text = heading.textContent ?? "";
      heading.textContent = "";
      heading.append(button(text, () => {
        const descending = heading.getAttribute("aria-sort") !== "descending";
        for (const other of headings) other.removeAttribute("aria-sort");
        heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
        const body = table.tBodies[0];
        const key = (/** @type {HTMLTableRowElement} */ row) => {
          const cell = row.cells[column];
          return cell.dataset.v === undefined ? cell.textContent ?? "" : Number(cell.dataset.v);
        };
        const rows = [...body.rows].sort((a, b) => {
          const [x, y] = [key(a), key(b)];
          const order = typeof x === "number" && typeof y === "number"
            ? x - y
            : typeof x === typeof y
            ? String(x).localeCompare(String(y))
            : typeof x === "number"
            ? 1
            : -1; // figures before dashes when the largest come first
          return descending ? -order : order;
        });
        body.append(...rows);
      }));
    });
  };

  /** @param {HTMLTableElement} table */
  const equipTable = (table) => {
    const name = (table.caption?.textContent ?? "table").split(/[.:;]/)[0];
    sortable(table);
    const tools = make("div", { class: "tools" });
    if (table.tBodies[0].rows.length > 8) {
      const field = make("input", { type: "search", placeholder: "filter rows", "aria-label": `Filter rows: ${name}` });
      field.addEventListener("input", () => {
        const wanted = field.value.toLowerCase();
        for (const row of table.tBodies[0].rows) {
          row.hidden = !(row.textContent ?? "").toLowerCase().includes(wanted);
        }
      });
      tools.append(field);
    }
    tools.append(button("CSV", () => saveCsv(table, name)));
    table.parentElement?.before(tools);
  };

  /** Arrow keys go from mark to mark, Escape leaves. @param {SVGSVGElement} svg */
  const keys = (svg) => {
    svg.setAttribute("tabindex", "0");
    svg.setAttribute("role", "application");
    svg.setAttribute("aria-roledescription", "chart; arrow keys go from point to point");
    let at = -1;
    svg.addEventListener("keydown", (event) => {
      const marks = /** @type {SVGElement[]} */ (all(svg, ".mark")).filter((mark) => mark.getClientRects().length > 0);
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") point(null);
      if (step === undefined || marks.length === 0) return;
      event.preventDefault();
      at = (at + step + marks.length) % marks.length;
      point(marks[at]);
    });
    svg.addEventListener("blur", () => point(null));
  };

  /** Dragging over points leaves these alone, in every chart and table of the section. @param {SVGSVGElement} svg */
  const brush = (svg) => {
    /** @type {DOMPoint | null} */
    let from = null;
    const area = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    area.setAttribute("class", "brush");
    const place = (/** @type {PointerEvent} */ event) =>
      new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM()?.inverse());
    svg.addEventListener("pointerdown", (event) => {
      if (event.button === 0) from = place(event);
    });
    svg.addEventListener("pointermove", (event) => {
      if (!from) return;
      const to = place(event);
      const sides = { x: Math.min(from.x, to.x), y: Math.min(from.y, to.y) };
      const size = { width: Math.abs(from.x - to.x), height: Math.abs(from.y - to.y) };
      for (const [name, value] of Object.entries({ ...sides, ...size })) area.setAttribute(name, String(value));
      if (size.width + size.height > 6) svg.append(area);
    });
    addEventListener("pointerup", () => {
      if (!from) return;
      from = null;
      const drawn = area.isConnected;
      const { x, y, width, height } = area.getBBox();
      area.remove();
      const inside = (/** @type {SVGElement} */ mark) => {
        const [mx, my] = [Number(mark.dataset.x), Number(mark.dataset.y)];
        return mx >= x && mx <= x + width && my >= y && my <= y + height;
      };
      const board = svg.closest("section");
      if (board) select(board, drawn ? /** @type {SVGElement[]} */ (all(svg, ".mark")).filter(inside) : []);
    });
  };

  /** @param {Element} board @param {SVGElement[]} marks none: everything again */
  const select = (board, marks) => {
    const kind = marks.some((mark) => mark.dataset.q !== undefined) ? "q" : "s";
    const chosen = new Set(marks.map((mark) => mark.dataset[kind]));
    for (const element of /** @type {(HTMLElement | SVGElement)[]} */ (all(board, "[data-s], [data-q]"))) {
      const value = element.dataset[kind];
      element.classList.toggle("dim", chosen.size > 0 && value !== undefined && !chosen.has(value));
    }
    for (const table of /** @type {HTMLTableElement[]} */ (all(board, "table.queries"))) {
      for (const row of table.tBodies[0].rows) {
        row.hidden = kind === "q" && chosen.size > 0 && !chosen.has(row.dataset.q);
      }
    }
  };

  /** A button for each system of a leaderboard. @param {HTMLElement} board */
  const toggles = (board) => {
    const table = board.querySelector("table.board");
    if (!table) return;
    const tools = make("div", { class: "tools", role: "group", "aria-label": "Systems shown" });
    for (const row of /** @type {HTMLTableRowElement[]} */ (all(table, "tbody tr"))) {
      const name = row.querySelector(".name")?.textContent ?? "";
      const swatch = row.querySelector(".swatch")?.cloneNode(true);
      const toggle = button(name, () => {
        const off = toggle.getAttribute("aria-pressed") === "true";
        toggle.setAttribute("aria-pressed", String(!off));
        for (const element of all(board, `[data-s="${row.dataset.s}"]`)) element.classList.toggle("off", off);
      });
      toggle.setAttribute("aria-pressed", "true");
      if (swatch) toggle.prepend(swatch);
      tools.append(toggle);
    }
    if (tools.childElementCount > 1) board.querySelector("h2")?.after(tools);
  };

  const main = document.querySelector("main");
  if (!main) return;
  for (const board of /** @type {HTMLElement[]} */ (all(main, "section.board"))) toggles(board);
  for (const table of /** @type {HTMLTableElement[]} */ (all(main, "table.data"))) equipTable(table);
  for (const figure of /** @type {HTMLElement[]} */ (all(main, "figure"))) {
    const svg = /** @type {SVGSVGElement | null} */ (figure.querySelector(":scope > svg"));
    if (!svg) continue;
    const name = figure.dataset.name ?? "chart";
    const tools = make("div", { class: "tools" });
    const table = /** @type {HTMLTableElement | null} */ (figure.querySelector("table"));
    tools.append(
      button("SVG", () => save(new Blob([standalone(svg)], { type: "image/svg+xml" }), `${name}.svg`)),
      button("PNG", () => void savePng(svg, name)),
    );
    if (table) tools.append(button("CSV", () => saveCsv(table, name)));
    figure.querySelector("figcaption")?.after(tools);
    svg.addEventListener("pointerover", (event) => {
      point(/** @type {SVGElement | null} */ (/** @type {Element} */ (event.target).closest(".mark")));
    });
    svg.addEventListener("pointerleave", () => point(null));
    keys(svg);
    brush(svg);
  }
  const themes = ["light dark", "light", "dark"];
  const theme = button("Colours: as the system", () => {
    const next = (themes.indexOf(theme.dataset.theme ?? themes[0]) + 1) % themes.length;
    theme.dataset.theme = themes[next];
    theme.textContent = `Colours: ${["as the system", "light", "dark"][next]}`;
    if (next === 0) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = themes[next];
  });
  const tools = make("div", { class: "tools" });
  tools.append(theme);
  document.querySelector("header")?.append(tools);
})();
