/** The file output on a file system that is full. Mounts one, so it needs root. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { outputEvents, runOf } from "../../src/sinks/testing/events.ts";
import { waitFor } from "../../src/sinks/testing/wait-for.ts";
import { linesOf, openOutputs } from "./receiver.ts";

test("a full disk loses no line that waits, cuts none, and is over when there is room", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "sct-full-"));
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", directory]);
  t.after(() => {
    execFileSync("umount", ["--lazy", directory]);
    rmdirSync(directory);
  });
  const ballast = join(directory, "ballast");
  writeFileSync(ballast, Buffer.alloc(48 * 1024));
  const path = join(directory, "log");
  const outputs = openOutputs(t, `[[outputs]]\ntype = "file"\npath = "${path}"\nmax_size = 0\n`);
  outputs.deliver(runOf(outputEvents(3000)));
  await waitFor("the failure", () => /ENOSPC/.test(outputs.counters()[0]?.problem ?? ""));
  const written = readFileSync(path, "utf8");
  assert.ok(written === "" || written.endsWith("\n"), "only whole lines");
  rmSync(ballast);
  await waitFor("all lines", () => outputs.counters()[0]?.delivered === 3000);
  assert.deepEqual(
    linesOf(path),
    outputEvents(3000).map(({ text }) => text),
  );
  assert.equal(outputs.counters()[0]?.lost, 0);
});
