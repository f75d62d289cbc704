"""The style sheet of the reports' pages: the course's colours and type, and nothing loaded."""

STYLE = """
:root {
  color-scheme: light dark;
  --paper: #fffdf9; --card: #ffffff; --surface: #f7f2e9; --ink: #1f2733; --muted: #525c69;
  --line: #ddd5c7; --link: #1c5a94; --rust: #a8410a; --good: #11665a; --good-bg: #e2f2ee;
  --part: #93500b; --part-bg: #fdf0dc; --miss: #a8410a; --miss-bg: #fbe7dc; --none-bg: #f0ece4;
  --code: #8a2f5f; --code-bg: #f6f0e6; --bar: #1c5a94; --track: #e9e2d5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #11161d; --card: #171d26; --surface: #1c232e; --ink: #dfe5ec; --muted: #a3aebb;
    --line: #36414f; --link: #8cc0f3; --rust: #f4b06c; --good: #74d3be; --good-bg: #12332e;
    --part: #f4b76e; --part-bg: #3a2a14; --miss: #f6a585; --miss-bg: #3d2018; --none-bg: #242c37;
    --code: #f2b8d6; --code-bg: #232a35; --bar: #86bbf0; --track: #2a3441;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  background: var(--paper); color: var(--ink); margin: 0; overflow-wrap: anywhere;
  font: 1.05rem/1.6 Seravek, "Gill Sans Nova", Ubuntu, Calibri, "Segoe UI", "Liberation Sans",
    system-ui, sans-serif;
}
header, main, footer { margin: 0 auto; max-width: 66rem; padding: 0 1.5rem; }
header { padding-top: 2.5rem; }
h1, h2, h3 {
  font-family: Charter, "Bitstream Charter", "Sitka Text", Cambria, "Liberation Serif", Georgia,
    serif;
  letter-spacing: -0.01em; line-height: 1.2; text-wrap: balance;
}
h1 { font-size: 2.4rem; margin: 0.2rem 0 0; }
h1::after {
  background: repeating-linear-gradient(90deg, var(--rust) 0 0.5rem, transparent 0.5rem 0.65rem);
  content: ""; display: block; height: 0.5rem; margin-top: 0.9rem; opacity: 0.85; width: 4.4rem;
}
h2 { font-size: 1.6rem; margin: 3rem 0 0.6rem; }
h3 { font-size: 1.15rem; margin: 1.5rem 0 0.4rem; }
p, ul { margin: 0.5rem 0; }
.over { color: var(--muted); letter-spacing: 0.04em; margin: 0; }
.lead { font-size: 1.2rem; margin-top: 1.2rem; }
.lead strong { font-size: 1.5rem; font-variant-numeric: tabular-nums; }
.muted, caption, figcaption { color: var(--muted); font-size: 0.95rem; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 0.18em; }
a:hover { color: var(--rust); }
:focus-visible { border-radius: 0.2rem; outline: 3px solid var(--rust); outline-offset: 2px; }
code {
  background: var(--code-bg); border-radius: 0.25rem; color: var(--code); font-size: 0.9em;
  padding: 0.08em 0.3em;
}
.cards {
  display: grid; gap: 0.9rem; list-style: none; margin: 1.5rem 0; padding: 0;
  grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr));
}
.cards li {
  background: var(--card); border: 1px solid var(--line); border-radius: 0.75rem;
  display: flex; flex-direction: column; gap: 0.35rem; padding: 0.9rem 1.1rem;
}
.cards .label { flex: 1; }
.cards .value { font-size: 1.35rem; font-variant-numeric: tabular-nums; font-weight: 700; }
.cards .value small { color: var(--muted); font-size: 0.95rem; font-weight: 400; }
.track { background: var(--track); border-radius: 0.25rem; display: block; height: 0.5rem; }
.track span { background: var(--bar); border-radius: 0.25rem; display: block; height: 100%; }
table { border-collapse: collapse; margin: 0.8rem 0; width: 100%; }
caption { padding-bottom: 0.4rem; text-align: left; }
th, td { border-bottom: 1px solid var(--line); padding: 0.65rem 0.7rem; vertical-align: top; }
th { text-align: left; }
thead th {
  border-bottom: 2px solid var(--line); color: var(--muted); font-size: 0.95rem;
  overflow-wrap: normal; vertical-align: bottom;
}
thead th small { display: block; font-weight: 400; white-space: nowrap; }
tbody th { font-weight: 600; }
.number { font-variant-numeric: tabular-nums; text-align: right; white-space: nowrap; }
thead th.number { white-space: normal; }
.network { min-width: 18rem; }
.questions { table-layout: fixed; }
.questions .number { width: 5.5rem; }
.result { width: 10rem; }
.mark {
  border-radius: 1rem; display: inline-block; font-size: 0.92rem; font-weight: 600;
  line-height: 1.35; padding: 0.15rem 0.65rem; white-space: nowrap;
}
.mark.correct { background: var(--good-bg); color: var(--good); }
.mark.partly { background: var(--part-bg); color: var(--part); }
.mark.not-yet { background: var(--miss-bg); color: var(--miss); }
.mark.not-attempted { background: var(--none-bg); color: var(--muted); }
.question { display: block; font-weight: 600; }
.message { display: block; font-weight: 400; margin-top: 0.15rem; max-width: 44rem; }
.corrected { color: var(--part); display: block; font-size: 0.92rem; font-weight: 600; }
tr.has-picture > * { border-bottom: 0; padding-bottom: 0.2rem; }
figure { margin: 0.3rem 0 0.8rem; }
figure img {
  background: #ffffff; border: 1px solid var(--line); border-radius: 0.5rem; display: block;
  height: auto; max-height: 34rem; max-width: min(100%, 42rem); object-fit: contain;
  object-position: left;
}
figcaption { margin-top: 0.3rem; }
.callout {
  background: var(--part-bg); border-left: 5px solid var(--part); border-radius: 0.4rem;
  margin: 0.9rem 0; padding: 0.7rem 1rem;
}
.callout strong { color: var(--part); }
.notes { color: var(--muted); font-size: 0.98rem; margin: 0.6rem 0; padding-left: 1.2rem; }
.noted td .notes { margin: 0; }
.share { width: 45%; }
.scroll { overflow-x: auto; position: relative; }
.scroll table { overflow-wrap: normal; }
.matrix th, .matrix td { padding-left: 0.6rem; padding-right: 0.6rem; }
.matrix tbody th {
  max-width: 16rem; min-width: 8rem; overflow-wrap: anywhere;
}
.matrix td.earned {
  background: linear-gradient(var(--bar), var(--bar)) left 0.6rem top calc(1.6em + 0.75rem) /
    calc((100% - 1.2rem) * var(--share, 0)) 0.22rem no-repeat;
}
.matrix td.total { font-weight: 700; }
.histogram { margin: 1rem 0; max-width: 40rem; }
.histogram svg { display: block; height: auto; overflow: visible; width: 100%; }
.histogram text { fill: var(--muted); font-size: 13px; }
.histogram .count { fill: var(--ink); font-weight: 700; }
.histogram .bar { fill: var(--bar); }
.histogram .axis { stroke: var(--line); stroke-width: 2; }
details { margin: 0.6rem 0; }
summary { color: var(--link); cursor: pointer; }
.narrow { max-width: 26rem; }
.hidden {
  clip-path: inset(50%); height: 1px; overflow: hidden; position: absolute; white-space: nowrap;
  width: 1px;
}
footer {
  border-top: 1px solid var(--line); color: var(--muted); font-size: 0.95rem; margin-top: 4rem;
  padding-bottom: 3rem; padding-top: 1.2rem;
}
@media (max-width: 40rem) {
  body { font-size: 1rem; }
  header, main, footer { padding-left: 1rem; padding-right: 1rem; }
  header { padding-top: 1.6rem; }
  h1 { font-size: 1.9rem; }
  h2 { font-size: 1.4rem; }
  .cards { gap: 0.7rem; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); }
  .cards li { padding: 0.8rem; }
  th, td { padding: 0.6rem 0.4rem; }
  .result { width: 6.6rem; }
  .questions .number { width: 4rem; }
  .mark { border-radius: 0.6rem; white-space: normal; }
}
@media print {
  body { background: #ffffff; }
  tr, .cards li, figure { break-inside: avoid; }
}
"""
