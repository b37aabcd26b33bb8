/** Results and rewriting: what only ptrace can do. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { build, buildCalls } from "./programs.ts";
import { logLines, testAsEach } from "./sct.ts";

testAsEach("after rules see result, error and duration", (place) => {
  const rule = `rule { syscall_name = unlink when = after
    action { type = LOG log_format {%comm %params = %retval %errname %duration} } }`;
  const { stderr } = place.under(rule, ["sh", "-c", "touch a; rm a; rm -f a; rmdir a 2>&1"]);
  const lines = logLines(stderr);
  assert.equal(lines.length, 2, stderr);
  assert.match(lines[0] ?? "", /^"rm" "a" = 0 \S+ [1-9]\d+$/);
  assert.match(lines[1] ?? "", /^"rm" "a" = -2 ENOENT [1-9]\d+$/);
});

testAsEach("after rules see a call that a before rule failed", (place) => {
  const rules = `rule { syscall_name = unlink rule_name = no action { type = FAIL error_code = EBUSY } }
    rule { syscall_name = unlink when = after filter_expression { RETVAL < 0 }
      action { type = LOG log_format {%params %errname} } }`;
  const { stderr } = place.under(rules, ["sh", "-c", "touch a; rm a 2>/dev/null"]);
  assert.deepEqual(logLines(stderr), ['"a" EBUSY']);
});

testAsEach("REWRITE of open's path gives cat another file", (place) => {
  writeFileSync(join(place.directory, "other"), "other text\n");
  const rule = `rule { syscall_name = open filter_expression { PARAMS[1] == "/etc/hostname" }
    action { type = REWRITE rewrite { PARAMS[1] = "${place.directory}/other" } } }`;
  const { stdout, status, stderr } = place.under(rule, ["cat", "/etc/hostname"]);
  assert.deepEqual([stdout, status], ["other text\n", 0], stderr);
});

testAsEach("REWRITE leaves the registers and memory of the program alone", (place, t) => {
  const program = build(t, "rewrite");
  if (program === undefined) return;
  writeFileSync(join(place.directory, "other"), "other text\n");
  const rule = `rule { syscall_name = open filter_expression { PARAMS[1] startswith "/from/" }
    action { type = REWRITE rewrite { PARAMS[1] = "${place.directory}/other" PARAMS[2] = O_RDONLY } } }`;
  const { stdout, status } = place.under(rule, [program]);
  assert.equal(stdout, "1000 calls, 4 threads: arguments and registers are as they were\n");
  assert.equal(status, 0);
});

testAsEach("REWRITE of a number changes what is asked for", (place) => {
  const rule = `rule { syscall_name = kill filter_expression { PARAMS[2] == SIGKILL }
    action { type = REWRITE rewrite { PARAMS[2] = SIGUSR1 } } }`;
  const script = "trap 'echo got USR1; exit 7' USR1; kill -KILL $$; sleep 1; exit 1";
  const { stdout, status } = place.under(rule, ["bash", "-c", script]);
  assert.deepEqual([stdout, status], ["got USR1\n", 7]);
});

testAsEach("REWRITE of a struct field changes a copy", (place) => {
  const rule = `rule { syscall_name = connect filter_expression { PARAMS[2].sin_port == 9 }
    action { type = REWRITE rewrite { PARAMS[2].sin_port = 1 } }
  }
  rule { syscall_name = connect when = after action { type = LOG log_format {%errname} } }`;
  const script = `import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.connect(("127.0.0.1", 9))
print(s.getpeername())`;
  const { stdout, stderr } = place.under(rule, ["/usr/bin/python3", "-c", script]);
  assert.equal(stdout, "('127.0.0.1', 1)\n", stderr);
});

testAsEach("REWRITE of geteuid's result makes id -u print 0", (place) => {
  const rule =
    "rule { syscall_name = geteuid when = after action { type = REWRITE rewrite { RETVAL = 0 } } }";
  assert.equal(place.under(rule, ["id", "-u"]).stdout, "0\n");
  const next = rule.replace("RETVAL = 0", "RETVAL = RETVAL + 5");
  assert.equal(place.under(next, ["id", "-u"]).stdout, `${place.user.uid + 5}\n`);
});

testAsEach("REWRITE works for 32-bit programs and int 0x80", (place, t) => {
  const calls32 = buildCalls(t, 32);
  const calls64 = buildCalls(t, 64);
  if (calls32 === undefined || calls64 === undefined) return;
  writeFileSync(join(place.directory, "there"), "");
  const rule = `rule { syscall_name = access filter_expression { PARAMS[1] == "/not/there" }
    action { type = REWRITE rewrite { PARAMS[1] = "${place.directory}/there" } } }`;
  const run = (...command: string[]) => place.under(rule, command).status;
  assert.equal(run(calls64, "native", "21", "@/not/there", "0"), 0);
  assert.equal(run(calls64, "int80", "33", "@/not/there", "0"), 0);
  assert.equal(run(calls32, "native", "33", "@/not/there", "0"), 0);
  assert.equal(run(calls32, "native", "33", "@/nor/there", "0"), 2);
});

testAsEach("threads that end leave their memory to others", (place) => {
  const program = `import os, threading
# whether a stack is free again when the next thread begins is a matter of luck: small ones do not count
threading.stack_size(65536)
def work(): os.access("/no/such", 0)
def run(count):
    for _ in range(count):
        thread = threading.Thread(target=work); thread.start(); thread.join()
    return int(open("/proc/self/statm").read().split()[0])
before = run(20)
print(run(300) - before)`;
  const rule = `rule { syscall_name = access filter_expression { PARAMS[1] == "/no/such" }
    action { type = REWRITE rewrite { PARAMS[1] = "/no/other" } } }`;
  const { stdout, stderr } = place.under(rule, [
    "env",
    "MALLOC_ARENA_MAX=1",
    "/usr/bin/python3",
    "-c",
    program,
  ]);
  // pages; 32 KiB for each thread would be 2400
  assert.ok(stdout !== "" && Number(stdout) < 1200, stdout + stderr);
});

testAsEach("a rewritten call is not judged again", (place) => {
  const rules = `rule { syscall_name = mkdir filter_expression { PARAMS[2] == 0700 }
      action { type = LOG log_format {%params} } action { type = REWRITE rewrite { PARAMS[2] = 0755 } } }
    rule { syscall_name = mkdir filter_expression { PARAMS[2] == 0755 } action { type = FAIL error_code = EACCES } }`;
  const script = `import os
def mode_of(made):
    try: os.mkdir("new", made); mode = os.stat("new").st_mode; os.rmdir("new"); return oct(mode & 0o777)
    except OSError as error: return error.strerror
os.umask(0); print(mode_of(0o700), mode_of(0o750), mode_of(0o755))`;
  const { stdout, stderr } = place.under(rules, ["/usr/bin/python3", "-c", script]);
  assert.equal(stdout, "0o755 0o750 Permission denied\n", stderr);
  assert.deepEqual(logLines(stderr), ['"new", 448']);
});

testAsEach("FAIL of mmap does not concern the memory of REWRITE", (place) => {
  const rules = `rule { syscall_name = mmap filter_expression { PARAMS[2] == 32768 && PARAMS[4] == (MAP_PRIVATE | MAP_ANONYMOUS) }
      action { type = FAIL error_code = ENOMEM } }
    rule { syscall_name = rmdir filter_expression { PARAMS[1] == "old" }
      action { type = REWRITE rewrite { PARAMS[1] = "new" } } }`;
  const script = `import mmap, os
os.mkdir("new"); os.rmdir("old"); print(os.path.exists("new"))
try: mmap.mmap(-1, 32768, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
except OSError as error: print(error.strerror)`;
  const { stdout, stderr } = place.under(rules, ["/usr/bin/python3", "-c", script]);
  assert.equal(stdout, "False\nCannot allocate memory\n", stderr);
});

testAsEach("children of a rewritten clone begin with the registers of the program", (place, t) => {
  const program = build(t, "clone");
  if (program === undefined) return;
  const rule = `rule { syscall_name = clone filter_expression { PARAMS[1] == SIGCHLD }
    action { type = REWRITE rewrite { PARAMS[1] = SIGURG } } }`;
  const { stdout, stderr } = place.under(rule, [program]);
  assert.equal(stdout, "50 children, 0 with other registers\n", stderr);
});

testAsEach("children of vfork leave their memory to others", (place) => {
  const program = `import subprocess
def run(count):
    for _ in range(count): assert subprocess.run(["/bin/false"]).returncode == 0
    return int(open("/proc/self/statm").read().split()[0])
before = run(5)
print(run(40) - before)`;
  const rule = `rule { syscall_name = execve filter_expression { PARAMS[1] == "/bin/false" }
    action { type = REWRITE rewrite { PARAMS[1] = "/bin/true" } } }`;
  const { stdout, stderr } = place.under(rule, ["/usr/bin/python3", "-c", program]);
  // pages; 32 KiB for each child would be 320
  assert.ok(stdout !== "" && Number(stdout) < 160, stdout + stderr);
});
