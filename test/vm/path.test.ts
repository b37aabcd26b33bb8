/** Rules on PATH decide on the file that the kernel found, in its security hooks: no other name gets past them. */
import assert from "node:assert/strict";
import {
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { run, watch, workplace } from "../kernel/watching.ts";
import { needsGuest, place, program, shell, waitFor } from "./guest.ts";

after(assertNoObjects);

const ROUNDS = process.env["SCT_SWAP_ROUNDS"] ?? "30000";
const DENY = `action { type = LOG log_format {%comm %sname %path} } action { type = FAIL error_code = EACCES }`;
const PASSWD = "/etc/passwd";

/** The first rule names no call that gives files other names: those are ways around it. */
const RULES = (fresh: string): string => `
  rule { rule_name = protect syscall_name = unlink, truncate, chmod, chown
    filter_expression { PATH[1]=="${PASSWD}" } ${DENY} }
  rule { rule_name = written syscall_name = open
    filter_expression { PATH[1]=="${PASSWD}" && PARAMS[2] & (O_WRONLY | O_RDWR | O_TRUNC) } ${DENY} }
  rule { rule_name = created syscall_name = open filter_expression { PATH[1]=="${fresh}" } ${DENY} }`;

test("/etc/passwd keeps its content under every name, by every way, each of them logged", async (t) => {
  if (!needsGuest(t)) return;
  const { calls64, calls32 } = workplace();
  const elsewhere = place();
  const hard = "/etc/sct-hard";
  const fresh = join(elsewhere, "fresh");
  const text = readFileSync(PASSWD);
  linkSync(PASSWD, hard);
  await shell(elsewhere, `ln -s /etc way; ln -s ${PASSWD} link; mkdir bound`);
  const uring = program("uring");
  const ways: readonly (readonly [title: string, script: string])[] = [
    ["the name itself", `rm -f ${PASSWD}`],
    ["a relative name", "cd /etc && rm -f ./passwd"],
    ["a name with ..", "rm -f way/../etc/passwd"],
    ["a symlink on the way", "rm -f way/passwd"],
    ["a symlink to it", ": > link"],
    ["the root of a process", `rm -f /proc/self/root${PASSWD}`],
    [
      "a descriptor of the directory",
      `python3 -c 'import os; os.unlink("passwd", dir_fd=os.open("/etc", 0))'`,
    ],
    ["a chroot", `python3 -c 'import os; os.chroot("/etc"); os.unlink("/passwd")'`],
    ["a bind mount", "mount --bind /etc bound && rm -f bound/passwd"],
    ["a hard link", `rm -f ${hard}`],
    ["a new hard link", `ln ${PASSWD} /etc/sct-more`],
    ["renaming over it", "echo other > /etc/sct-other && mv -f /etc/sct-other /etc/passwd"],
    ["renaming it away", `mv -f ${PASSWD} /etc/sct-gone`],
    ["exchanging it", `${calls64} native 316 -100 @${hard} -100 @/etc/sct-other 2; echo $?`],
    ["a truncating open", `: > ${PASSWD}`],
    ["an appending open", `echo x >> ${PASSWD}`],
    ["truncating by name", `${calls64} native 76 @${PASSWD} 0; echo $?`],
    ["changing its mode", `chmod 777 ${PASSWD}`],
    ["int 0x80", `${calls64} int80 10 @${PASSWD}; echo $?`],
    ["a 32-bit program", `${calls32} native 10 @${PASSWD}; echo $?`],
    ["openat2", `${calls64} native 437 -100 @${PASSWD} :1,0,0 24; echo $?`],
    ["io_uring unlinkat", `${uring} unlink ${PASSWD}`],
    ["io_uring openat for writing", `${uring} write ${PASSWD}`],
    // a hook that sees the opened file comes too late: the file is there by then
    ["creating", `: > ${fresh}`],
  ];
  const said = new Map<string, string>();
  const logged = new Map<string, number>();
  let isThere = true;
  const { events } = await watch(RULES(fresh), async (watching) => {
    for (const [title, script] of ways) {
      const seen = watching.events.length;
      said.set(title, await shell(elsewhere, script));
      // records are in the ring before the call returns: they come, or there are none
      await watching.until(seen + 1).catch(() => {});
      logged.set(title, watching.events.length - seen);
      isThere &&= existsSync(PASSWD);
    }
    // reading is free, and what follows the rules must not meet them
    assert.deepEqual(readFileSync(PASSWD), text);
  });
  assert.ok(isThere);
  for (const [title, output] of said)
    assert.match(output, /Permission denied|-13$|^13$|PermissionError/m, `${title}: ${output}`);
  for (const [title, count] of logged) assert.ok(count > 0, `${title} was not logged`);
  assert.ok(existsSync(hard) && !existsSync("/etc/sct-more") && !existsSync(fresh));
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
      const output = await shell(
        directory,
        "touch sub/free1; cd sub && rm ../sub/free1; mv ../free moved; ls ..",
      );
      assert.equal(output, "sub\nvictim\n");
    },
  );
  const exe = (await shell("/", "readlink -f /usr/bin/rm")).trim();
  assert.deepEqual(lines, [
    `"${directory}/sub/free1" "../sub/free1" "${exe}" "${directory}/sub"`,
    `"${directory}/free" "${directory}/sub/moved" = 0`,
  ]);
});

