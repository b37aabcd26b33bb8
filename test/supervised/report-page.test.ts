/** The page of a report in a browser: long reports, names of strangers, keys. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { reportPage, SessionTable } from "../../src/report/index.ts";
import { Browser } from "./browser.ts";

const HOSTILE = [
  "<script>globalThis.bad = 1</script>",
  "<img src=x onerror='globalThis.bad = 1'>",
  "</script><script>globalThis.bad = 1</script>",
  "<!--<script>",
  "\u202egpj.exe",
  "a\nb\r\t\0c",
  "x".repeat(4096),
  "\udcff\udc80",
  "&lt;b&gt;",
  "__proto__",
];

/** A report of so many calls by so many processes, a tree with eight branches at each. */
function tableOf(processes: number, calls: number): SessionTable {
  const table = new SessionTable();
  for (let i = 0; i < processes; i++) {
    const parent = i === 0 ? undefined : 1 + Math.floor((i - 1) / 8);
    table.begin(1 + i, parent, { program: "/usr/bin/cc", arguments: ["cc", `file${i}.c`] }, i);
  }
  for (let i = 0; i < calls; i++) {
    const isDenied = i % 1000 === 0;
    const use = { kind: i % 7 === 0 ? "written" : "read", name: `/srv/some/folder/file-${i}` };
    table.use(1 + (i % processes), use as Parameters<SessionTable["use"]>[1], {
      verdict: isDenied ? "denied" : "allowed",
      by: isDenied ? ["p.read"] : [],
    });
  }
  return table;
}

async function opened(
  t: TestContext,
  table: SessionTable,
  more: object = {},
): Promise<{ browser: Browser; file: string }> {
  const folder = mkdtempSync(join(tmpdir(), "sct-page-"));
  const file = join(folder, "report.html");
  const report = {
    ...{ v: 1, command: ["make"], exit: 0, signal: null, policies: [], rules: [] },
    ...{ processes: table.processes(), unattributed: [] },
    lost: { unclear: 0, notKept: 0, lines: 0 },
    ...more,
  };
  writeFileSync(file, reportPage(report));
  const browser = await Browser.start();
  t.after(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });
  return { browser, file };
}

test("100,000 calls of 2,000 processes are shown within two seconds", async (t) => {
  const { browser, file } = await opened(t, tableOf(2000, 100_000));
  const times: number[] = [];
  // others work on the machine, too
  for (let i = 0; i < 5; i++) times.push(await browser.open(file));
  t.diagnostic(`${times.map(Math.round).join(", ")} ms`);
  assert.ok(Math.min(...times) < 2000, `${times}`);
  const outcome = await browser.evaluate("document.getElementById('outcome').textContent");
  assert.match(
    String(outcome),
    /2,000 processes, 100,000 calls on 100,000 names\. 100 calls denied/,
  );
  const elements = await browser.evaluate<number>("document.getElementsByTagName('*').length");
  assert.ok(elements < 10_000, `${elements}`);
});

test("names of strangers are shown as they are written, and do nothing", async (t) => {
  const table = new SessionTable();
  for (const [i, name] of HOSTILE.entries()) {
    table.begin(1 + i, undefined, { program: name, arguments: [name, name] }, 0);
    table.use(1 + i, { kind: "deleted", name }, { verdict: "denied", by: [name] });
    table.use(1 + i, { kind: "renamed", name, to: name }, { verdict: "allowed", by: [] });
  }
  const names = HOSTILE.map((name) => ({ name, call: "openat", calls: 2, programs: [name] }));
  const [name = ""] = HOSTILE;
  const list = { list: "read", at: name, calls: 2, names, add: HOSTILE, notProposed: [] };
  const { browser, file } = await opened(t, table, {
    command: HOSTILE,
    policies: [{ policy: name, denied: true, lists: [list] }],
    rules: HOSTILE.map((rule) => ({ rule, at: rule, actions: ["FAIL"], matched: 1 })),
  });
  await browser.open(file);
  assert.equal(await browser.evaluate("typeof globalThis.bad"), "undefined");
  assert.equal(browser.complaints.join("\n"), "");
  assert.equal(await browser.evaluate("document.querySelectorAll('img, body b').length"), 0);
  const shown = await browser.evaluate<string>("document.body.innerText");
  for (const text of [name, "\\u{202e}gpj.exe", "a\\nb\\r\\t\\x00c", "\\xff\\x80", "&lt;b&gt;"])
    assert.ok(shown.includes(text), text);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  assert.doesNotMatch(shown, /[\u202e\u0000]/);
  const wide = await browser.evaluate<boolean>(
    "document.documentElement.scrollWidth > document.documentElement.clientWidth",
  );
  assert.equal(wide, false);
  // a handler that got in all the same would not run
  await browser.evaluate(
    "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"globalThis.bad = 1\">'), new Promise((done) => setTimeout(done, 200))",
  );
  assert.equal(await browser.evaluate("typeof globalThis.bad"), "undefined");
  assert.ok(browser.complaints.some((text) => text.includes("Content Security Policy")));
});

test("keys go through the tree, and search", async (t) => {
  const { browser, file } = await opened(t, tableOf(600, 5000));
  await browser.open(file);
  const focused = () => browser.evaluate("document.activeElement.getAttribute('aria-label')");
  const title = () => browser.evaluate("document.getElementById('uses-title').textContent");
  await browser.evaluate("document.querySelector('[role=treeitem]').focus()");
  await browser.press("ArrowDown");
  assert.match(String(await focused()), /^cc file0\.c/);
  await browser.press("ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight");
  const deep = String(await focused());
  assert.equal(await title(), deep.replace(/, \d+ denied$/, ""));
  await browser.press("ArrowLeft");
  assert.notEqual(await focused(), deep);
  await browser.press("Home");
  assert.equal(await title(), "All processes");
  await browser.press("End", "Enter");
  assert.equal(await browser.evaluate("document.activeElement.id"), "uses-title");
  await browser.evaluate("document.querySelector('[role=treeitem]').firstChild.click()");
  await browser.press("/");
  assert.equal(await browser.evaluate("document.activeElement.id"), "search");
  await browser.press("-", "4", "2", "4", "2");
  const status = () =>
    browser.evaluate(
      "new Promise((done) => setTimeout(() => done(document.getElementById('status').textContent), 300))",
    );
  assert.equal(await status(), "1 name shown");
  // the process that did it
  await browser.evaluate("document.querySelector('#uses .who').click()");
  assert.match(String(await title()), /^cc file42\.c|^cc file\d+\.c/);
  await browser.evaluate("document.getElementById('search').focus()");
  await browser.press("Escape");
  assert.notEqual(await status(), "1 name shown");
});
