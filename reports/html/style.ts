/** The report's style sheet: system fonts, light and dark, and a print layout. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1a1a1a; --soft: #5c5c5c; --line: #d4d4d4; --paper: #fff; --best: #e3f1e3; --link: #005a9c; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e8e8; --soft: #a8a8a8; --line: #444; --paper: #161616; --best: #1f3a24; --link: #7db8ea; }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 1480px; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; }
h2 { font-size: 1.2rem; margin: 2.5rem 0 .5rem; border-bottom: 2px solid var(--line); padding-bottom: .2rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p.lead, .notes, figcaption, caption { color: var(--soft); }
.notes { font-size: .85rem; margin: .4rem 0 0; padding-left: 1.1rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .8rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: .3rem; }
th, td { padding: .25rem .45rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th[scope=row], td.text, th.text { text-align: left; }
td.text { white-space: normal; min-width: 14rem; max-width: 34rem; }
td.best { background: var(--best); font-weight: 600; }
.charts { display: flex; flex-wrap: wrap; gap: 1rem; margin-top: 1rem; }
figure { margin: 0; }
figcaption { font-size: .85rem; }
svg { max-width: 100%; height: auto; font: 11px system-ui, sans-serif; }
svg text { fill: var(--ink); }
svg .axis { font-size: 12px; }
svg .grid line { stroke: var(--line); stroke-width: .7; }
svg .frontier { fill: none; stroke: var(--soft); stroke-dasharray: 4 3; }
details { margin: .75rem 0; }
summary { cursor: pointer; color: var(--link); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; font-size: .85rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
code { font: .85em ui-monospace, monospace; }
.grade { color: var(--soft); }
@page { margin: 15mm; }
@media print {
  :root { --ink: #000; --soft: #444; --line: #bbb; --paper: #fff; --best: #eee; --link: #000; }
  body { max-width: none; padding: 0; font-size: 10px; }
  figure, tr { break-inside: avoid; }
  details::details-content { content-visibility: visible; }
  summary { list-style: none; }
  .scroll { overflow: visible; }
  table { font-size: 8px; }
  th, td { padding: .15rem .3rem; }
}
`;
