/** `sct completion` in real shells: each completes the same lines to the same words. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { completeAll, hasShell } from "./completion/shells.ts";

const bin = fileURLToPath(new URL("../bin", import.meta.url));

interface Case {
  readonly line: string;
  /** All words that are offered; the shells write options with a value as they like. */
  readonly words: readonly string[];
}

const cases: readonly Case[] = [
  { line: "sct w", words: ["watch", "why"] },
  { line: "sct --v", words: ["--version"] },
  { line: "sct help doc", words: ["doctor"] },
  { line: "sct fm", words: ["fmt"] },
  { line: "sct completion ", words: ["bash", "fish", "zsh"] },
  { line: "sct run --j", words: ["--json", "--json-fd"] },
  { line: "sct run --deny unlinka", words: ["unlinkat"] },
  { line: "sct run --o", words: ["--output"] },
  { line: "sct watch -f zo", words: ["zone.conf"] },
  { line: "sct watch --file=zo", words: ["--file=zone.conf"] },
  { line: "sct watch --for ", words: [] },
  { line: "sct check zone.conf ztw", words: ["ztwo.conf"] },
  { line: "sct syscalls unl", words: ["unlink", "unlinkat"] },
  { line: "sct syscalls @del", words: ["@delete"] },
  { line: "sct syscalls --json unlinka", words: ["unlinkat"] },
  { line: "sct run -e x -- zprog", words: ["zprogram"] },
  { line: "sct run -e x -- cat zo", words: ["zone.conf"] },
  // behind -- begins another command line: its options are its own
  { line: "sct run -- cat --json", words: [] },
];

for (const name of ["bash", "zsh", "fish"] as const) {
  const skip = hasShell(name) ? false : `${name} is not installed`;
  test(`sct completion ${name}: completes command lines`, { skip }, async () => {
    const directory = mkdtempSync(join(tmpdir(), "sct-completion-"));
    try {
      const script = join(directory, "script");
      writeFileSync(script, execFileSync(join(bin, "sct"), ["completion", name]));
      const work = join(directory, "work");
      mkdirSync(join(work, "bin"), { recursive: true });
      for (const file of ["zone.conf", "ztwo.conf"]) writeFileSync(join(work, file), "");
      writeFileSync(join(work, "bin/zprogram"), "#!/bin/sh\n", { mode: 0o755 });
      const path = [join(work, "bin"), bin, process.env["PATH"]].join(delimiter);
      const lines = cases.map(({ line }) => line);
      const answers = await completeAll(name, script, lines, work, path);
      for (const [i, { line, words }] of cases.entries()) {
        const offered = answers[i]?.map((word) => word.replace(/=$/, "")) ?? [];
        // what stays as it was typed is no completion
        const found = offered.filter((word) => !line.endsWith(` ${word}`));
        assert.deepEqual(found.toSorted(), words, line);
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}
