/** Members of structs that calls take and give: real programs, both ABIs, memory that is not there. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { words } from "../../src/compiler/testing/structs.ts";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import { canPlay, play, run, type Scenario, USER, watch, workplace } from "./watching.ts";

after(assertNoObjects);

const SCT = new URL("../../bin/sct", import.meta.url).pathname;
const calls64 = (...args: string[]): string[] => [workplace().calls64, ...args];
const calls32 = (...args: string[]): string[] => [workplace().calls32, ...args];
const python = (program: string): string[] => ["/usr/bin/python3", "-c", program];

const own = (filter: string): string => `filter_expression { UID == ${USER} && (${filter}) }`;
const log = (call: string, filter: string, format: string, more = ""): string =>
  `rule { syscall_name = ${call} ${more} ${own(filter)} action { type = LOG log_format {${format}} } }`;

const OPENAT2 = "437";
const STATX = { x86_64: "332", i386: "383" };
const CONNECT = { x86_64: "42", i386: "362" };
const SETRLIMIT32 = "75";
const STATX_BASIC = "2047";

/** 127.0.0.1 port 8080 as a struct sockaddr_in of words of the ABI. */
const LOCAL64 = ":72058141916725250";
const LOCAL32 = ":-1877016574,16777343";

/** A file whose content is a struct. */
function fileWith(name: string, bytes: Uint8Array): string {
  const file = join(workplace().directory, name);
  writeFileSync(file, bytes);
  return file;
}

/** Two pages with a struct across them. */
function acrossPages(struct: Uint8Array, offset: number): string {
  const bytes = new Uint8Array(8192);
  bytes.set(struct, offset);
  return fileWith("across", bytes);
}

const connectTo = (family: string, address: string): string =>
  `try: socket.socket(socket.${family}, socket.SOCK_DGRAM).connect(${address})
except OSError: pass
`;

const scenarios: readonly Scenario[] = [
  {
    title: "curl and python3 connect to a local address",
    rules: log(
      "connect",
      "PARAMS[2].addr in 127.0.0.0/8 && PARAMS[2].port == 8080",
      "%comm %param2.addr:%param2.port %param2.sa_family{symbolic}",
    ),
    triggers: () => [
      ["/usr/bin/curl", "-s", "http://127.0.0.1:8080/"],
      ["/usr/bin/curl", "-s", "http://127.0.0.1:8081/"],
      python(
        `import socket\n${connectTo("AF_INET6", '("::ffff:127.0.0.1", 8080)')}${connectTo("AF_INET6", '("::1", 8080)')}${connectTo("AF_UNIX", '"/no/such"')}`,
      ),
    ],
    expect: [
      { line: '"curl" 127.0.0.1:8080 AF_INET' },
      { line: '"python3" 127.0.0.1:8080 AF_INET6' },
    ],
  },
  {
    title: "the way in which openat2 opens",
    rules: log(
      "openat2",
      "PARAMS[3].flags & O_CREAT && PARAMS[3].mode == 0600",
      "%param2 %param3.flags{symbolic}",
    ),
    triggers: () => [
      calls64("native", OPENAT2, "-100", "@/no/such", ":65,384,0", "24"),
      calls64("native", OPENAT2, "-100", "@/no/such", ":1,0,0", "24"),
    ],
    expect: [{ line: '"/no/such" O_WRONLY|O_CREAT' }],
  },
  {
    title: "what statx has written, on both ABIs",
    rules: log(
      "stat",
      "PARAMS[2].st_size == 15",
      "%sname %abi %param2.st_size %retval",
      "when = after",
    ),
    triggers: () => {
      fileWith("fifteen", new Uint8Array(15));
      fileWith("sixteen", new Uint8Array(16));
      return [
        calls64("native", STATX.x86_64, "-100", "@fifteen", "0", STATX_BASIC, "@buffer"),
        calls64("native", STATX.x86_64, "-100", "@sixteen", "0", STATX_BASIC, "@buffer"),
        calls64("int80", STATX.i386, "-100", "@fifteen", "0", STATX_BASIC, "@buffer"),
        calls32("native", STATX.i386, "-100", "@fifteen", "0", STATX_BASIC, "@buffer"),
      ];
    },
    expect: [
      { line: "statx x86_64 15 0" },
      { line: "statx i386 15 0", comm: "calls64" },
      { line: "statx i386 15 0", comm: "calls32" },
    ],
  },
  {
    title: "structs of 32-bit programs",
    rules: `${log("connect", "PARAMS[2].addr == 127.0.0.1 && PARAMS[2].port == 8080", "%abi %param2.addr")}
            ${log("setrlimit", "PARAMS[2].rlim_max == 7", "%abi %param2.rlim_cur")}`,
    triggers: () => [
      calls64("native", CONNECT.x86_64, "-1", LOCAL64, "16"),
      calls64("int80", CONNECT.i386, "-1", LOCAL64, "16"),
      calls32("native", CONNECT.i386, "-1", LOCAL32, "16"),
      calls32("native", SETRLIMIT32, "99", ":5,7"),
    ],
    expect: [
      { line: "x86_64 127.0.0.1" },
      { line: "i386 127.0.0.1", comm: "calls64" },
      { line: "i386 127.0.0.1", comm: "calls32" },
      { line: "i386 5" },
    ],
  },
  {
    title: "a struct that was never touched is late, and not missed",
    rules: log("openat2", "PARAMS[3].flags & O_CREAT", "%param3.mode"),
    triggers: () => [
      calls64(
        "native",
        OPENAT2,
        "-100",
        "@/no/such",
        `%${fileWith("how", words([65, 384, 0]))}`,
        "24",
      ),
      calls64(
        "native",
        OPENAT2,
        "-100",
        "@/no/such",
        `%${fileWith("other", words([1, 0, 0]))}`,
        "24",
      ),
    ],
    expect: [{ line: "384", flags: ["late"] }],
  },
  {
    title: "a struct across two pages that were never touched",
    rules: log("openat2", "PARAMS[3].resolve == 8 && PARAMS[3].flags & O_CREAT", "%param3.resolve"),
    triggers: () => [
      calls64(
        "native",
        OPENAT2,
        "-100",
        "@/no/such",
        `~4084,${acrossPages(words([65, 384, 8]), 4084)}`,
        "24",
      ),
    ],
    expect: [{ line: "8", flags: ["late"] }],
  },
  {
    title: "a struct that nobody can read: LOG matches, and the decision is counted",
    rules: `${log("openat2", "PARAMS[3].flags & O_CREAT", "a %param3.flags", "continue = yes")}
            ${log("openat2", "PARAMS[3].flags & O_CREAT", "b", "on_unreadable = skip")}`,
    triggers: () => ["0", "4096"].map((at) => calls64("native", OPENAT2, "-100", "@/x", at, "24")),
    expect: [
      { line: "a (unreadable)", flags: ["unreadable", "late"] },
      { line: "a (unreadable)", flags: ["unreadable", "late"] },
    ],
    counters: [
      { matched: 2, unreadable: 2 },
      { matched: 0, unreadable: 2 },
    ],
  },
  {
    title: "texts in structs",
    rules: `${log("connect", 'PARAMS[2].sun_path startswith "/no/"', "%param2.sun_path")}
            ${log("uname", 'PARAMS[1].sysname == "Linux" && PARAMS[1].machine matches "*86*"', "%param1.sysname", "when = after")}`,
    triggers: () => [python(`import os, socket\n${connectTo("AF_UNIX", '"/no/such"')}os.uname()`)],
    expect: [{ line: '"/no/such"' }, { line: '"Linux"' }],
  },
];

