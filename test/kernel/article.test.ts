/** The examples of the article that the classic tool is known for, with the commands of today. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import { run, USER, watch, workplace } from "./watching.ts";

after(assertNoObjects);

const UNLINK = `rule {
  syscall_name = unlink
  rule_name = unlink_rule1
  action {
    type = LOG
    log_format {%comm : %params delete by %euid --> %suid}
  }
}`;

test("the unlink rule sees rm, which calls unlinkat", async (t) => {
  if (!needsKernel(t)) return;
  // without a filter, as in the article: whatever else is deleted on the machine meanwhile has lines, too
  const { lines, events } = await watch(UNLINK, () =>
    run(["/bin/sh", "-c", "touch ./dummy; rm ./dummy; rm -f ./dummy-gone"]),
  );
  assert.equal(lines.filter((line) => line.includes('"./dummy"')).length, 1);
  assert.ok(lines.includes(`"rm" : "./dummy" delete by ${USER} --> ${USER}`), lines.join("\n"));
  const own = events.find(({ values }) => values[0] === "./dummy");
  assert.equal(own?.syscall, "unlinkat");
  assert.equal(own?.as, "unlink");
  assert.equal(existsSync(join(workplace().directory, "dummy")), false);
});

test("the ptrace rule has one line for each call that strace makes", async (t) => {
  if (!needsKernel(t)) return;
  if (!existsSync("/usr/bin/strace")) return t.skip("needs strace");
  const rule = `rule {
    syscall_name = ptrace
    rule_name = ptrace_rule
    filter_expression { UID == ${USER} && PCOMM == "strace" && COMM == "strace" }
    action { type = LOG log_format {%comm[%pid] : %params issued ptrace} }
  }`;
  // a strace that is itself traced: what the outer one writes down is what ours must say
  const trace = join(workplace().directory, "ptrace.trace");
  const raw = ["-e", "trace=ptrace", "-e", "raw=ptrace"];
  const { lines, events } = await watch(rule, () =>
    run(["/usr/bin/strace", "-o", trace, ...raw, "/usr/bin/strace", "-o", "/dev/null", "/bin/ls"]),
  );
  const signed = (hex: string): string => BigInt.asIntN(64, BigInt(hex)).toString();
  const theirs = [...readFileSync(trace, "utf8").matchAll(/^ptrace\(([^)]*)\)/gm)].map(
    ([, args = ""]) => args.split(", ").map(signed).join(", "),
  );
  // the inner strace also tries ptrace out in children, which the outer one does not follow
  const inner = events.filter(
    ({ pid }) => pid === most(events.flatMap((event) => event.pid ?? [])),
  );
  const pid = inner[0]?.pid;
  const ours = lines.filter((line) => line.startsWith(`"strace"[${pid}]`));
  assert.ok(theirs.length > 20, `${theirs.length} calls of ptrace`);
  assert.deepEqual(
    ours,
    theirs.map((args) => `"strace"[${pid}] : ${args} issued ptrace`),
  );
});

test("parameters are signed decimals", async (t) => {
  if (!needsKernel(t)) return;
  const rule = `rule {
    syscall_name = ptrace
    filter_expression { UID == ${USER} }
    action { type = LOG log_format {%comm : %params issued ptrace} }
  }`;
  const { lines } = await watch(rule, () =>
    run([workplace().calls64, "native", "101", "3", "2019", "24", "-1073748200"]),
  );
  assert.deepEqual(lines, ['"calls64" : 3, 2019, 24, -1073748200 issued ptrace']);
});

function most(pids: readonly number[]): number | undefined {
  const times = new Map<number, number>();
  for (const pid of pids) times.set(pid, (times.get(pid) ?? 0) + 1);
  return [...times].sort(([, a], [, b]) => b - a)[0]?.[0];
}

test("who opens an account file, and what the editor writes to it: one file of rules", async (t) => {
  if (!needsKernel(t)) return;
  if (!existsSync("/bin/busybox")) return t.skip("needs busybox");
  const { directory } = workplace();
  const [editor, accounts, script] = ["ed", "passwd", "script"].map((name) =>
    join(directory, name),
  );
  symlinkSync("/bin/busybox", editor as string);
  const line = "eve:x:0:0::/:/bin/sh";
  writeFileSync(script as string, `$a\n${line}\n.\nw\nq\n`);
  const rules = readFileSync(new URL("../../examples/edits.conf", import.meta.url), "utf8");
  const { events, lines } = await watch(rules, () =>
    run(["/bin/sh", "-c", "cp /etc/passwd . && exec ./ed passwd < script"]),
  );
  // what others on the machine edit meanwhile has lines, too
  const own = lines.filter((_, i) => events[i]?.uid === USER);
  const pid = events.find(({ uid, comm }) => uid === USER && comm === "ed")?.pid;
  assert.ok(
    own.some((text) => text.startsWith(`"ed"[${pid}] opens "passwd" as `)),
    own.join("\n"),
  );
  const written = own.filter((text) => text.startsWith(`"ed"[${pid}] writes `)).join("\n");
  assert.ok(written.includes(line), written);
  assert.ok(readFileSync(accounts as string, "utf8").endsWith(`${line}\n`));
});
