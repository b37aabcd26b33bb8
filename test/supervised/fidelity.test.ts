/** A command sees the same and does the same as without us. */
import assert from "node:assert/strict";
import { chmodSync, chownSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { logRule, mechanisms } from "./mechanisms.ts";
import { logLines, type Place, SCT, testAsEach } from "./sct.ts";

function sameAsWithout(place: Place, rules: string, command: readonly string[], input?: string) {
  const without = place.plain(command, input);
  const log = join(place.directory, "..", `log-${process.pid}-${place.user.uid}`);
  const under = place.run(["-o", log, "-e", rules], command, input);
  const errors = logLines(under.stderr).join("\n");
  assert.equal(under.stdout, without.stdout);
  assert.equal(errors, logLines(without.stderr).join("\n"));
  assert.deepEqual([under.status, under.signal], [without.status, without.signal]);
}

for (const by of mechanisms) {
  const rule = logRule(by, "rmdir");

  testAsEach(`the process is as it would be without, by ${by}`, (place) => {
    const script = `ulimit -n; umask; pwd; ls /proc/self/fd; env | grep -v '^_=' | sort
      grep -E '^(SigBlk|SigIgn|SigCgt|Threads|Groups)' /proc/self/status
      cat /proc/self/oom_score_adj; cut -d' ' -f5,6 /proc/self/stat | wc -w; echo "$0" "$@"`;
    sameAsWithout(place, rule, ["sh", "-c", script, "zero", "one  two", "", "ä"]);
  });

  testAsEach(`arguments and environment may hold any bytes, by ${by}`, (place) => {
    writeFileSync(join(place.directory, "rules"), rule);
    const script = `A=$(printf '\\377\\376'); export A; exec "$0" "$@" sh -c 'printf %s "$1$A" | od -An -tx1' x "$A"`;
    const { stdout } = place.plain(["sh", "-c", script, SCT, "run", "-f", "rules", "--"]);
    assert.equal(stdout, " ff fe ff fe\n");
  });

  testAsEach(`pipes work, stay blocking, and break as they should, by ${by}`, (place) => {
    const pipeline = "seq 20000 | sort -rn | tee copy | tail -3; wc -l < copy";
    sameAsWithout(place, rule, ["bash", "-c", pipeline]);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
    sameAsWithout(place, rule, ["bash", "-c", 'yes | head -1; echo "${PIPESTATUS[@]}"']);
    sameAsWithout(place, rule, ["sort"], "b\na\n".repeat(20_000));
    const flags = `import fcntl, os
print([fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_NONBLOCK for fd in (0, 1, 2)])`;
    const { stdout } = place.under(rule, ["/usr/bin/python3", "-c", flags], "");
    assert.equal(stdout, "[0, 0, 0]\n");
  });
}

for (const by of mechanisms)
  testAsEach(`set-uid programs gain what sct could give them, by ${by}`, (place, t) => {
    if (process.getuid?.() !== 0) return t.skip("only the superuser can make such a program");
    const isRoot = place.user.uid === 0;
    const program = join(place.directory, "id");
    copyFileSync("/usr/bin/id", program);
    chownSync(program, isRoot ? 65534 : 0, 0);
    chmodSync(program, 0o4755);
    if (place.plain([program, "-u"]).stdout !== (isRoot ? "65534\n" : "0\n"))
      return t.skip("such programs gain nothing on this file system");
    // as under strace: nothing for an ordinary user, everything for the superuser
    assert.equal(place.under(logRule(by, "rmdir"), [program, "-u"]).stdout, "65534\n");
  });

testAsEach("blocked and ignored signals stay so", (place) => {
  const show = ["grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"];
  const sct = [SCT, "run", "-e", logRule("notification", "rmdir"), "--"];
  const start = `import os, signal, sys
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1, 40])
signal.signal(signal.SIGHUP, signal.SIG_IGN)
os.execvp(sys.argv[1], sys.argv[1:])`;
  const run = (command: string[]) => place.plain(["/usr/bin/python3", "-c", start, ...command]);
  const under = run([...sct, ...show]);
  assert.equal(under.stdout, run(show).stdout, under.stderr);
  assert.match(under.stdout, /SigBlk:\t0000008000000200/);
});

testAsEach("inherited descriptors reach the command", (place) => {
  writeFileSync(join(place.directory, "five"), "five\n");
  const rule = logRule("notification", "rmdir");
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  const show = "cat <&5; cat <&9; for f in /proc/self/fd/*; do echo ${f##*/}; done; echo 15 >&8";
  const start = `exec 5<five 8>eight 9<<X
nine
X
"$0" "$@"; cat eight`;
  const { stdout, stderr } = place.plain([
    "sh",
    "-c",
    start,
    SCT,
    "run",
    "-e",
    rule,
    "--",
    "sh",
    "-c",
    show,
  ]);
  const without = place.plain(["sh", "-c", start, "env", "sh", "-c", show]);
  assert.equal(stdout, without.stdout, stderr);
  assert.match(stdout, /^five\nnine\n/);
});

testAsEach("inside another sct that has the listener, ptrace takes over", (place) => {
  writeFileSync(join(place.directory, "precious"), "");
  const outer = logRule("notification", "rmdir");
  const inner = `rule { syscall_name = unlink filter_expression { PATH endswith "/precious" }
    action { type = FAIL error_code = EPERM } }`;
  const command = [SCT, "run", "-e", inner, "--", "rm", "-f", "precious"];
  const { status, stderr } = place.under(outer, command);
  assert.equal(status, 1, stderr);
  assert.match(stderr, /sct: something around sct supervises by notification/);
  assert.match(stderr, /rm: cannot remove 'precious': Operation not permitted/);
});

testAsEach("the environment is what sct was given, nothing more", (place) => {
  const sct = join(import.meta.dirname, "../../bin/sct");
  const run = [sct, "run", "-e", logRule("notification", "rmdir"), "--"];
  const pwd = `PWD=${place.directory}`;
  for (const given of [[], ["A=1"], ["A=1", pwd], [pwd, "SHLVL=3"]]) {
    const { stdout, stderr } = place.plain(["env", "-i", ...given, ...run, "/usr/bin/env"]);
    // the shell that starts sct may give them another order
    assert.deepEqual(stdout.split("\n").filter(Boolean).sort(), given, stderr);
  }
});

testAsEach("the limit of open files and closed standard streams are as they were", (place) => {
  const plain = (script: string) => place.plain(["bash", "-c", script, "bash", SCT]);
  const rule = "'rule { syscall_name = rmdir action { type = LOG } }'";
  const soft = plain(`ulimit -Sn 100; "$1" run -e ${rule} -- bash -c 'ulimit -Sn; ulimit -Hn'`);
  const hard = place.plain(["bash", "-c", "ulimit -Hn"]).stdout;
  assert.equal(soft.stdout, `100\n${hard}`);
  const open =
    'for fd in 0 1 2; do [ -e /proc/$$/fd/$fd ] && list="$list $fd"; done; echo $list >open';
  for (const [redirection, expected] of [
    ["<&-", "1 2"],
    [">&-", "0 2"],
    ["2>&-", "0 1"],
    ["<&- >&- 2>&-", ""],
  ]) {
    plain(`"$1" run -e ${rule} -- sh -c '${open}' ${redirection}`);
    assert.equal(readFileSync(join(place.directory, "open"), "utf8").trim(), expected);
  }
});
