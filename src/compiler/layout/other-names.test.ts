/** Programs that run while what their constants mean is exchanged. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { OtherTest } from "../../language/index.ts";
import { MACHINES } from "../testing/machines.ts";
import { checked } from "../testing/rules.ts";
import { type SimulatedCall, Simulation } from "../testing/simulation.ts";
import { MapName } from "./map-names.ts";
import { halfOffset, namesContent, namesLayout, wordOffset } from "./other-names.ts";

const unlink = (file: string): SimulatedCall => ({
  name: "unlinkat",
  nr: 263,
  args: [-100, "any", 0],
  hooks: [["path_unlink", (o) => [o.path(file.replace(/\/[^/]*$/, "")), o.dentry(file)]]],
});

/** Bin is a link to usr. */
const OTHERS: Readonly<Record<string, OtherTest>> = {
  'PATH == "/bin/x"': { op: "==", pattern: Buffer.from("/usr/x") },
  'PATH in ("/bin/x", "/bin/xx")': { op: "==", pattern: Buffer.from("/usr/x") },
  'PATH startswith "/bin/x"': { op: "startswith", pattern: Buffer.from("/usr/x") },
  'PATH matches "/bin/?"': { op: "matches", pattern: Buffer.from("/usr/?") },
  'PATH =~ "^/bin/.$"': { op: "=~", pattern: Buffer.from("^/usr/.$") },
  'PATH !~ "^/bin/.$"': { op: "=~", pattern: Buffer.from("^/usr/.$") },
  'PATH =~ ("^/bin/.$", "none")': { op: "=~", pattern: Buffer.from("^/usr/.$") },
  'PATH !~ ("^/bin/.$", "none")': { op: "=~", pattern: Buffer.from("^/usr/.$") },
};
/** More than are compared one by one. */
const MANY = Array.from({ length: 70 }, (_, i) => `"/bin/${"x".repeat(i + 1)}"`).join(", ");
const CASES = {
  ...OTHERS,
  [`PATH in (${MANY})`]: { op: "==", pattern: Buffer.from("/usr/x") } as const,
};

for (const [filter, other] of Object.entries(CASES))
  for (const isInverted of [false, true]) {
    const text = isInverted ? `!(${filter})` : filter;
    const isNegated = filter.includes("!~") !== isInverted;
    test(`a test also means the names it is given: ${text.slice(0, 40)}`, () => {
      const simulation = new Simulation(
        checked(
          `rule { syscall_name = unlink filter_expression { ${text} } action { type = FAIL error_code = EACCES } }`,
        ),
        MACHINES.hooks,
      );
      const map = simulation.kernel.maps.get(MapName.names);
      const { testSets: sets } = simulation.compiled;
      assert.ok(map);
      assert.deepEqual(
        sets.map((tests) => tests.length),
        [filter.includes("none") ? 2 : 1],
      );
      const isDenied = (file: string): boolean => !simulation.call(unlink(file)).isMade;
      const layout = namesLayout(sets);
      const value = simulation.kernel.memory.view(map.first, layout.size);
      const report = (others: readonly OtherTest[], half: 0 | 1): void => {
        const content = namesContent(sets, () => others, half);
        assert.equal(content.left, 0);
        for (const [at, byte] of content.half.entries())
          value.setUint8(halfOffset(layout, sets, half) + at, byte);
        for (const [set, word] of content.words.entries())
          value.setBigUint64(wordOffset(layout, set), word, true);
      };
      const files = ["/bin/x", "/usr/x", "/usr/y/z", "/srv/x"];
      const meant = (...names: readonly string[]) =>
        files.map((file) => names.includes(file) !== isNegated);
      assert.deepEqual(files.map(isDenied), meant("/bin/x"));
      report([other], 1);
      assert.deepEqual(files.map(isDenied), meant("/bin/x", "/usr/x"));
      report([{ op: "==", pattern: Buffer.from("/srv/x") }, other], 0);
      assert.deepEqual(files.map(isDenied), meant("/bin/x", "/usr/x", "/srv/x"));
      report([], 1);
      assert.deepEqual(files.map(isDenied), meant("/bin/x"));
    });
  }

test("namesContent() says for how many tests there is no room", () => {
  const { testSets: sets } = new Simulation(
    checked(
      ["a", "b", "c"]
        .map(
          (name) =>
            `rule { syscall_name = ${name === "a" ? "rmdir" : "unlink"} filter_expression { PATH == "/${name}" } action { type = LOG } }`,
        )
        .join("\n"),
    ),
    MACHINES.hooks,
  ).compiled;
  const named = (length: number): OtherTest => ({
    op: "==",
    pattern: Buffer.from("/abcdefghijklmnopqrstuvwxyz".repeat(length).slice(0, length)),
  });
  const contentOf = (lengths: readonly number[]) => {
    let at = 0;
    return namesContent(sets, () => [named(lengths[at++] ?? 1)], 0);
  };
  const fits = contentOf([20, 30, 40]);
  assert.equal(fits.left, 0);
  assert.ok(fits.words.every((word) => word > 0n));
  assert.ok(contentOf(sets.flat().map(() => 4000)).left > 0);
});

test("rules on one text share what is found out about it, and calls what is asked of them alike", () => {
  const rules = ["unlink", "rmdir", "open"].flatMap((call) =>
    Array.from(
      { length: 20 },
      (_, i) =>
        `rule { syscall_name = ${call} filter_expression { PATH == "/bin/${i}" && CWD != "/${i}" } action { type = LOG } }`,
    ),
  );
  const { testSets } = new Simulation(checked(rules.join("\n")), MACHINES.hooks).compiled;
  assert.deepEqual(
    testSets.map((tests) => tests.length),
    [20, 20],
  );
});
