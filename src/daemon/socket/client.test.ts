import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { findPaths } from "../paths.ts";
import { ask } from "./client.ts";

test("ask() reports where no service runs whether rules act all the same", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "sct-client-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const paths = { ...findPaths(directory), pinDir: join(directory, "pins") };
  const generation = join(paths.pinDir, "generation-3");
  const none = { code: "not_loaded", message: "the service is not running" };
  await assert.rejects(ask(paths, "status", {}), none);
  // a rule set without rules
  mkdirSync(generation, { recursive: true });
  writeFileSync(join(generation, "map-counters"), "");
  await assert.rejects(ask(paths, "status", {}), none);
  writeFileSync(join(generation, "link-0"), "");
  await assert.rejects(ask(paths, "status", {}), {
    code: "not_loaded",
    message: "the service is not running, and the rules that it has loaded keep acting",
    hint: "'sct load' starts it and takes them over, 'sct unload' takes them away",
  });
});

test("ask() reports that nobody can listen at a path that is too long", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "sct-client-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const paths = { ...findPaths(join(directory, "d".repeat(100))), pinDir: join(directory, "pins") };
  const message = "the service is not running: the path of its socket would be too long";
  const hint = "Choose a state directory with a shorter name";
  await assert.rejects(ask(paths, "status", {}), { code: "not_loaded", message, hint });
  mkdirSync(join(paths.pinDir, "generation-1"), { recursive: true });
  writeFileSync(join(paths.pinDir, "generation-1/link-0"), "");
  await assert.rejects(ask(paths, "status", {}), {
    message: `${message}, and the rules that it has loaded keep acting`,
    hint: "'sct unload' takes them away",
  });
});
