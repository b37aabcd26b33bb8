import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { formatDiagnostic, formatDiagnosticLine } from "../../base/print-diagnostic.ts";
import { parseConfig } from "./config.ts";

function problems(text: string): string[] {
  return parseConfig(text, "c").diagnostics.map(formatDiagnosticLine);
}

describe("parseConfig()", () => {
  test("gives defaults for an empty text", () => {
    const { config, diagnostics } = parseConfig("", "c");
    assert.deepEqual(diagnostics, []);
    assert.deepEqual(config.outputs, []);
    assert.equal(config.metrics, undefined);
    assert.equal(config.ring.bytes, 64 * 1024 ** 2);
    assert.deepEqual(config.history, { enabled: true, maxBytes: 2 ** 30, maxAgeMs: 2_592_000_000 });
  });

  test("reads all sections", () => {
    const { config, diagnostics } = parseConfig(
      `history = { max_size = "2G", max_age = "7d" }
ring.size = 65536
ring.latency = "2ms"
[metrics]
[[outputs]]
type = "file"
path = "/var/log/sct.log"
format = "json"
rules = ["un*", "x"]
[[outputs]]
type = "syslog"
transport = "tls"
address = "[::1]:6514"
ca = "/ca.pem"
[[outputs]]
type = "webhook"
url = "https://h/x"
[outputs.headers]
Authorization = "Bearer x"
`,
      "c",
    );
    assert.deepEqual(diagnostics, []);
    assert.equal(config.ring.bytes, 65_536);
    assert.equal(config.ring.latencyMs, 2);
    assert.equal(config.history.maxAgeMs, 7 * 86_400_000);
    assert.deepEqual(config.metrics, { host: "127.0.0.1", port: 9466 });
    const [file, syslog, webhook] = config.outputs;
    assert.deepEqual(file?.rules, ["un*", "x"]);
    assert.ok(syslog?.type === "syslog" && syslog.endpoint.host === "::1");
    assert.ok(webhook?.type === "webhook" && webhook.headers.get("Authorization") === "Bearer x");
  });

  test("a collector that is named by its address alone gets logs where it takes them", () => {
    for (const [url, expected] of [
      ["http://h:4318", "http://h:4318/v1/logs"],
      ["https://h:4318/?a=1", "https://h:4318/v1/logs?a=1"],
      ["http://h/otlp/v1/logs", "http://h/otlp/v1/logs"],
    ] as const) {
      const { config } = parseConfig(`[[outputs]]\ntype = "otlp"\nurl = "${url}"`, "c");
      const [output] = config.outputs;
      assert.equal(output?.type === "otlp" && output.url, expected);
    }
  });

  test("says what is wrong and where", () => {
    const table: [string, string][] = [
      ["[ring", "c:1:6: error config_syntax: "],
      ["a = 1\na = 2", "c:2:1: error config_syntax: "],
      [
        '[history]\nmax_siz = "1G"',
        "c:2:1: error config_unknown_key: The key 'history.max_siz' is",
      ],
      ['[history]\nmax_size = "1Q"', "c:2:12: error config_value: The value of 'history.max_size'"],
      ["[ring]\nsize = 5000", "c:2:8: error config_value: "],
      ['[[outputs]]\ntype = "fil"', "c:2:8: error config_value: The value of 'outputs[0].type'"],
      ['[[outputs]]\nname = "x"', "c:1:3: error config_missing: The key 'outputs[0].type'"],
      ['[[outputs]]\ntype = "file"', "c:1:3: error config_missing: The key 'outputs[0].path'"],
      ['[[outputs]]\ntype = "file"\npath = "x"', "c:3:8: error config_value: "],
      ['[[outputs]]\ntype = "webhook"\nurl = "ftp://x"', "c:3:7: error config_value: "],
      ['outputs = "x"', "c:1:11: error config_value: "],
      ["[metrics]\nlisten = 9090", "c:2:10: error config_value: "],
      ['[metrics]\nlisten = "h:99999"', "c:2:10: error config_value: "],
      ["[__proto__]\nx = 1", "c:1:2: error config_unknown_key: The key '__proto__'"],
      ["[history]\nmax_age = 2026-01-01", "c:2:11: error config_value: "],
    ];
    for (const [text, expected] of table) {
      const found = problems(text);
      assert.ok(found[0]?.startsWith(expected), `${text} gives ${found.join("; ") || "nothing"}`);
    }
  });

  test("suggests the key and the value that were meant", () => {
    const hints = (text: string) => parseConfig(text, "c").diagnostics.map(({ hint }) => hint);
    assert.deepEqual(hints('[histroy]\nmax_size = "1G"'), ["did you mean `history`?"]);
    assert.deepEqual(hints('[[outputs]]\ntype = "jurnald"'), ["did you mean `journald`?"]);
    const [first] = parseConfig("[ring]\nsze = 1", "c").diagnostics;
    assert.match(
      first ? formatDiagnostic(first) : "",
      /2:1: .*\n 2 \| sze = 1\n {3}\| \^\^\^\n.*`size`/,
    );
  });

  test("wants different names of outputs", () => {
    const two = '[[outputs]]\ntype = "terminal"\n'.repeat(2);
    assert.match(problems(two).join(), /^c:3:3: error config_value: .*outputs\[1\]\.name/);
  });

  test("refuses headers that HTTP cannot send, at their places", () => {
    const headers = (text: string) =>
      problems(`[[outputs]]\ntype = "webhook"\nurl = "http://h"\nheaders = { ${text} }`);
    for (const good of ['Auth = "a\\tb é"', '"X-1_b.c" = ""', "A = 'x \"y\"'"])
      assert.deepEqual(headers(good), []);
    for (const [text, column, named] of [
      ['"X\\nY" = "b"', 13, "outputs\\[0\\].headers.X\\\\nY'"],
      ['"" = "b"', 13, "headers.'"],
      ['"a b" = "b"', 13, "headers.a b'"],
      ['"é" = "b"', 13, "headers.é'"],
      ['A = "a\\r\\nZ: 1"', 17, "headers.A'"],
      ['A = "\\u0000"', 17, "headers.A'"],
      ['A = "€"', 17, "headers.A'"],
      ['B = "1", A = "\\u007f"', 26, "headers.A'"],
    ] as const) {
      const found = headers(text);
      assert.equal(found.length, 1, text);
      assert.match(found[0] ?? "", new RegExp(`^c:4:${column}: error config_value: .*${named}`));
    }
  });

  test("warns of two outputs to one file", () => {
    const file = (name: string, path: string) =>
      `[[outputs]]\ntype = "file"\nname = "${name}"\npath = "${path}"\n`;
    assert.deepEqual(problems(file("a", "/x/y") + file("b", "/x/y.1")), []);
    assert.match(
      problems(file("a", "/x/y") + file("b", "/x//y")).join(),
      /^c:8:8: warning config_same_file: The output 'a' writes to this file, too/,
    );
  });

  test("warns of metrics that others than this machine reach", () => {
    const metrics = (listen: string) => problems(`[metrics]\nlisten = "${listen}"`);
    for (const listen of ["127.0.0.1:9466", "127.1.2.3:1", "[::1]:1", "localhost:1"])
      assert.deepEqual(metrics(listen), []);
    for (const listen of ["0.0.0.0:9466", "[::]:1", "192.168.0.1:1", "example.org:1"])
      assert.match(metrics(listen).join(), /^c:2:10: warning config_exposed: /);
  });

  test("survives hostile text", () => {
    for (const text of [
      "[".repeat(100_000),
      `a = ${"[".repeat(100_000)}`,
      "\0",
      "x".repeat(2 ** 21),
    ]) {
      assert.equal(parseConfig(text, "c").diagnostics.length, 1);
    }
  });
});
