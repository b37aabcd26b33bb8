/** The example file and the document say all there is to say, and nothing else. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { formatDiagnosticLine } from "../../base/print-diagnostic.ts";
import { renderMetrics } from "../metrics/render.ts";
import { parseConfig } from "./config.ts";

function read(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
}

function problems(text: string): string[] {
  return parseConfig(text, "syscalltrack.toml").diagnostics.map(formatDiagnosticLine);
}

test("etc/syscalltrack.toml is right as it is, and with all that is commented out", () => {
  const text = read("etc/syscalltrack.toml");
  const { config } = parseConfig(text, "");
  assert.deepEqual(problems(text), []);
  assert.deepEqual(config, parseConfig("", "").config);
  const all = text.replace(/^#(?! )/gm, "");
  assert.deepEqual(problems(all), []);
  const types = parseConfig(all, "").config.outputs.map(({ type }) => type);
  const known = ["journald", "file", "syslog", "webhook", "otlp", "terminal"];
  assert.deepEqual(types, known);
});

test("every key is in docs/configuration.md and in the example", () => {
  const sources = globSync("*.ts", { cwd: import.meta.dirname }).map((name) =>
    readFileSync(`${import.meta.dirname}/${name}`, "utf8"),
  );
  const calls = sources
    .join("")
    .matchAll(/section\.\w+\(\s*"(\w+)"|readEndpoint\(section, "(\w+)"|readUrl\(section, "(\w+)"/g);
  const keys = new Set([...calls].map(([, a, b, c]) => a ?? b ?? c ?? ""));
  assert.ok(keys.size > 25, `${keys.size} keys`);
  const documented = read("docs/configuration.md");
  const example = read("etc/syscalltrack.toml");
  for (const key of keys) {
    assert.ok(documented.includes(`\`${key}\``), `docs/configuration.md does not say ${key}`);
    assert.match(example, new RegExp(`^#?${key} = `, "m"), `etc/syscalltrack.toml has no ${key}`);
  }
});

test("every metric is in docs/configuration.md", () => {
  const counters = { matched: 1, delivered: 1, limited: 1, dropped: 1, unreadable: 1, missed: 1 };
  const pieces = renderMetrics({
    version: "1",
    startedAtMs: 1,
    generation: 1,
    rules: [{ rule: "r", ...counters, throttled: 1, kernelNs: 1 }],
    recursionMisses: 1,
    readerDropped: 1,
    ring: { sizeBytes: 1, usedBytes: 1 },
    history: { sizeBytes: 1, maxBytes: 1 },
    outputs: [
      {
        ...{ name: "o", type: "file", delivered: 1, lost: 1, queued: 1, queuedBytes: 1 },
        ...{ failures: 1, problem: undefined },
      },
    ],
  });
  const text = [...pieces].join("");
  const names = [...text.matchAll(/^# TYPE syscalltrack_(\w+)/gm)].map(([, name]) => name);
  assert.ok(names.length > 20);
  const documented = read("docs/configuration.md");
  for (const name of names)
    assert.ok(documented.includes(`\`${name}\``), `${name} is not documented`);
});