for (const scenario of scenarios) {
  test(scenario.title, async (t) => {
    if (!needsKernel(t) || !canPlay(t, scenario)) return;
    const { counters } = await play(scenario);
    assert.equal(counters.recursionMisses, 0);
  });
}

test("lines say the same as those of sct run", async (t) => {
  if (!needsKernel(t)) return;
  const program = `import os, resource, signal, socket
${connectTo("AF_INET", '("127.0.0.1", 40000)')}${connectTo("AF_INET6", '("fe80::1:0:0:2", 9)')}${connectTo("AF_UNIX", '"/no/such"')}
os.stat("/"); os.uname(); resource.getrusage(resource.RUSAGE_SELF)
signal.setitimer(signal.ITIMER_REAL, 1000, 0.5)`;
  const rules = [
    "connect=%param2.port %param2.addr %param2.sin6_addr %param2.sin_addr %param2.sin_family{symbolic} %param2.family",
    'connect=%param2.sun_path ~ PARAMS[2].sun_path startswith "/"',
    'stat=%param2.st_mode %param2.st_mode{symbolic} %param2.st_size %param2.st_dev ~ PARAMS[1] == "/"',
    "uname=%param1.sysname %param1.release",
    "setitimer=%param2.it_value.tv_sec %param2.it_interval.tv_usec",
  ].map((text, i) => {
    const [, call, format, filter = "1"] = /^(\w+)=(.*?)(?: ~ (.*))?$/.exec(text) ?? [];
    const when = call === "stat" || call === "uname" ? "when = after" : "";
    return `rule { rule_name = r${i} syscall_name = ${call} ${when} continue = yes
      filter_expression { UID == ${USER} && ${filter} } action { type = LOG log_format {r${i} ${format}} } }`;
  });
  const { lines } = await watch(rules.join("\n"), () => run(python(program)));
  const args = ["run", ...rules.flatMap((rule) => ["-e", rule]), "--", ...python(program)];
  const options = { uid: USER, gid: USER, encoding: "utf8", cwd: workplace().directory } as const;
  const { stderr } = spawnSync(SCT, args, options);
  const supervised = stderr.split("\n").filter((line) => /^r\d /.test(line));
  assert.ok(lines.length >= rules.length, lines.join("\n"));
  assert.deepEqual(lines, supervised, stderr);
});
