/** Many patterns at once, against each of them alone. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { buildClassifier, classify } from "./classifier.ts";
import { buildDfa, dfaAccepts } from "./dfa.ts";
import { containing, endingWith, literal, startingWith } from "./pattern.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");

test("classify() finds the patterns that hold, as each would alone", () => {
  const patterns = [
    literal(bytes("/usr/a")),
    literal(bytes("/usr/ab")),
    startingWith(literal(bytes("/usr/"))),
    containing(literal(bytes("\xff"))),
    endingWith(literal(bytes("b"))),
    literal(bytes("")),
  ];
  const classifier = buildClassifier(patterns, 1000);
  assert.ok(classifier);
  for (const text of ["", "/usr/a", "/usr/ab", "/usr/\xffb", "/srv/b", "/usr"]) {
    const alone = patterns.flatMap((one, i) => (dfaAccepts(buildDfa(one), bytes(text)) ? [i] : []));
    assert.deepEqual(classify(classifier, bytes(text)), alone, text);
  }
  assert.equal(buildClassifier(patterns, 5), undefined);
});
