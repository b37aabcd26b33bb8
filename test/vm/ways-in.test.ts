/** Every way into the kernel leads to the same decision, and a decision is for one call alone. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { run, watch, workplace } from "../kernel/watching.ts";
import {
  INJECTS_ERRORS,
  IS_PREEMPTIVE,
  needsGuest,
  place,
  program,
  WAITS_FOR_TEXT,
} from "./guest.ts";

after(assertNoObjects);

const ENOENT = 2;
const EACCES = 13;
const AT_FDCWD = "-100";
const AT_REMOVEDIR = "512";
const O_CREAT_WRONLY = "65";

/** Any process, whatever its user or name: only the text counts. */
const RULES = (prefix: string) =>
  ["unlink, rmdir", "open", "mkdir", "execve"]
    .map(
      (
        names,
      ) => `rule { syscall_name = ${names} filter_expression { PARAMS[1] startswith "${prefix}" }
        action { type = LOG log_format {%sname %abi %param1} } action { type = FAIL error_code = EACCES } }`,
    )
    .join("\n");

test("64-bit, int 0x80 and 32-bit calls are denied, and text that was never touched", async (t) => {
  if (!needsGuest(t)) return;
  const { calls64, calls32 } = workplace();
  const directory = place();
  const file = join(directory, "guarded-file");
  const folder = join(directory, "guarded-folder");
  const fresh = join(directory, "guarded-new");
  const executed = join(directory, "guarded-program");
  writeFileSync(file, "");
  mkdirSync(folder);
  writeFileSync(executed, "#!/bin/sh\nexit 42\n", { mode: 0o755 });
  const names = Object.entries({ file, folder, fresh, executed }).map(([name, path]) => {
    const holder = join(directory, `name-of-${name}`);
    writeFileSync(holder, `${path}\0`);
    return [path, holder] as const;
  });
  const holderOf = new Map(names);
  // the same calls with their numbers in both tables
  const calls = [
    { wide: ["87"], narrow: ["10"], path: file, more: [] },
    { wide: ["263", AT_FDCWD], narrow: ["301", AT_FDCWD], path: file, more: ["0"] },
    { wide: ["263", AT_FDCWD], narrow: ["301", AT_FDCWD], path: folder, more: [AT_REMOVEDIR] },
    { wide: ["84"], narrow: ["40"], path: folder, more: [] },
    { wide: ["2"], narrow: ["5"], path: fresh, more: [O_CREAT_WRONLY, "384"] },
    { wide: ["257", AT_FDCWD], narrow: ["295", AT_FDCWD], path: fresh, more: [O_CREAT_WRONLY] },
    { wide: ["85"], narrow: ["8"], path: fresh, more: ["384"] },
    { wide: ["437", AT_FDCWD], narrow: ["437", AT_FDCWD], path: fresh, more: [":65,384,0", "24"] },
    { wide: ["83"], narrow: ["39"], path: fresh, more: ["448"] },
    { wide: ["258", AT_FDCWD], narrow: ["296", AT_FDCWD], path: fresh, more: ["448"] },
    { wide: ["59"], narrow: ["11"], path: executed, more: ["0", "0"] },
  ];
  // openat2 takes 64-bit members, which a 32-bit array of longs is not
  const isOpenat2 = (call: readonly string[]): boolean => call[0] === "437";
  const commands = calls.flatMap(({ wide, narrow, path, more }) =>
    [`@${path}`, `%${holderOf.get(path)}`].flatMap((text) => [
      [calls64, "native", ...wide, text, ...more],
      [calls64, "int80", ...narrow, text, ...more],
      ...(isOpenat2(wide) ? [] : [[calls32, "native", ...narrow, text, ...more]]),
    ]),
  );
  const codes: string[] = [];
  const watched = await watch(RULES(join(directory, "guarded")), async () => {
    for (const command of commands) {
      const { code, signal } = await run(command, { uid: 0 });
      codes.push(`${code ?? signal} ${command.slice(1).join(" ")}`);
    }
    // what no rule names continues
    const { code } = await run([calls64, "native", "87", `@${join(directory, "free")}`], {
      uid: 0,
    });
    assert.equal(code, ENOENT);
  });
  assert.deepEqual(
    codes,
    commands.map((command) => `${EACCES} ${command.slice(1).join(" ")}`),
  );
  assert.ok(existsSync(file) && existsSync(folder) && !existsSync(fresh));
  assert.equal(watched.events.length, commands.length, watched.lines.join("\n"));
  for (const event of watched.events) assert.ok(event.flags.includes("call-skipped"), event.line);
  const late = watched.events.filter(({ flags }) => flags.includes("late"));
  const untouched = commands.filter((words) => words.some((w) => w.startsWith("%")));
  assert.equal(late.length, WAITS_FOR_TEXT ? 0 : untouched.length);
});

