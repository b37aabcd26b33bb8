/** Rules that take only some of the calls that match. */
import assert from "node:assert/strict";
import { logLines, testAsEach } from "./sct.ts";

const PYTHON = "/usr/bin/python3";
/** Makes ten directories and prints what each attempt came to, 0 or the errno. */
const TEN = `
import os
for i in range(10):
    try:
        os.mkdir(f"d{i}"); print(0, end=" ")
    except OSError as e:
        print(e.errno, end=" ")
`;

for (const [by, when] of [
  ["notification", ""],
  ["ptrace", "rule { syscall_name = rmdir when = after action { type = LOG } }"],
] as const) {
  const fail = (entry: string): string =>
    `rule { rule_name = f syscall_name = mkdir ${entry} action { type = FAIL error_code = EIO } } ${when}`;

  testAsEach(`the third call fails, by ${by}`, (place) => {
    const { stdout, status } = place.under(fail("occurrence = 3"), [PYTHON, "-c", TEN]);
    assert.deepEqual([stdout.trim(), status], ["0 0 5 0 0 0 0 0 0 0", 0]);
  });

  testAsEach(`every second call from the third on fails, quietly too, by ${by}`, (place) => {
    const rules = fail("occurrence = 3+2");
    const { stdout } = place.run(["-q", "-e", rules], [PYTHON, "-c", TEN]);
    assert.equal(stdout.trim(), "0 0 5 0 5 0 5 0 5 0");
  });

  testAsEach(`calls fail from a threshold on, each process for itself, by ${by}`, (place) => {
    const script = `for i in 1 2; do mkdir -p p$i; (cd p$i; exec ${PYTHON} -c "$0"); done`;
    const { stdout } = place.under(fail("threshold = 5/1h per pid"), ["sh", "-c", script, TEN]);
    const each = "0 0 0 0 5 5 5 5 5 5 ";
    assert.equal(stdout, `${each}${each}`);
  });

  testAsEach(
    `a seed repeats what is done by chance, and the one in use is printed, by ${by}`,
    (place) => {
      const run = (...options: string[]): { choices: string; seed: string } => {
        const script = `rm -rf d*; exec ${PYTHON} -c "$0"`;
        const rules = fail("chance = 50%");
        const { stdout, stderr } = place.run([...options, "-e", rules], ["sh", "-c", script, TEN]);
        return { choices: stdout.trim(), seed: /--seed (\d+) makes/.exec(stderr)?.[1] ?? "" };
      };
      const first = run();
      assert.match(first.seed, /^\d+$/);
      assert.equal(run("--seed", first.seed).choices, first.choices);
      const some = [1, 2, 3, 4, 5, 6].map((seed) => run("--seed", String(seed)).choices);
      assert.equal(new Set(some).size, 6);
    },
  );

  testAsEach(`what is not due goes to the next rule, by ${by}`, (place) => {
    const rules = `rule { rule_name = second syscall_name = mkdir occurrence = 2 action { type = LOG } }
      rule { rule_name = rest syscall_name = mkdir action { type = LOG log_format {rest} } } ${when}`;
    const { stderr } = place.under(rules, ["sh", "-c", "mkdir a; mkdir b; mkdir c"]);
    const lines = logLines(stderr);
    assert.deepEqual(
      lines.map((line) => line === "rest"),
      [true, false, true],
      stderr,
    );
  });
}
