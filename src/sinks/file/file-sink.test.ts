import assert from "node:assert/strict";
import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { parseConfig } from "../config/config.ts";
import { Outputs } from "../outputs.ts";
import { outputEvent, outputEvents, runOf } from "../testing/events.ts";
import { waitFor } from "../testing/wait-for.ts";

let directory = "";
before(() => {
  directory = mkdtempSync(join(tmpdir(), "sct-file-"));
});
after(() => rmSync(directory, { recursive: true, force: true }));

function open(path: string, extra = ""): Outputs {
  const text = `[[outputs]]\ntype = "file"\npath = "${path}"\n${extra}`;
  const { config, diagnostics } = parseConfig(text, "test");
  assert.deepEqual(diagnostics, []);
  return Outputs.open(config.outputs);
}

describe("file output", () => {
  test("writes lines for the owner only, and makes the directory", async () => {
    const path = join(directory, "new", "log");
    const outputs = open(path);
    outputs.deliver(runOf(outputEvents(3)));
    await outputs.close();
    assert.equal(readFileSync(path, "utf8"), "event 1\nevent 2\nevent 3\n");
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(join(directory, "new")).mode & 0o777, 0o700);
  });

  test("rotates by size, loses nothing and keeps what it should", async () => {
    const path = join(directory, "rotated");
    const outputs = open(path, 'max_size = 1000\nkeep = 3\nformat = "text"');
    outputs.deliver(runOf(outputEvents(1000)));
    await outputs.close();
    const names = readdirSync(directory).filter((name) => name.startsWith("rotated"));
    assert.deepEqual(names.toSorted(), ["rotated", "rotated.1", "rotated.2", "rotated.3"]);
    const kept = ["rotated.3", "rotated.2", "rotated.1", "rotated"]
      .map((name) => readFileSync(join(directory, name), "utf8"))
      .join("");
    const all = outputEvents(1000).map(({ text }) => `${text}\n`);
    assert.ok(all.join("").endsWith(kept));
    for (const name of names) assert.ok(statSync(join(directory, name)).size <= 1000);
    assert.equal(outputs.counters()[0]?.delivered, 1000);
  });

  test("reopen() continues in a new file, also when nothing is written", async () => {
    const path = join(directory, "moved");
    const outputs = open(path);
    outputs.deliver(runOf(outputEvents(1)));
    await waitFor("the first line", () => outputs.counters()[0]?.delivered === 1);
    renameSync(path, `${path}.old`);
    outputs.reopen();
    outputs.deliver(runOf(outputEvents(1, 2)));
    await outputs.close();
    assert.equal(readFileSync(`${path}.old`, "utf8"), "event 1\n");
    assert.equal(readFileSync(path, "utf8"), "event 2\n");
  });

  test("a file that was deleted is made again", async () => {
    const path = join(directory, "deleted");
    const outputs = open(path);
    outputs.deliver(runOf(outputEvents(1)));
    await waitFor("the first line", () => outputs.counters()[0]?.delivered === 1);
    rmSync(path);
    outputs.deliver(runOf(outputEvents(1, 2)));
    await outputs.close();
    assert.equal(readFileSync(path, "utf8"), "event 2\n");
  });

  test("ends a line that a crash left open", async () => {
    const path = join(directory, "crashed");
    writeFileSync(path, "half a li");
    chmodSync(path, 0o640);
    const outputs = open(path);
    outputs.deliver(runOf(outputEvents(1)));
    await outputs.close();
    assert.equal(readFileSync(path, "utf8"), "half a li\nevent 1\n");
    assert.equal(statSync(path).mode & 0o777, 0o640);
  });

  test("writes through no symbolic link, and into no device", async () => {
    const target = join(directory, "target");
    appendFileSync(target, "");
    const link = join(directory, "link");
    symlinkSync(target, link);
    for (const path of [link, "/dev/null"]) {
      const outputs = open(path);
      outputs.deliver(runOf(outputEvents(1)));
      await waitFor("the failure", () => outputs.counters()[0]?.problem !== undefined);
      await outputs.close(0);
      assert.equal(outputs.counters()[0]?.lost, 1);
    }
    assert.equal(statSync(target).size, 0);
  });

  test("a name with line ends and controls forges no line", async () => {
    const text = join(directory, "hostile");
    const json = join(directory, "hostile.json");
    const hostile = "a\nevent 2\r\u001b[2J\u2028\u0085\udcffz";
    for (const path of [text, json]) {
      const outputs = open(path, `format = "${path === text ? "text" : "json"}"`);
      outputs.deliver(runOf([outputEvent(hostile, { comm: hostile, path: hostile })]));
      await outputs.close();
      const written = readFileSync(path, "utf8");
      assert.equal(
        written.match(/[\p{Cc}\p{Zl}]/gu)?.join(""),
        "\n",
        "one line end and no other control",
      );
      assert.ok(written.endsWith("\n"));
    }
    assert.equal(JSON.parse(readFileSync(json, "utf8")).comm, hostile);
  });
});
