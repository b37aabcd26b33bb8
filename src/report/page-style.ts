/** The style of the page, for light and dark. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --back: #fdfdfc; --panel: #fff; --text: #1c1d1f; --soft: #5b6068; --line: #dcdee2;
  --chosen: #e3edfb; --accent: #1657b0; --bad: #b01e1e; --bad-back: #fdeceb; --warn: #8a5a00;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #16181b; --panel: #1d2024; --text: #e4e6e9; --soft: #9aa1ab; --line: #343940;
    --chosen: #24364f; --accent: #7fb2f5; --bad: #ff8f87; --bad-back: #3a2221; --warn: #e4b45c;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 1rem; max-width: 84rem; background: var(--back); color: var(--text);
  font: 14px/1.45 system-ui, sans-serif;
}
h1 { font: 600 1.15rem/1.4 ui-monospace, monospace; margin: 0; overflow-wrap: anywhere; max-height: 6em; overflow: auto; }
h2 { font-size: 1rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h3 { font-size: .85rem; margin: 1rem 0 .25rem; color: var(--soft); font-weight: 600; }
p { margin: .25rem 0; }
header { margin-bottom: .75rem; }
#outcome, #about, #status { color: var(--soft); overflow-wrap: anywhere; }
#denied { background: var(--bad-back); border-radius: 6px; padding: .75rem 1rem; margin-bottom: .75rem; max-height: 40vh; overflow: auto; }
#denied h2 { color: var(--bad); }
#denied .list + .list { margin-top: .6rem; }
.name { font-family: ui-monospace, monospace; font-size: .92em; overflow-wrap: anywhere; unicode-bidi: isolate; direction: ltr; }
.escape { color: var(--warn); }
.count, .soft { color: var(--soft); }
.bad { color: var(--bad); }
.warn { color: var(--warn); }
#tools {
  display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; position: sticky; top: 0; z-index: 1;
  background: var(--back); padding: .5rem 0;
}
input[type=search] {
  flex: 1 1 20rem; min-width: 0; font: inherit; color: inherit; background: var(--panel);
  border: 1px solid var(--line); border-radius: 6px; padding: .45rem .6rem;
}
#kinds { display: flex; flex-wrap: wrap; gap: .25rem; }
button {
  font: inherit; color: inherit; background: var(--panel); border: 1px solid var(--line);
  border-radius: 6px; padding: .25rem .55rem; cursor: pointer; text-align: left;
}
button:hover { border-color: var(--accent); }
button[aria-pressed=true] { background: var(--chosen); border-color: var(--accent); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
main { display: grid; grid-template-columns: minmax(16rem, 2fr) minmax(0, 3fr); gap: 1rem; align-items: start; }
main > section { border: 1px solid var(--line); border-radius: 6px; background: var(--panel); padding: .75rem; min-width: 0; }
#left { position: sticky; top: 3.6rem; max-height: calc(100vh - 4.6rem); overflow: auto; }
[role=treeitem] { display: block; }
.row {
  display: flex; gap: .4rem; align-items: baseline; padding: .12rem .3rem; border-radius: 4px; cursor: pointer;
  scroll-margin: 2rem;
}
.row:hover { background: color-mix(in srgb, var(--chosen) 50%, transparent); }
[aria-selected=true] > .row { background: var(--chosen); }
[role=treeitem]:focus { outline: none; }
[role=treeitem]:focus-visible > .row { outline: 2px solid var(--accent); outline-offset: -2px; }
[role=group] > [role=treeitem] { padding-left: .9rem; }
.mark { flex: none; width: .8rem; color: var(--soft); }
.row .name { flex: 1; min-width: 0; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.row .count { flex: none; }
.use { display: flex; gap: .75rem; justify-content: space-between; padding: .1rem 0; border-bottom: 1px solid var(--line); }
.use > :first-child { min-width: 0; }
.use > :last-child { flex: none; max-width: 45%; text-align: right; overflow-wrap: anywhere; }
.who { padding: 0 .2rem; border: 0; color: var(--accent); background: none; overflow-wrap: anywhere; }
.who:hover { text-decoration: underline; }
.more { margin-top: .4rem; }
@media (max-width: 52rem) {
  body { padding: .6rem; }
  main { grid-template-columns: minmax(0, 1fr); }
  #left { position: static; max-height: 45vh; }
  .use { flex-direction: column; gap: 0; }
  .use > :last-child { max-width: none; text-align: left; }
}
@media print { #tools { display: none; } #left, #denied, h1 { max-height: none; } }
`;
