/** Rules on PATH decide on the file that the kernel found, in its security hooks: no other name gets past them. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, linkSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { watch, workplace } from "../kernel/watching.ts";

/** These programs are refused on machines that are not set up for tests: guests are. */
function needsGuest(t: TestContext): boolean {
  if (process.env["SCT_GUEST"] !== undefined) return true;
  t.skip("runs in a guest: npm run test:vm");
  return false;
}

const SOURCES = new URL("../programs/", import.meta.url).pathname;
const ROUNDS = process.env["SCT_SWAP_ROUNDS"] ?? "100000";
const EACCES = 13;

function build(directory: string, name: string): string {
  const to = join(directory, name);
  execFileSync("gcc", ["-O1", "-pthread", "-o", to, join(SOURCES, `${name}.c`)]);
  return to;
}

/** A directory on a tmpfs: an overlay changes the inodes of files that are written to. */
function place(): string {
  return mkdtempSync(join(tmpdir(), "sct-path-"));
}

/** Runs shell lines in a directory; gives what they print, errors included. */
function shell(directory: string, script: string): string {
  const { stdout, stderr } = spawnSync("sh", ["-c", script], {
    cwd: directory,
    encoding: "utf8",
    env: { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", LC_ALL: "C" },
  });
  return `${stdout}${stderr}`;
}

function protecting(file: string): string {
  const deny = `action { type = LOG log_format {%comm %sname %path} } action { type = FAIL error_code = EACCES }`;
  return `
    rule { rule_name = protect
      syscall_name = unlink, rename, link, open, truncate, chmod, chown
      filter_expression { PATH == "${file}" } ${deny} }
    rule { rule_name = onto syscall_name = rename
      filter_expression { PATH[2] == "${file}" } ${deny} }`;
}

test("a protected file keeps its content under every name, by every way", async (t) => {
  if (!needsGuest(t)) return;
  const { calls64, calls32 } = workplace();
  const directory = place();
  const file = join(directory, "victim");
  const elsewhere = place();
  writeFileSync(file, "kept\n");
  writeFileSync(join(directory, "other"), "other\n");
  writeFileSync(join(directory, "free"), "");
  linkSync(file, join(directory, "hard"));
  shell(directory, `ln -s ${directory} ${elsewhere}/way; mkdir ${elsewhere}/bound`);
  const uring = build(elsewhere, "uring");
  // what is denied before the rules are loaded proves nothing
  assert.equal(shell(directory, "cat ./victim hard"), "kept\nkept\n");

  const attempts: readonly (readonly [title: string, script: string])[] = [
    ["the name itself", `rm -f ${file}`],
    ["a relative name", "rm -f ./victim"],
    [
      "a name with ..",
      `cd ${elsewhere} && rm -f way/../${directory.slice(1).split("/").at(-1)}/victim`,
    ],
    ["a symlink on the way", `rm -f ${elsewhere}/way/victim`],
    ["the root of a process", `rm -f /proc/self/root${file}`],
    [
      "a descriptor of the directory",
      `python3 -c 'import os; os.unlink("victim", dir_fd=os.open(".", 0))'`,
    ],
    [
      "a chroot",
      `chroot ${directory} /none 2>&1; python3 -c 'import os; os.chroot("."); os.unlink("/victim")'`,
    ],
    [
      "a bind mount",
      `mount --bind ${directory} ${elsewhere}/bound && rm -f ${elsewhere}/bound/victim`,
    ],
    ["a hard link", "rm -f hard"],
    ["a new hard link", "ln victim more"],
    ["moving it away", "mv -f victim gone"],
    ["moving something over it", "mv -f other victim"],
    ["truncating by opening", "sh -c ': > victim'"],
    ["truncating by name", `truncate -s 0 victim; ${calls64} native 76 @${file} 0; echo $?`],
    ["appending", "sh -c 'echo x >> victim'"],
    ["changing its mode", "chmod 777 victim"],
    ["int 0x80", `${calls64} int80 10 @${file}; echo $?`],
    ["a 32-bit program", `${calls32} native 10 @${file}; echo $?`],
    ["openat2", `${calls64} native 437 -100 @${file} @ 24; echo $?`],
    ["io_uring deleting", `${uring} unlink ${file}`],
    ["io_uring opening", `${uring} write ${file}`],
  ];
  const outputs = new Map<string, string>();
  const { events } = await watch(protecting(file), async () => {
    for (const [title, script] of attempts) outputs.set(title, shell(directory, script));
  });
  // read only after the rules are gone: reading is protected as well
  assert.equal(shell(directory, "cat victim other"), "kept\nother\n");
  assert.ok(existsSync(join(directory, "hard")) && !existsSync(join(directory, "more")));
  for (const [title, output] of outputs)
    assert.match(output, /Permission denied|-13$|^13$|PermissionError/m, `${title}: ${output}`);
  assert.ok(
    events.length >= attempts.length,
    `${events.length} events of ${attempts.length} attempts`,
  );
  for (const event of events) {
    assert.deepEqual(event.flags, ["call-skipped"], JSON.stringify(event));
    assert.ok(event.path?.startsWith("/"), JSON.stringify(event));
  }
});

test("rules on PATH leave all other files alone, and name the file that others meant", async (t) => {
  if (!needsGuest(t)) return;
  const directory = place();
  writeFileSync(join(directory, "victim"), "kept\n");
  writeFileSync(join(directory, "free"), "");
  mkdirSync(join(directory, "sub"));
  const { lines } = await watch(
    `rule { rule_name = kept syscall_name = unlink filter_expression { PATH == "${directory}/victim" }
       action { type = FAIL error_code = EPERM } }
     rule { rule_name = freed syscall_name = unlink filter_expression { PATH matches "${directory}/**/free?" }
       action { type = LOG log_format {%path %params %exe %cwd} } }
     rule { rule_name = moved syscall_name = rename when = after filter_expression { RETVAL == 0 && PATH[2] endswith "/moved" }
       action { type = LOG log_format {%path1 %path2 = %retval} } }`,
    async () => {
      const output = shell(
        directory,
        "touch sub/free1; cd sub && rm ../sub/free1; mv ../free moved; ls ..",
      );
      assert.equal(output, "sub\nvictim\n");
    },
  );
  const exe = shell("/", "readlink -f /usr/bin/rm").trim();
  assert.deepEqual(lines, [
    `"${directory}/sub/free1" "../sub/free1" "${exe}" "${directory}/sub"`,
    `"${directory}/free" "${directory}/sub/moved" = 0`,
  ]);
});

test("a name that another thread swaps never gets a protected file deleted", async (t) => {
  if (!needsGuest(t)) return;
  const directory = place();
  const swap = build(place(), "swap");
  const victim = join(directory, "victim_x");
  writeFileSync(victim, "");
  // only deleting is forbidden: the program may open the victim as it likes
  const rule = `rule { syscall_name = unlink filter_expression { PATH == "${victim}" } action { type = FAIL error_code = EPERM } }`;
  const { counters } = await watch(rule, async () => {
    const { status, stdout } = spawnSync(swap, [ROUNDS, directory], { encoding: "utf8" });
    t.diagnostic(`${ROUNDS} rounds: ${stdout.trim()}`);
    assert.equal(status, 0, "the protected file was deleted");
  });
  t.diagnostic(`${counters.rules[0]?.matched} attempts denied`);
});

test("errors of hooks reach the caller unchanged", async (t) => {
  if (!needsGuest(t)) return;
  const directory = place();
  const file = join(directory, "victim");
  writeFileSync(file, "");
  const { calls64 } = workplace();
  await watch(
    `rule { syscall_name = unlink filter_expression { PATH == "${file}" } action { type = FAIL error_code = ${EACCES} } }`,
    async () => {
      const { status } = spawnSync(calls64, ["native", "87", `@${file}`]);
      assert.equal(status, EACCES);
    },
  );
  assert.ok(existsSync(file));
});
