/**
 * A report as one page that needs nothing else: no network, no handlers in attributes, and a policy by which a browser runs the
 * one script that is in it and nothing more. The data is text that the script reads; names of strangers never become markup.
 */
import { createHash } from "node:crypto";
import { toJson } from "../base/escape.ts";
import { INVISIBLE } from "../base/invisible.ts";
import { PAGE_SCRIPT } from "./page-script.ts";
import { PAGE_STYLE } from "./page-style.ts";
import { USE_KINDS } from "./session.ts";

const digest = (text: string): string =>
  `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** `report`: as JSON has it. */
export function reportPage(report: object): string {
  const policy = [
    "default-src 'none'",
    `script-src ${digest(PAGE_SCRIPT)}`,
    `style-src ${digest(PAGE_STYLE)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>What the command did</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
${BODY}
${dataBlock("shown", { kinds: USE_KINDS, invisible: INVISIBLE.source })}
${dataBlock("report", report)}
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}

/** A script element ends at the first `</script`, whatever is around it: there is no `<` in it. */
function dataBlock(id: string, value: object): string {
  return `<script type="application/json" id="${id}">${toJson(value).replaceAll("<", "\\u003c")}</script>`;
}

const BODY = `<header>
<h1 id="command"></h1>
<p id="outcome"></p>
</header>
<section id="denied" tabindex="0" aria-labelledby="denied-title" hidden>
<h2 id="denied-title">Denied</h2>
<div id="reasons"></div>
</section>
<div id="tools" role="search">
<input id="search" type="search" placeholder="Search names, programs and arguments ( / )" aria-label="Search names, programs and arguments" autocomplete="off" spellcheck="false">
<div id="kinds" role="group" aria-label="Show only"></div>
</div>
<main>
<section id="left" aria-labelledby="tree-title">
<h2 id="tree-title">Processes</h2>
<div id="tree" role="tree" aria-labelledby="tree-title"></div>
</section>
<section id="right" aria-labelledby="uses-title">
<h2 id="uses-title" tabindex="-1"></h2>
<p id="about"></p>
<div id="uses"></div>
</section>
</main>
<p id="status" role="status"></p>
<noscript>The report is drawn by the script of this page.</noscript>`;
