/** Rules that deny calls by the open file that a descriptor stands for. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { assertNoObjects } from "../kernel/bpf-objects.ts";
import { run, USER, watch, workplace } from "../kernel/watching.ts";
import { needsGuest } from "./guest.ts";

after(assertNoObjects);

const PYTHON = "/usr/bin/python3";
const rule = (call: string, filter: string): string =>
  `rule { syscall_name = ${call} filter_expression { UID == ${USER} && ${filter} }
     action { type = LOG log_format {%sname %fd1.type %fd1 %fd1.port} } action { type = FAIL error_code = EACCES } }`;

test("a write is denied by the file that is open, and the file stays as it was", async (t) => {
  if (!needsGuest(t)) return;
  const file = join(workplace().directory, "denied-when-open");
  const script = `import os
fds = [os.open(name, os.O_CREAT | os.O_WRONLY) for name in ("allowed", "denied-when-open")]
fds.append(os.dup(fds[1]))
for fd in fds:
    try: print(os.write(fd, b"x"))
    except OSError as error: print(error.errno)
try: print(os.writev(fds[2], [b"x"]))
except OSError as error: print(error.errno)`;
  let output = "";
  const { lines, events } = await watch(rule("write", `FD[1].path == "${file}"`), async () => {
    output = (await run([PYTHON, "-c", script])).output;
  });
  assert.equal(output, "1\n13\n13\n13\n");
  assert.equal(readFileSync(file, "utf8"), "");
  const shown = `"file" "${file}" (none)`;
  assert.deepEqual(lines, [`write ${shown}`, `write ${shown}`, `writev ${shown}`]);
  assert.ok(events.every(({ flags }) => flags.includes("call-skipped")));
});

test("what is sent is denied by the peer of the socket", async (t) => {
  if (!needsGuest(t)) return;
  const script = `import socket
server = socket.create_server(("127.0.0.1", 8080))
other = socket.create_server(("127.0.0.1", 8081))
for port in (8080, 8081):
    client = socket.create_connection(("127.0.0.1", port))
    try: print(client.send(b"x"))
    except OSError as error: print(error.errno)`;
  let output = "";
  const filter = "FD[1].port == 8080 && FD[1].addr in 127.0.0.0/8";
  const { lines } = await watch(rule("sendto", filter), async () => {
    output = (await run([PYTHON, "-c", script])).output;
  });
  assert.equal(output, "13\n1\n");
  assert.match(lines.join("\n"), /^sendto "socket" "socket:\[\d+\]" 8080$/);
});
