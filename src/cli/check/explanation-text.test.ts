import assert from "node:assert/strict";
import { test } from "node:test";
import { explanationText } from "./explanation-text.ts";

test("explanationText() wraps the title, too", () => {
  const text = explanationText(
    {
      ...{ rule: "a rule with a name", at: `/etc/${"deep/".repeat(12)}x.conf:12`, when: "after" },
      ...{ covers: [], elsewhere: [], leftOut: [], programs: [], counts: [], actions: [] },
      ...{ compat: "as others", ioUring: "no", race: "none", leftOpen: [], refused: [] },
      ...{ untried: null, run: "as here" },
    },
    80,
  );
  const [, first = "", second = ""] = text.split("\n");
  assert.equal(first, "a rule with a name");
  assert.match(second, /^ {2}\(\/etc\/.*x\.conf:12\),$/);
});
