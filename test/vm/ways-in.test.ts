/** Every way into the kernel leads to the same decision, and a decision is for one call alone. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { run, watch, workplace } from "../kernel/watching.ts";
import { INJECTS_ERRORS, needsGuest, place, program } from "./guest.ts";

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
    // what no rule names goes on
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
  assert.equal(
    late.length,
    commands.filter((words) => words.some((w) => w.startsWith("%"))).length,
  );
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
