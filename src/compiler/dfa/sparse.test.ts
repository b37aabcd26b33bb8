import assert from "node:assert/strict";
import { test } from "node:test";
import type { StringOp } from "../../language/checked/index.ts";
import { patternOf } from "../layout/patterns.ts";
import { buildClassifier, classify } from "./classifier.ts";
import { isLinear, LinearPatterns } from "./linear-patterns.ts";
import { buildSparse, classifySparse } from "./sparse.ts";

const PATTERNS: readonly (readonly [StringOp, string])[] = [
  ["==", ""],
  ["==", "/etc/passwd"],
  ["==", "/etc/passwd"],
  ["startswith", "/etc/"],
  ["startswith", ""],
  ["endswith", "passwd"],
  ["contains", "ss"],
  ["icontains", "PaSS"],
  ["matches", "/etc/*"],
  ["matches", "/**/x.txt"],
  ["matches", "**"],
  ["matches", "*a?c*"],
  ["matches", "{/etc,/usr}/{a,b}*"],
  ["matches", "[!/a-y]*"],
  ["matches", "[[:alpha:]]?"],
  ["=~", ""],
  ["=~", "ss"],
  ["=~", "^/etc/.*d$"],
  ["=~", "^/(etc|usr)/[a-p]+$"],
  ["=~", "a+c?y|^z"],
  ["=~", "(?i)PASS"],
  ["=~", "[^/]{2,3}$"],
  ["=~", "^$"],
  ["=~", "(?s)/.*x.*t"],
];

const TEXTS = [
  "",
  "/",
  "a",
  "zz",
  "/etc",
  "/etc/",
  "/etc/passwd",
  "/etc/passwd2",
  "/etc/x/passwd",
  "/x.txt",
  "/a/b/x.txt",
  "/usr/bin",
  "/usr/b",
  "abc",
  "xaacy",
  "PASSWD",
  "\xff\x80",
];

test("buildSparse() holds what a classifier holds, for each text", () => {
  const linear = new LinearPatterns();
  for (const [number, [op, text]] of PATTERNS.entries())
    assert.ok(isLinear(op) && linear.add(op, Buffer.from(text, "latin1"), [number]));
  const sparse = buildSparse(linear);
  const classifier = buildClassifier(
    PATTERNS.map(([op, text]) => patternOf(op, Buffer.from(text, "latin1"))),
    10_000,
  );
  assert.ok(sparse && classifier);
  for (const text of TEXTS) {
    const bytes = Buffer.from(text, "latin1");
    assert.deepEqual(classifySparse(sparse, bytes), classify(classifier, bytes), text);
  }
});

test("buildSparse() gives up on patterns of which too many can hold at once", () => {
  const linear = new LinearPatterns();
  for (let n = 0; n < 4000; n++) linear.add("contains", Buffer.from(`x${n}`), [n]);
  assert.equal(buildSparse(linear), undefined);
});

test("a glob with too many alternatives is not taken", () => {
  const linear = new LinearPatterns();
  assert.equal(linear.add("matches", Buffer.from("{a,b}".repeat(7)), [0]), false);
  assert.equal(linear.add("matches", Buffer.from("{a,b}".repeat(6)), [0]), true);
});

test("add() refuses text of any case, as it does classes, where there is no room for sets", () => {
  const linear = new LinearPatterns();
  const letters = "abcdefghijklmnopqrstuvwxyz0123456789%&=~";
  const classes = [...letters].flatMap((a) => [...letters].map((b) => `[${a}${b}]`));
  const added = classes.filter((one) => linear.add("matches", Buffer.from(one), [0]));
  assert.ok(added.length < classes.length);
  assert.equal(linear.add("icontains", Buffer.from("secret"), [1]), false);
  assert.equal(linear.add("contains", Buffer.from("secret"), [1]), true);
});
