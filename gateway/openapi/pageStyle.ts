// How the reference page looks: from a phone to a wide screen, by day and by night, and on paper.

export const pageStyle = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #5b6570; --line: #dfe3e8; --paper: #fff; --raised: #f6f7f9;
  --link: #0b5cad; --get: #0b6e4f; --post: #8a4b00; --ok: #0b6e4f; --bad: #a3262a; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --soft: #9aa5b1; --line: #30363d; --paper: #14171b;
  --raised: #1d2126; --link: #79b8ff; --get: #5fd3a5; --post: #f0b35c; --ok: #5fd3a5; --bad: #ff9a95; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: .15em; }
code, pre { font-family: ui-monospace, "SF Mono", Consolas, monospace; font-size: .875em; }
code { overflow-wrap: anywhere; }
h1 { font-size: 1.75rem; line-height: 1.2; margin: 0 0 1rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .25rem; }
h4 { font-size: .9rem; margin: 1.25rem 0 .25rem; }
p { margin: .35rem 0; max-width: 46rem; }
small, .type, .roles { color: var(--soft); font-size: .85rem; }
nav { padding: 1rem 1.25rem; border-bottom: 1px solid var(--line); background: var(--raised); }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1rem; margin: .5rem 0 0; padding: 0; }
nav li a { color: var(--ink); text-decoration: none; font-size: .95rem; }
nav li a:hover { text-decoration: underline; }
.brand { font-weight: 600; margin: 0 0 .75rem; }
.brand a { color: inherit; text-decoration: none; }
.find { display: block; font-size: .85rem; color: var(--soft); }
.find input { display: block; width: 100%; margin-top: .2rem; padding: .5rem .6rem; font: inherit; font-size: 1rem;
  color: var(--ink); background: var(--paper); border: 1px solid var(--line); border-radius: 6px; }
#found { min-height: 1.5em; font-size: .85rem; color: var(--soft); }
main { padding: 1.5rem 1.25rem 6rem; max-width: 64rem; }
.entry { border-top: 1px solid var(--line); }
.entry:last-child { border-bottom: 1px solid var(--line); }
.entry > summary { padding: .6rem 0; cursor: pointer; list-style: none; }
.entry > summary::-webkit-details-marker { display: none; }
.entry > summary:hover code { text-decoration: underline; text-underline-offset: .2em; }
.entry > summary span { display: block; color: var(--soft); font-size: .92rem; overflow: hidden; text-overflow: ellipsis;
  white-space: nowrap; }
.entry[open] > summary span { display: none; }
.entry[open] > summary code { font-weight: 600; }
.inside { padding: 0 0 1.5rem; }
.verb { display: inline-block; min-width: 3.2em; font-size: .78rem; letter-spacing: .02em; color: var(--soft); }
.verb.get { color: var(--get); } .verb.post { color: var(--post); }
dl { margin: .25rem 0; }
.field { padding: .35rem 0; border-top: 1px solid var(--line); }
.field:first-child { border-top: 0; }
.field dt code { color: var(--ink); font-weight: 600; margin-right: .25rem; }
.field dd { margin: 0; font-size: .95rem; }
.field dd p, .fault p { margin: 0 0 .2rem; }
.rule, .eg { font-family: ui-monospace, "SF Mono", Consolas, monospace; font-size: .8rem; overflow-wrap: anywhere; }
.eg { color: var(--soft); } .eg::before { content: "e.g. "; font-family: system-ui, sans-serif; }
.status { color: var(--soft); font-variant-numeric: tabular-nums; }
.s2 { color: var(--ok); } .s4, .s5 { color: var(--bad); }
.fault { display: grid; grid-template-columns: 3.2rem 1fr; border-top: 1px solid var(--line); padding: .35rem 0; }
.fault h4 { margin: 0; }
.example { margin-bottom: .75rem; }
.example > summary { cursor: pointer; font-size: .92rem; color: var(--soft); }
.example > summary code { color: var(--ink); }
pre { margin: .5rem 0; padding: .75rem; overflow: auto; max-height: 26rem; background: var(--raised); border-radius: 6px; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 2px; }
.searching header { display: none; }
@media (max-width: 60rem) { .searching nav ul { display: none; } }
[hidden] { display: none; }
@media (min-width: 60rem) {
  body { display: grid; grid-template-columns: 17rem minmax(0, 1fr); }
  nav { position: sticky; top: 0; height: 100vh; overflow: auto; border: 0; border-right: 1px solid var(--line); }
  nav ul { display: block; } nav li { margin: .3rem 0; }
  main { padding: 2rem 3rem 6rem; }
  .field { display: grid; grid-template-columns: minmax(0, 20rem) minmax(0, 1fr); gap: 1.5rem; }
}
@media print { nav { display: none; } body { display: block; } }
`;
