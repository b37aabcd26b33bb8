/** Rules that deny calls by what they write or which arguments they give. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { words } from "../../src/compiler/testing/structs.ts";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { run, USER, watch, workplace } from "../kernel/watching.ts";
import { INJECTS_ERRORS, needsGuest } from "./guest.ts";

after(assertNoObjects);

const EACCES = 13;

const rule = (call: string, filter: string): string =>
  `rule { syscall_name = ${call} filter_expression { UID == ${USER} && ${filter} }
     action { type = LOG } action { type = FAIL error_code = EACCES } }`;

test("a write is denied by its text, and the file stays as it was", async (t) => {
  if (!needsGuest(t)) return;
  const file = join(workplace().directory, "denied");
  const write = (text: string) => run(["/bin/sh", "-c", `echo "${text}" >> ${file}`]);
  const { events } = await watch(rule("write", 'PARAMS[2] contains "ssh-rsa"'), async () => {
    assert.equal((await write("ssh-dss AAAA")).code, 0);
    assert.notEqual((await write("key ssh-rsa AAAA")).code, 0);
  });
  assert.equal(readFileSync(file, "utf8"), "ssh-dss AAAA\n");
  assert.deepEqual(
    events.map(({ values, flags }) => [values[1], flags]),
    [["key ssh-rsa AAAA\n", ["call-skipped"]]],
  );
});

test("a program is not started with an argument, in memory or not", async (t) => {
  if (!needsGuest(t)) return;
  const program = join(workplace().directory, "untouched");
  const source = new URL("../programs/untouched-exec.c", import.meta.url).pathname;
  execFileSync("gcc", ["-O1", "-o", program, source]);
  const started = (option: string) =>
    run(["/bin/sh", "-c", `/bin/echo run ${option}`]).then(({ output }) => output);
  const { events } = await watch(rule("execve", 'ARGV[1] == "--privileged"'), async () => {
    assert.equal(await started("--privileged"), "run --privileged\n");
    const denied = await run(["/bin/sh", "-c", "/bin/echo --privileged"]);
    assert.equal(denied.output, "");
    assert.equal((await run([program, "/bin/true"])).code, 1);
  });
  assert.equal(events.length, 2);
  assert.ok(events.every(({ flags }) => flags.includes("call-skipped")));
});

test("what a rule that acts looks at is brought into memory, where nothing has touched it", async (t) => {
  if (!needsGuest(t)) return;
  // programs that may wait need a kernel with error injection
  if (!INJECTS_ERRORS) {
    t.skip("no program can wait here");
    return;
  }
  const { directory, calls64 } = workplace();
  const lock = join(directory, "lock");
  writeFileSync(lock, words([1, 5, 7, 0]));
  const pages = join(directory, "pages");
  const content = Buffer.alloc(8192);
  content.write("needle", 7000);
  // struct msghdr, and the address that it leads to
  content.writeUInt16LE(2, 5000);
  content.writeUInt16BE(40002, 5002);
  writeFileSync(pages, content);
  const skip = (call: string, filter: string): string =>
    rule(call, filter).replace("rule {", "rule { on_unreadable = skip");
  const rules = [
    skip("fcntl", "PARAMS[3].l_type == F_WRLCK"),
    skip("write", 'PARAMS[2] contains "needle"'),
    skip("sendmsg", "PARAMS[2].port == 40002"),
  ];
  const program = `import ctypes, mmap, os, socket, struct
libc = ctypes.CDLL(None, use_errno=True)
def pages():
    m = mmap.mmap(os.open(${JSON.stringify(pages)}, os.O_RDONLY), 8192, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
    m.madvise(mmap.MADV_RANDOM)
    return ctypes.addressof(ctypes.c_char.from_buffer(m)), m
at, first = pages()
print(libc.write(os.open("/dev/null", os.O_WRONLY), ctypes.c_void_p(at + 4000), ctypes.c_size_t(4000)), ctypes.get_errno())
at, second = pages()
message = struct.pack("QQQQQQQ", at + 5000, 16, 0, 0, 0, 0, 0)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
print(libc.sendmsg(s.fileno(), message, 0), ctypes.get_errno(), flush=True)
os._exit(0)`;
  const { events } = await watch(rules.join("\n"), async () => {
    assert.equal((await run([calls64, "native", "72", "0", "6", `%${lock}`])).code, EACCES);
    const { output } = await run(["/usr/bin/python3", "-c", program]);
    assert.deepEqual(output.trim().split("\n"), [`-1 ${EACCES}`, `-1 ${EACCES}`]);
  });
  assert.equal(events.length, 3);
});
