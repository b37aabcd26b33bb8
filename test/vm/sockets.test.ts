/** Rules on PATH of an address decide on the file that a unix socket is bound to, whatever name leads there. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { after, test } from "node:test";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { watch } from "../kernel/watching.ts";
import {
  countOf,
  deniedRows,
  freeRows,
  MAKE_NAMES,
  otherThan,
  shellOf,
  socketRules,
} from "../programs/socket-names.ts";
import { needsGuest, place, program, shell } from "./guest.ts";

after(assertNoObjects);

const EACCES = 13;
/** sendmmsg has sent the message before the denied one. */
const ONE_SENT = 1;

test("a socket is denied by its file: every call, every name, io_uring; others are free", async (t) => {
  if (!needsGuest(t)) return;
  const directory = place();
  const sockets = program("sockets");
  const serve = async (stream: string, datagram: string): Promise<ChildProcess> => {
    const child = spawn(sockets, ["serve", stream, datagram], {
      cwd: directory,
      stdio: ["pipe", "pipe", "inherit"],
    });
    if (child.stdout !== null) await once(child.stdout, "data");
    return child;
  };
  const servers = [
    await serve("./s", "./d"),
    await serve("./other-s", "./other-d"),
    await serve("./third-s", `@sct-${directory}`),
  ];
  t.after(() => {
    for (const server of servers) server.stdin?.end();
  });
  await shell(
    directory,
    `${MAKE_NAMES}; mkdir bound; mount --bind . bound; ln s hard-s; ln d hard-d`,
  );
  const rows: ReturnType<typeof deniedRows> = [
    ...deniedRows(directory),
    // names that only the kernel sees through
    [".", ["./bound/s", "./hard-s"], ["stream", "uring"]],
    [".", ["./bound/d", "./hard-d"], ["datagram", "sendto", "sendmsg", "sendmmsg"]],
    [".", ["./s", "sub/../link-s"], ["uring"]],
  ];
  const { events } = await watch(socketRules(directory), async () => {
    const output = await shell(directory, shellOf(sockets, rows));
    assert.deepEqual(otherThan(output, [EACCES, ONE_SENT]), []);
    assert.equal(output.trim().split("\n").length, countOf(rows));
    const free = [...freeRows(directory), [".", ["./other-s"], ["uring"]]] as typeof rows;
    assert.deepEqual(otherThan(await shell(directory, shellOf(sockets, free)), [0]), []);
  });
  assert.equal(events.length, countOf(rows), events.map(({ line }) => line).join("\n"));
  const lines = new Set(events.map(({ line }) => line));
  for (const line of [
    `connect "${directory}/s"`,
    `sendmmsg "${directory}/d"`,
    `bind "${directory}/new"`,
    `bind "@sct-${directory}"`,
    `connect "@sct-${directory}"`,
  ])
    assert.ok(lines.has(line), `${line} is missing in ${[...lines].join("\n")}`);
  await shell(directory, "umount bound");
});

test("a rule on files of sockets decides on all other addresses, too", async (t) => {
  if (!needsGuest(t)) return;
  const rule = `rule { syscall_name = connect, bind, sendto
    filter_expression { COMM == "python3" && !(PATH startswith "/run/") } action { type = FAIL error_code = EACCES } }`;
  await watch(rule, async () => {
    const output = await shell(
      "/",
      `python3 -c '
import socket
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
tcp = socket.socket()
pair = socket.socketpair()
for call in (lambda: udp.connect(("127.0.0.1", 9)), lambda: udp.sendto(b"x", ("127.0.0.1", 9)),
             lambda: tcp.bind(("127.0.0.1", 0)), lambda: pair[0].send(b"x")):
    try: call(); print(0)
    except OSError as error: print(error.errno)'`,
    );
    // what is no file has no name: the test of PATH is false
    assert.equal(output, "13\n13\n13\n13\n");
  });
});
