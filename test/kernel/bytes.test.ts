/** Buffers and lists of strings in the kernel: what programs write and read, and with which arguments they start others. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import { canPlay, play, run, type Scenario, USER, watch, workplace } from "./watching.ts";

after(assertNoObjects);

const own = (filter: string): string => `filter_expression { UID == ${USER} && (${filter}) }`;
const shell = (script: string, ...args: string[]): string[] => ["/bin/sh", "-c", script, ...args];
const python = (script: string): string[] => ["/usr/bin/python3", "-S", "-c", script];
const calls32 = (...args: string[]): string[] => [workplace().calls32, ...args];
const VECTORS = `import os, socket
r, w = os.pipe()
os.writev(w, [b"ab", b"", b"cdef secret"])
os.readv(r, [bytearray(3), bytearray(100)])
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
a.sendmsg([b"one ", b"secret two"])
b.recvmsg_into([bytearray(6), bytearray(60)])
a.sendmsg([b"one"])
`;

const scenarios: readonly Scenario[] = [
  {
    title: "a write that contains a key",
    rules: `rule { syscall_name = write ${own('PARAMS[2] contains "ssh-rsa"')} action { type = LOG log_format {%sname %param2} } }`,
    triggers: () => [
      shell(
        "echo ssh-dss AAAA > none; echo 'key: ssh-rsa AAAA' > key; printf 'a\\0ssh-rsa\\n' > nul",
      ),
      python(
        "import os; f = os.open('v', os.O_CREAT | os.O_WRONLY); os.writev(f, [b'nothing', b'']); os.writev(f, [b'ssh', b'', b'-rsa', b'x']); os.pwrite(f, b'pssh-rsa', 0)",
      ),
    ],
    expect: [
      { line: 'write "key: ssh-rsa AAAA\\n"', values: [1, "key: ssh-rsa AAAA\n", 18] },
      { line: 'write "a\\0ssh-rsa\\n"', values: [1, "a\u0000ssh-rsa\n", 10] },
      { line: 'writev "ssh-rsax"' },
      { line: 'pwrite64 "pssh-rsa"' },
    ],
  },
  {
    title: "the bytes of a vector and of a message",
    rules: `rule { syscall_name = writev ${own('PARAMS[2].data contains "f sec"')} action { type = LOG log_format {%sname %param2.data} } }
            rule { syscall_name = sendmsg ${own('PARAMS[2].data startswith "one sec"')} action { type = LOG log_format {%sname %param2} } }
            rule { syscall_name = recvmsg when = after ${own('PARAMS[2].data == "one secret two"')} action { type = LOG log_format {%sname %param2.data} } }
            rule { syscall_name = readv when = after ${own('PARAMS[2].data == "abcdef secret"')} action { type = LOG log_format {%sname %param2.data} } }`,
    triggers: () => [python(VECTORS)],
    expect: [
      { line: 'writev "abcdef secret"' },
      { line: 'readv "abcdef secret"' },
      { line: 'sendmsg "one secret two"' },
      { line: 'recvmsg "one secret two"' },
    ],
  },
  {
    title: "a long write: what is found in its beginning is found, all else is open",
    rules: `rule { rule_name = found syscall_name = write syscall_match = exact on_unreadable = skip ${own('PARAMS[2] contains "needle"')} action { type = LOG log_format {%param3} } }
            rule { rule_name = open syscall_name = write syscall_match = exact ${own('PARAMS[2] contains "needle"')} action { type = LOG log_format {%param3} } }
            rule { rule_name = begins syscall_name = write syscall_match = exact on_unreadable = skip ${own('PARAMS[2] startswith "xxx"')} action { type = LOG log_format {%param3} } }`,
    triggers: () => [
      python(
        "import os; f = os.open('l', os.O_CREAT | os.O_WRONLY); os.write(f, b'x' * 100 + b'needle' + b'x' * 9000); os.write(f, b'x' * 5000 + b'needle'); os.write(f, b'xxx')",
      ),
    ],
    expect: [
      { rule: "found", line: "9106", flags: ["truncated"] },
      { rule: "open", line: "5006", flags: (flags: string[]) => flags.includes("unreadable") },
      { rule: "begins", line: "3", flags: [] },
    ],
  },
  {
    title: "of two pages the second was never touched, or is not there",
    rules: `rule { rule_name = found syscall_name = write on_unreadable = skip ${own('PARAMS[2] contains "needle"')} action { type = LOG log_format {%param2 %param3} } }
            rule { rule_name = open syscall_name = write ${own('PARAMS[2] contains "needle"')} action { type = LOG log_format {%param2 %param3} } }`,
    triggers: () => {
      const file = join(workplace().directory, "two-pages");
      const content = Buffer.alloc(8192);
      content.write("a needle: a straw", 4088);
      writeFileSync(file, content);
      return [
        python(`import ctypes, mmap, os
libc = ctypes.CDLL(None)
def pages():
    m = mmap.mmap(os.open(${JSON.stringify(file)}, os.O_RDONLY), 8192, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
    m.madvise(mmap.MADV_RANDOM)
    m[0:1] = b"x"
    return m, ctypes.addressof(ctypes.c_char.from_buffer(m))
m, at = pages(); libc.write(os.open("out", os.O_CREAT | os.O_WRONLY), ctypes.c_void_p(at + 4088), 17)
n, at = pages(); libc.munmap(ctypes.c_void_p(at + 4096), ctypes.c_size_t(4096)); libc.write(-1, ctypes.c_void_p(at + 4088), 17); libc.write(-1, ctypes.c_void_p(at + 4091), 14)
os._exit(0)`),
      ];
    },
    expect: [
      { rule: "found", line: '"a needle: a straw" 17' },
      {
        rule: "found",
        line: '"a needle"... 17',
        flags: (flags: string[]) => flags.includes("truncated"),
      },
      {
        rule: "open",
        line: '"eedle"... 14',
        flags: (flags: string[]) => flags.includes("unreadable"),
      },
    ],
  },
  {
    title: "what a call has read is known when it returns",
    rules: `rule { syscall_name = read when = after ${own('PARAMS[2] startswith "secret"')} action { type = LOG log_format {%sname %param2 %retval} } }`,
    triggers: () => [
      python(
        "import os; open('s', 'w').write('secret text'); f = os.open('s', os.O_RDONLY); os.read(f, 6); os.read(f, 100); os.pread(f, 100, 0); b = [bytearray(3), bytearray(50)]; os.preadv(f, b, 0)",
      ),
    ],
    expect: [
      { line: 'read "secret" 6', flags: [] },
      { line: 'pread64 "secret text" 11' },
      { line: 'preadv2 "secret text" 11' },
    ],
  },
  {
    title: "what goes over sockets, both ways",
    rules: `rule { syscall_name = sendto ${own('PARAMS[2] == "ping"')} action { type = LOG log_format {%sname %param2} } }
            rule { syscall_name = recvfrom when = after ${own('PARAMS[2] endswith "ing"')} action { type = LOG log_format {%sname %param2} } }`,
    triggers: () => [
      python(
        "import socket; a, b = socket.socketpair(); a.send(b'ping'); b.recv(100); a.send(b'pong'); b.recv(100)",
      ),
    ],
    expect: [{ line: 'sendto "ping"' }, { line: 'recvfrom "ping"' }],
  },
  {
    title: "programs that are started with an argument",
    rules: `rule { syscall_name = execve ${own('ARGV contains "--privileged"')} action { type = LOG log_format {%argv %argv1 %argv9} } }`,
    triggers: () => [
      ["/bin/echo", "run", "--privileged", "a b", ""],
      ["/bin/echo", "--unprivileged"],
      shell("exec /bin/true x --privileged=yes"),
    ],
    expect: [
      { line: '["/bin/echo", "run", "--privileged", "a b", ""] "run" (none)' },
      { line: '["/bin/sh", "-c", "exec /bin/true x --privileged=yes"] "-c" (none)' },
      { line: '["/bin/true", "x", "--privileged=yes"] "x" (none)' },
    ],
  },
  {
    title: "one argument, one variable of the environment",
    rules: `rule { rule_name = second syscall_name = execve ${own('ARGV[1] == "-n" && ARGV[2] == ""')} action { type = LOG } }
            rule { rule_name = preload syscall_name = execve ${own('ENVP["LD_PRELOAD"] endswith "/evil.so"')} action { type = LOG log_format {%envp{LD_PRELOAD}} } }
            rule { rule_name = after syscall_name = execve when = after ${own('ARGV[0] == "/bin/false" && RETVAL == 0')} action { type = LOG log_format {%argv} } }`,
    triggers: () => [
      ["/bin/echo", "-n", ""],
      ["/bin/echo", "-n"],
      shell("LD_PRELOAD=/tmp/evil.so exec /bin/true"),
      shell("LD_PRELOADED=/tmp/evil.so exec /bin/true"),
      ["/bin/false", "1"],
    ],
    expect: [
      { rule: "second" },
      { rule: "preload", line: '"/tmp/evil.so"' },
      { rule: "after", line: '["/bin/false", "1"]' },
    ],
  },
  {
    title: "a 32-bit program writes and starts others",
    rules: `rule { syscall_name = write ${own('PARAMS[2] == "/n/x"')} action { type = LOG log_format {%abi %param2} } }`,
    triggers: () => [calls32("native", "4", "1", "@/n/x", "4")],
    expect: [{ line: 'i386 "/n/x"' }],
  },
];

test("arguments in pages that nothing has touched are those of the new program", async (t) => {
  if (!needsKernel(t)) return;
  const program = join(workplace().directory, "untouched");
  const source = new URL("../programs/untouched-exec.c", import.meta.url).pathname;
  execFileSync("gcc", ["-O1", "-o", program, source]);
  const text = join(workplace().directory, "text");
  writeFileSync(text, "no program", { mode: 0o755 });
  const script = join(workplace().directory, "script");
  writeFileSync(script, "#!/bin/sh\nexit 0\n", { mode: 0o755 });
  const rules = `rule { syscall_name = execve ${own(`ARGV contains "--privileged" || ENVP["LD_PRELOAD_LATE"] == "/evil.so"`)}
    action { type = LOG log_format {%param1 %argv %envp{LD_PRELOAD_LATE}} } }`;
  const { events } = await watch(rules, async () => {
    for (const path of ["/bin/true", script, text]) await run([program, path]);
  });
  assert.deepEqual(
    events.map(({ line, flags }) => [line, ...flags]),
    [
      ['"/bin/true" ["late", "--privileged"] "/evil.so"', "late"],
      // the interpreter of a script got others in their place
      [`"${script}" (unreadable) "/evil.so"`, "unreadable", "late"],
      [`"${text}" ["late", "--privileged"] "/evil.so"`, "late"],
    ],
  );
});

for (const scenario of scenarios)
  test(scenario.title, async (t) => {
    if (!needsKernel(t) || !canPlay(t, scenario)) return;
    await play(scenario);
  });

/** A program of ten files, built by make with two jobs. */
function project(): string {
  const directory = join(workplace().directory, "project");
  mkdirSync(directory);
  const names = Array.from({ length: 10 }, (_, i) => `part${i}`);
  for (const name of names)
    writeFileSync(join(directory, `${name}.c`), `int ${name}(void) { return ${name.length}; }\n`);
  const calls = names.map((name) => `int ${name}(void);`).join(" ");
  writeFileSync(join(directory, "main.c"), `${calls}\nint main(void) { return part0() - 5; }\n`);
  const objects = ["main", ...names].map((name) => `${name}.o`).join(" ");
  writeFileSync(
    join(directory, "Makefile"),
    `CFLAGS = -O1 -DNAME='"a b"'\nall: ${objects}\n\tcc -o all $^\n%.o: %.c\n\t@echo "$<" | tr a-z A-Z > /dev/null; cc $(CFLAGS) -c $<\n`,
  );
  for (const file of execFileSync("find", [directory], { encoding: "utf8" }).trim().split("\n"))
    chownSync(file, USER, USER);
  return directory;
}

