/** Text as HTML shows it literally; also safe inside quoted attributes. */
export function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return text.replace(/[&<>"']/g, (character) => entities[character] as string);
}

const style = `
:root { color-scheme: light dark; --text: #1c2430; --soft: #5d6b7c; --line: #dde3ea; --back: #ffffff; --card: #f6f8fa; --bar: #2f6fb3; --box: #ff3b6b; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e4e9ef; --soft: #9aa7b5; --line: #313a45; --back: #14181d; --card: #1c222a; --bar: #6aa9e8; --box: #ff5c86; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 2rem 1.25rem 4rem; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.05rem; margin: 0 0 .5rem; } p.note { color: var(--soft); margin: .2rem 0; }
table { border-collapse: collapse; margin: 1rem 0; } th, td { padding: .3rem .8rem; border-bottom: 1px solid var(--line); text-align: right; font-variant-numeric: tabular-nums; }
th { color: var(--soft); font-weight: 600; } th:first-child, td:first-child { text-align: left; }
.scroll { overflow-x: auto; }
.plots { columns: 22rem; column-gap: 1rem; margin-top: 1.5rem; } .plots .card { break-inside: avoid; margin-bottom: 1rem; }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(22rem, 100%), 1fr)); gap: 1rem; margin-top: 1.5rem; align-items: start; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem; min-width: 0; margin: 0; }
svg text { fill: var(--soft); font: 11px system-ui, sans-serif; } svg .value { fill: var(--text); }
.bar { fill: var(--bar); } .axis { stroke: var(--line); }
.picture { position: relative; line-height: 0; } .picture img { width: 100%; height: auto; border-radius: 4px; }
.picture svg { position: absolute; inset: 0; width: 100%; height: 100%; } .picture rect { fill: none; stroke: var(--box); stroke-width: 3; vector-effect: non-scaling-stroke; }
.missing { padding: 3rem 1rem; text-align: center; color: var(--soft); border: 1px dashed var(--line); border-radius: 4px; }
ul.expressions { margin: .6rem 0 0; padding-left: 1.1rem; overflow-wrap: anywhere; } .meta { color: var(--soft); font-size: .8rem; margin: .4rem 0 0; overflow-wrap: anywhere; }
`;

/** A whole page that needs nothing from elsewhere: styles inside, no scripts. @param body  HTML, already escaped. */
export function htmlPage(title: string, body: string): string {
  return (
    `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">` +
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">` +
    `<title>${escapeHtml(title)}</title><style>${style}</style></head>\n<body>\n<h1>${escapeHtml(title)}</h1>\n${body}\n</body></html>\n`
  );
}
