import assert from "node:assert/strict";
import { test } from "node:test";
import { parseArguments } from "./arguments.ts";
import type { CliCommand } from "./command.ts";
import { UsageError } from "./errors.ts";

const command: CliCommand = {
  usage: "",
  about: "",
  examples: [],
  options: [
    { name: "file", short: "f", value: "FILE", help: "" },
    { name: "rule", short: "e", value: "RULE", help: "" },
    { name: "json", help: "" },
  ],
  run: async () => 0,
};

test("parseArguments() takes all spellings and keeps the order", () => {
  const args = parseArguments(
    ["-fa", "--rule", "r", "--file=b", "--json", "x", "--", "-y"],
    command,
  );
  assert.deepEqual(args.ordered, [
    { option: "file", value: "a" },
    { option: "rule", value: "r" },
    { option: "file", value: "b" },
  ]);
  assert.equal(args.has("json"), true);
  assert.equal(args.last("file"), "b");
  assert.equal(args.last("rule"), "r");
  assert.deepEqual(args.operands, ["x", "-y"]);
});

test("parseArguments() reports what is wrong in one sentence", () => {
  const table: [string[], RegExp][] = [
    [["--nope"], /^unknown option '--nope'$/],
    [["--fiel=x"], /^unknown option '--fiel', did you mean '--file'\?$/],
    [["-x"], /^unknown option '-x'$/],
    [["--file"], /^option '-f, --file' needs a value$/],
    [["--file", "--json"], /^option '--file' needs a value$/],
    [["--json=1"], /^option '--json' takes no value$/],
  ];
  for (const [argv, message] of table) {
    assert.throws(
      () => parseArguments(argv, command),
      (error) => error instanceof UsageError && message.test(error.message),
      argv.join(" "),
    );
  }
});