test("make: every program that is started, with its arguments, as strace has them", async (t) => {
  if (!needsKernel(t)) return;
  const needed = ["/usr/bin/make", "/usr/bin/strace", "/usr/bin/cc"];
  if (!needed.every((path) => existsSync(path))) return t.skip(`needs ${needed.join(", ")}`);
  const directory = project();
  const trace = join(workplace().directory, "trace");
  const rule = `rule { syscall_name = execve filter_expression { UID == ${USER} } action { type = LOG log_format {%argv} } }`;
  const strace = ["-f", "-qq", "-v", "-s", "4096", "-e", "trace=execve", "-o", trace];
  const { lines, counters } = await watch(rule, async () => {
    const { code } = await run(["/usr/bin/strace", ...strace, "make", "-j2", "-C", directory]);
    assert.equal(code, 0);
  });
  const wanted = readFileSync(trace, "latin1")
    .split("\n")
    .flatMap((line) => /^\d+ +execve\("(?:[^"\\]|\\.)*", (\[.*?\]), \[/.exec(line)?.[1] ?? []);
  assert.ok(wanted.length > 40, `${wanted.length} programs`);
  // strace itself is the first
  assert.deepEqual(lines.slice(1).toSorted(), wanted.toSorted());
  assert.equal(counters.rules[0]?.dropped, 0);
});