test("text that was never touched is read at the entry where programs may wait for it", async (t) => {
  if (!needsGuest(t)) return;
  if (!INJECTS_ERRORS) return t.skip("no program at a call's function may wait here");
  const { calls64, calls32 } = workplace();
  const directory = place();
  const path = join(directory, "guarded");
  const holder = join(directory, "holder");
  // the text goes over the end of its page
  const offset = 4096 - 5;
  writeFileSync(holder, `${"x".repeat(offset)}${path}\0`);
  // no security hook sees acct: nobody else could decide
  const rules = `rule { rule_name = deny syscall_name = acct on_unreadable = skip
      filter_expression { PARAMS[1] == "${path}" } action { type = LOG } action { type = FAIL error_code = 99 } }
    rule { rule_name = see syscall_name = chdir
      filter_expression { PARAMS[1] == "${path}" } action { type = LOG } }`;
  const codes: (number | null)[] = [];
  const { events, counters } = await watch(rules, async () => {
    for (const [program, mode, acct, chdir] of [
      [calls64, "native", "163", "80"],
      [calls64, "int80", "51", "12"],
      [calls32, "native", "51", "12"],
    ] as const) {
      for (const nr of [acct, chdir])
        codes.push((await run([program, mode, nr, `~${offset},${holder}`], { uid: 0 })).code);
    }
  });
  const seen = events.filter(({ flags }) => !flags.includes("late")).map(({ rule }) => rule);
  if (IS_PREEMPTIVE) {
    // a kprobe decides, before anything can wait; what it cannot read is counted
    assert.ok(!codes.includes(99));
    assert.equal(counters.rules[0]?.unreadable, 3);
    return;
  }
  assert.deepEqual(codes, [99, ENOENT, 99, ENOENT, 99, ENOENT]);
  assert.deepEqual(seen, ["deny", "see", "deny", "see", "deny", "see"]);
  assert.equal(counters.recursionMisses, 0);
});

const ROUNDS = 10_000;

test(`no decision reaches another call in ${ROUNDS} rounds`, async (t) => {
  if (!needsGuest(t)) return;
  const directory = place();
  const effects = program("effects");
  const rules = `rule { syscall_name = unlink syscall_match = exact
    filter_expression { COMM == "effects" && PARAMS[1] startswith "protected" }
    action { type = FAIL error_code = EACCES } }`;
  let output = "";
  const { counters } = await watch(rules, async () => {
    const script = `cd ${directory} && ${effects} rounds ${ROUNDS}`;
    ({ output } = await run(["/bin/sh", "-c", script], { uid: 0 }));
  });
  // where the call itself is decided on, what it would have met does not matter
  const [denied, missing, failed] = output.split(" ").map(Number);
  assert.deepEqual([denied, missing, failed], [ROUNDS, INJECTS_ERRORS ? 0 : ROUNDS, 0]);
  assert.equal(counters.rules[0]?.matched, 2 * ROUNDS);
});