test("files that many rules name are meant by every name, and the first rule counts", async (t) => {
  if (!needsGuest(t)) return;
  const directory = place();
  const names = Array.from({ length: 200 }, (_, n) => `f${n}`);
  for (const name of [...names, "free"]) writeFileSync(join(directory, name), "");
  const rules = names.map(
    (name, n) => `rule { rule_name = r${n} syscall_name = unlinkat syscall_match = exact
      filter_expression { PATH == "${directory}/${name}"${n % 2 === 0 ? "" : ` && UID in (0, ${n})`} }
      action { type = LOG } action { type = FAIL error_code = EPERM } }`,
  );
  // the same file by another name: it was that of an earlier rule, or of a later one
  linkSync(join(directory, "f150"), join(directory, "hard"));
  linkSync(join(directory, "f151"), join(directory, "odd"));
  renameSync(join(directory, "f60"), join(directory, "kept"));
  linkSync(join(directory, "f40"), join(directory, "f60"));
  const { events } = await watch(rules.join("\n"), async () => {
    await shell(
      directory,
      `rm -f f0; rm -f f199; rm -f ./hard; rm -f odd; rm -f f60; mv f100 moved; rm -f moved
       mkdir bound; mount --bind . bound; rm -f bound/f120; umount bound; rm -f free kept`,
    );
    assert.ok(
      ["f0", "f199", "hard", "odd", "f60", "f120"].every((n) => existsSync(join(directory, n))),
    );
    assert.ok(["free", "kept"].every((n) => !existsSync(join(directory, n))));
  });
  const found = events.map(({ rule }) => rule).filter((rule, i, all) => rule !== all[i - 1]);
  assert.deepEqual(found, ["r0", "r199", "r150", "r151", "r40", "r100", "r120"]);
});

test("a name that another thread swaps never gets a protected file deleted", async (t) => {
  if (!needsGuest(t)) return;
  const directory = place();
  const swap = program("swap");
  const victim = join(directory, "victim_x");
  writeFileSync(victim, "");
  // only deleting is forbidden: the program may open the victim as it likes
  const rule = `rule { syscall_name = unlink filter_expression { PATH == "${victim}" } action { type = FAIL error_code = EPERM } }`;
  const { counters } = await watch(rule, async () => {
    const { code, output } = await run([swap, ROUNDS, directory], { uid: 0 });
    t.diagnostic(`${ROUNDS} rounds: ${output.trim()}`);
    assert.equal(code, 0, "the protected file was deleted");
  });
  t.diagnostic(`${counters.rules[0]?.matched} attempts denied`);
  assert.ok((counters.rules[0]?.matched ?? 0) > 0, "no attempt met the rule");
});

const OVERLAYFS_SUPER_MAGIC = 0x794c7630;

test("a file of an overlay is the same file under other names", async (t) => {
  if (!needsGuest(t)) return;
  const elsewhere = place();
  const file = "/usr/bin/sct-file";
  const hard = "/usr/bin/sct-hard";
  // of the lower layer, which is another file system
  const untouched = "/usr/bin/yes";
  writeFileSync(file, "");
  linkSync(file, hard);
  assert.equal(statfsSync(file).type, OVERLAYFS_SUPER_MAGIC);
  mkdirSync(join(elsewhere, "bound"));
  const names = [file, untouched].map((name) => `"${name}"`).join(", ");
  const rule = `rule { syscall_name = open, unlink filter_expression { PATH in (${names}) } action { type = FAIL error_code = EACCES } }`;
  const { counters } = await watch(rule, async () => {
    await shell(elsewhere, "mount --bind /usr/bin bound");
    for (const name of [file, untouched, hard, "bound/sct-file", "bound/sct-hard", "bound/yes"])
      for (const script of [`cat ${name} | tail -c 0`, `rm -f ${name}`, `: >> ${name}`])
        assert.match(await shell(elsewhere, script), /Permission denied/, script);
    assert.equal(await shell(elsewhere, "cat bound/env | tail -c 0; : >> bound/env"), "");
  });
  await shell(elsewhere, "umount bound");
  assert.ok(existsSync(file) && existsSync(hard) && existsSync(untouched));
  await shell("/", `rm ${file} ${hard}`);
  assert.ok((counters.rules[0]?.matched ?? 0) >= 18);
});

