/** Messages: the address that msg_name leads to, of real programs in both directions, and the same lines from sct run. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { after, test } from "node:test";
import { assertNoObjects } from "./bpf-objects.ts";
import { needsKernel } from "./needs.ts";
import { canPlay, play, run, type Scenario, USER, watch, workplace } from "./watching.ts";

after(assertNoObjects);

const SCT = new URL("../../bin/sct", import.meta.url).pathname;
const python = (program: string): string[] => ["/usr/bin/python3", "-c", program];

const calls32 = (...args: string[]): string[] => [workplace().calls32, ...args];
/** 127.0.0.1 port 8080 and 8081 as a struct sockaddr_in of words. */
const LOCAL32 = ":-1877016574,16777343";
const OTHER32 = ":-1860239358,16777343";

const own = (filter: string): string => `filter_expression { UID == ${USER} && (${filter}) }`;
const log = (call: string, filter: string, format: string, more = ""): string =>
  `rule { syscall_name = ${call} ${more} ${own(filter)} action { type = LOG log_format {${format}} } }`;

/** From port 40001 to 40002 and back, over either family, over a unix socket, and once to nobody in particular. */
const SENDING = `import socket
a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); a.bind(("127.0.0.1", 40001))
b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); b.bind(("127.0.0.1", 40002))
a.sendmsg([b"one ", b"ssh-rsa two"], [], 0, ("127.0.0.1", 40002))
b.recvmsg(100)
c = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
c.sendmsg([b"x"], [], 0, ("::1", 40002))
a.connect(("127.0.0.1", 40002))
a.sendmsg([b"three"])
d = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
try: d.sendmsg([b"y"], [], 0, "/no/such")
except OSError: pass
`;

const scenarios: readonly Scenario[] = [
  {
    title: "the address that sendmsg and recvmsg are given and give",
    rules: `${log("sendmsg", "PARAMS[2].addr in (127.0.0.0/8, ::1) && PARAMS[2].port == 40002", "to %param2.addr:%param2.port %param2.msg_name.sa_family{symbolic}")}
            ${log("sendmsg", 'PARAMS[2].msg_name.sun_path == "/no/such"', "to %param2.path")}
            ${log("recvmsg", "PARAMS[2].port == 40001", "from %param2.addr", "when = after")}`,
    triggers: () => [python(SENDING)],
    expect: [
      { line: "to 127.0.0.1:40002 AF_INET" },
      { line: "from 127.0.0.1" },
      { line: "to ::1:40002 AF_INET6" },
      { line: 'to "/no/such"' },
    ],
  },
  {
    title: "messages of 32-bit callers",
    rules: log(
      "sendmsg",
      "PARAMS[2].addr == 127.0.0.1 && PARAMS[2].port == 8080",
      "%abi %param2.msg_name.sa_family %param2.msg_iovlen",
    ),
    triggers: () =>
      [LOCAL32, OTHER32].map((address) =>
        calls32("native", "370", "-1", ":&4,16,&5,1,0,0,0", "0", "0", address, ":0,0"),
      ),
    expect: [{ line: "i386 2 1", comm: "calls32" }],
  },
  {
    title: "a message without an address has no members of one",
    rules: log("sendmsg", "!(PARAMS[2].port == 40002)", "%param2.addr %param2.msg_iovlen"),
    triggers: () => [python(SENDING)],
    expect: [{ line: "(none) 1" }, { line: "(none) 1" }],
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
  const rules = [
    log("sendmsg", "1", "r %param2.addr %param2.port %param2.family{symbolic} %param2.msg_iovlen"),
    log("recvmsg", "RETVAL > 0", "r %param2.addr %param2.port %retval", "when = after"),
  ];
  const { lines } = await watch(rules.join("\n"), () => run(python(SENDING)));
  const args = ["run", ...rules.flatMap((rule) => ["-e", rule]), "--", ...python(SENDING)];
  const options = { uid: USER, gid: USER, encoding: "utf8", cwd: workplace().directory } as const;
  const { stderr } = spawnSync(SCT, args, options);
  const supervised = stderr.split("\n").filter((line) => /^r /.test(line));
  assert.ok(lines.length >= 5, lines.join("\n"));
  assert.deepEqual(lines, supervised, stderr);
});
