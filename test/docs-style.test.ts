/** What a person reads is in plain English: short sentences, the usual words, a purpose and an example first. */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { commands } from "../src/cli/commands.ts";
import { type Block, blocksOf, sentencesOf, wordsOf } from "./prose.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const MAX_WORDS = 25;
const MAX_COLUMNS = 100;

/** Words that readers had to learn here, with those that they know. */
const BANNED: readonly (readonly [RegExp, string])[] = [
  [/\b(tells?|telling|told)\b/i, "report, print, say, show, notify, recognise"],
  [/\b(go|goes|going|went|gone) on\b/i, "continue, keep doing"],
  [/\banew\b/i, "again, from the beginning, from zero"],
  [/\bfor want of\b/i, "because … is missing, for lack of"],
  [/\bMechanic\b|\bSurroundings\b|\bHomeless\b/, "a name that says what it is"],
];

/** In comments, besides those. */
const BANNED_IN_COMMENTS: typeof BANNED = [
  ...BANNED,
  [/\bwhoever\b/i, "the caller, the process, the user: a noun"],
  [/[.:(] Who (?!is\b|has\b|are\b)|\/\*\* Who /, "a noun"],
];
/** Parts of names in camelCase. */
const BANNED_IN_NAMES =
  /(?:\b|[a-z0-9_])(?:Tells?|Told|Telling|Go(?:es)?On|Anew|Whoever|Mechanic|Surroundings|Homeless)(?![a-z])|\b(?:go(?=On)|goes(?=On)|tells?|told|telling|anew|whoever|mechanic|surroundings|homeless)(?=[A-Z])/;

const pages = globSync(["README.md", "CONTRIBUTING.md", "docs/**/*.md"], { cwd: ROOT }).toSorted();
assert.ok(pages.length > 20);
const read = (name: string): string => readFileSync(`${ROOT}/${name}`, "utf8");

function banned(text: string, words = BANNED): readonly string[] {
  return words.flatMap(([pattern, instead]) => {
    const found = pattern.exec(text);
    return found === null ? [] : [`"${found[0]}": ${instead}`];
  });
}

/** Places of a page and what is wrong there. */
function check(name: string, wrong: (block: Block) => readonly string[]): void {
  const problems = blocksOf(read(name)).flatMap((block) =>
    wrong(block).map((problem) => `${name}:${block.line}: ${problem}`),
  );
  assert.deepEqual(problems, []);
}

for (const name of pages) {
  test(`${name}: lines have at most ${MAX_COLUMNS} columns`, () => {
    check(name, ({ kind, lines }) =>
      kind === "table" || kind === "code" ? [] : lines.filter((line) => line.length > MAX_COLUMNS),
    );
  });

  test(`${name}: sentences have at most ${MAX_WORDS} words`, () => {
    check(name, (block) => {
      if (block.kind !== "prose") return [];
      return sentencesOf(block)
        .filter((sentence) => wordsOf(sentence) > MAX_WORDS)
        .map((sentence) => `${wordsOf(sentence)} words: ${sentence}`);
    });
  });

  test(`${name}: the usual words`, () => {
    check(name, ({ lines }) => banned(lines.join(" ")));
  });

  test(`${name}: its purpose first, an example before tables`, () => {
    const [title, purpose, ...rest] = blocksOf(read(name));
    assert.equal(title?.kind, "heading");
    assert.equal(purpose?.kind, "prose", "a sentence that says what the page is for");
    const kinds = rest.map(({ kind }) => kind);
    const example = kinds.indexOf("code");
    assert.notEqual(example, -1, "an example");
    const table = kinds.indexOf("table");
    assert.ok(table === -1 || example < table, "an example before the first table");
  });
}

/** Files that a page names as they lie in the repository; a name in capitals or brackets stands for any. */
const FILE = /(?<![\w/.-])(?:src|test|scripts(?!\/kconfig)|benchmarks|examples|docs)\/[\w./-]*\w/g;

test("files that pages name are there", () => {
  const missing = pages.flatMap((name) =>
    [...read(name).matchAll(FILE)]
      .map(([path]) => path)
      .filter((path) => !/[A-Z]{4}/.test(path) && !existsSync(`${ROOT}/${path}`))
      .map((path) => `${name}: ${path}`),
  );
  assert.deepEqual(missing, []);
});

/** Wrong in a text that is no page; quoted examples and names of options count as words. */
function wrongIn(text: string): readonly string[] {
  const block: Block = { kind: "prose", line: 1, lines: text.split("\n") };
  const long = sentencesOf(block).filter((sentence) => wordsOf(sentence) > MAX_WORDS);
  return [...banned(text), ...long.map((sentence) => `${wordsOf(sentence)} words: ${sentence}`)];
}

test("help texts: short sentences, the usual words", async () => {
  const problems: string[] = [];
  for (const [name, { load }] of commands) {
    const { about, options, subcommands = [] } = await load();
    const helps = [...options, ...subcommands].map(({ help }) => help);
    for (const text of [about, ...helps])
      problems.push(...wrongIn(text).map((problem) => `${name}: ${problem}`));
  }
  assert.deepEqual(problems, []);
});

/** Texts of several words in a source file, comments left out. */
function textsIn(source: string): readonly string[] {
  const code = source.replaceAll(/^\s*(?:\/\/|\/\*|\*).*$/gm, "").replaceAll(/\s\/\/ .*$/gm, "");
  const literals = code.match(/"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`/g) ?? [];
  // names of tables are part of the format of the history
  return literals.filter((text) => text.includes(" ") && !/\b(?:FROM|INTO|TABLE)\b/.test(text));
}

test("messages in the sources: the usual words", () => {
  const files = globSync(["src/**/*.ts", "scripts/**/*.ts"], {
    cwd: ROOT,
    exclude: ["**/*.test.ts", "**/testing/**"],
  });
  const problems = files.flatMap((file) =>
    textsIn(read(file)).flatMap((text) =>
      banned(text).map((word) => `${file}: ${word} in ${text}`),
    ),
  );
  assert.deepEqual(problems, []);
});

/** All but this file, which has the words. */
const sources = globSync("{src,scripts,test,benchmarks}/**/*.ts", { cwd: ROOT }).filter(
  (file) => file !== "test/docs-style.test.ts",
);

/** Comments of a source file, each line with its number; what looks like one inside a text counts too. */
function commentsIn(source: string): readonly (readonly [number, string])[] {
  return source.split("\n").flatMap((line, i) => {
    const [, comment] = /(?:^|\s)(?:\/\/|\/\*\*?|\*)\s(.*)$/.exec(line) ?? [];
    return comment === undefined ? [] : [[i + 1, `/** ${comment}`] as const];
  });
}

test("comments in the sources: the usual words", () => {
  const problems = sources.flatMap((file) =>
    commentsIn(read(file)).flatMap(([line, text]) =>
      banned(text, BANNED_IN_COMMENTS).map((word) => `${file}:${line}: ${word}`),
    ),
  );
  assert.deepEqual(problems, []);
});

test("names in the sources: the usual words", () => {
  const problems = sources.flatMap((file) =>
    read(file)
      .split("\n")
      .flatMap((line, i) => (BANNED_IN_NAMES.test(line) ? [`${file}:${i + 1}: ${line}`] : [])),
  );
  assert.deepEqual(problems, []);
});