test("a protected file stays protected wherever it is moved, and whatever is mounted over it", async (t) => {
  if (!needsGuest(t)) return;
  const directory = place();
  const make = async (): Promise<void> => {
    await shell(directory, "mkdir sub m b; echo 1 > sub/file; echo 1 > m/file; echo 1 > evil");
    await shell(directory, "echo 1 > marker; echo 1 > marker2; ln marker2 marker3");
  };
  await make();
  const [moved, mounted, marker] = ["sub/file", "m/file", "marker"].map((name) =>
    join(directory, name),
  ) as [string, string, string];
  const rule = `rule { syscall_name = open, unlink, chmod filter_expression { PATH in ("${moved}", "${mounted}", "${marker}") }
    action { type = FAIL error_code = EACCES } }`;
  await watch(rule, async () => {
    const denied = async (script: string): Promise<boolean> =>
      (await shell(directory, script)).includes("Permission denied");
    assert.equal(
      await shell(directory, "mv sub sub2; mount --bind evil m/file; mount --bind m b"),
      "",
    );
    // names are looked up again in order: when the last is known, the others are
    assert.ok(!(await denied("chmod 600 marker3")));
    renameSync(join(directory, "marker2"), marker);
    let isKnown = false;
    const looking = (async () => {
      while (!isKnown) isKnown = await denied("chmod 600 marker3");
    })();
    await waitFor(
      () => isKnown,
      () => "the new file was not found",
    ).finally(() => {
      isKnown = true;
    });
    await looking;
    for (const script of ["rm -f sub2/file", "echo 2 > b/file", ": > m/file", "ln sub2/file more"])
      assert.ok(await denied(script), script);
    assert.equal(await shell(directory, "umount m/file; rm -f sub2/none"), "");
  });
  assert.equal(await shell(directory, "umount b; cat sub2/file m/file"), "1\n1\n");
});

test("a rule about opening for writing keeps a file from being replaced, one about reading does not", async (t) => {
  if (!needsGuest(t)) return;
  const directory = place();
  await shell(directory, "echo 1 > written; echo 1 > read; echo 2 > new");
  const rules = [
    "written && PARAMS[2] & O_WRONLY",
    "read && (PARAMS[2] & O_ACCMODE) == O_RDONLY",
  ].map((text) => {
    const [name, ...condition] = text.split(" ");
    return `rule { rule_name = ${name} syscall_name = open filter_expression { PATH == "${directory}/${name}" ${condition.join(" ")} }
        action { type = FAIL error_code = EACCES } }`;
  });
  await watch(rules.join("\n"), async () => {
    for (const script of [
      "mv -f new written",
      "mv written other",
      "ln written other",
      ": > written",
      "cat read",
    ])
      assert.match(await shell(directory, script), /Permission denied/, script);
    assert.equal(await shell(directory, "cat written; mv read other; : > other"), "1\n");
    assert.match(await shell(directory, "cat other"), /Permission denied/);
    assert.equal(await shell(directory, "mv new read"), "");
  });
});

test("PATH of stat is the file, also for the calls of old", async (t) => {
  if (!needsGuest(t)) return;
  const { calls64 } = workplace();
  const directory = place();
  await shell(directory, "echo > file; ln file hard; echo > other");
  const room = `:${Array(16).fill(0).join(",")}`;
  const rule = `rule { syscall_name = stat filter_expression { PATH == "${directory}/file" } action { type = FAIL error_code = EACCES } }
    rule { syscall_name = lstat filter_expression { PATH == "${directory}/file" } action { type = FAIL error_code = EACCES } }`;
  await watch(rule, async () => {
    for (const name of ["file", "hard"]) {
      assert.match(await shell(directory, `stat ${name}`), /Permission denied/);
      assert.match(await shell(directory, `stat -L ${name}`), /Permission denied/);
      for (const [call, number] of [
        ["oldstat", 18],
        ["oldlstat", 84],
        ["stat64", 195],
      ] as const)
        assert.equal(
          await shell(directory, `${calls64} int80 ${number} @${name} ${room}; echo $?`),
          "13\n",
          call,
        );
    }
    assert.doesNotMatch(await shell(directory, "stat other"), /denied/);
  });
});

test("a descriptor that fanotify hands out is denied to who may not open the file", async (t) => {
  if (!needsGuest(t)) return;
  const directory = place();
  await shell(directory, "echo secret > file; echo free > other; cp /usr/bin/cat reader");
  const rule = `rule { syscall_name = open filter_expression { PATH == "${directory}/file" && COMM == "python3" }
    action { type = FAIL error_code = EACCES } }`;
  const watching = (name: string): string => `python3 -c '
import ctypes, os, struct, subprocess
libc = ctypes.CDLL(None, use_errno=True)
group = libc.fanotify_init(0, os.O_RDWR)
if group < 0: print("none"); raise SystemExit
libc.fanotify_mark(group, 1, ctypes.c_uint64(0x20), -100, b"${name}") # FAN_MARK_ADD, FAN_OPEN
subprocess.run(["./reader", "${name}"], stdout=subprocess.DEVNULL)
try:
    event = os.read(group, 24)
    print(os.pread(struct.unpack_from("i", event, 16)[0], 20, 0).decode(), end="")
except OSError as error: print(error.errno)'`;
  await watch(rule, async () => {
    const said = await shell(directory, watching("file"));
    if (said === "none\n") return t.skip("this kernel has no fanotify");
    assert.equal(said, "13\n");
    assert.equal(await shell(directory, watching("other")), "free\n");
  });
});
