// What the other kernel tests take for granted in a guest.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { release, tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import koffi from "koffi";

const { SCT_GUEST: guest = "" } = process.env;
const sh = (script: string) => execFileSync("sh", ["-c", script], { encoding: "utf8" }).trim();

test("guest is asked for by name and runs as root", () => {
  assert.notEqual(guest, "", "SCT_GUEST is not set: run npm run test:vm");
  assert.equal(process.getuid?.(), 0);
});

test("guest runs the kernel it is named after", { skip: !/-\d+\.\d+$/.test(guest) }, () => {
  const series = guest.split("-").at(-1);
  assert.ok(release().startsWith(`${series}.`), `${guest} runs ${release()}`);
});

test("guest has bpf in its active security modules exactly on Debian's kernels", () => {
  const active = readFileSync("/sys/kernel/security/lsm", "utf8").trim().split(",");
  if (guest.startsWith("debian-")) assert.ok(active.includes("bpf"), active.join());
  if (guest.startsWith("errinj-")) assert.ok(!active.includes("bpf"), active.join());
});

for (const [path, type] of [
  ["/proc", "proc"],
  ["/sys", "sysfs"],
  ["/sys/kernel/security", "securityfs"],
  ["/sys/kernel/debug", "debugfs"],
  ["/sys/kernel/tracing", "tracefs"],
  ["/sys/fs/bpf", "bpf"],
  ["/sys/fs/cgroup", "cgroup2"],
  ["/dev/pts", "devpts"],
  ["/dev/shm", "tmpfs"],
] as const) {
  test(`guest mounts ${type} on ${path}`, () => {
    const mounts = readFileSync("/proc/mounts", "utf8").split("\n");
    assert.ok(mounts.some((line) => line.split(" ").slice(1, 3).join() === `${path},${type}`));
  });
}

test("guest has its kernel's types", () => {
  assert.ok(statSync("/sys/kernel/btf/vmlinux").size > 1_000_000);
});

test("guest allows error injection exactly on the kernel built for it", () => {
  const list = "/sys/kernel/debug/error_injection/list";
  const entries = existsSync(list) ? readFileSync(list, "utf8") : "";
  assert.equal(/^__x64_sys_unlink\s/m.test(entries), guest.startsWith("errinj-"));
});

test("guest calls into libc through koffi", () => {
  const getpid = koffi.load("libc.so.6").func("int getpid()");
  assert.equal(getpid(), process.pid);
});

test("guest runs commands as nobody", () => {
  const output = execFileSync(
    "setpriv",
    [
      "--reuid=nobody",
      "--regid=nogroup",
      "--clear-groups",
      process.execPath,
      "-p",
      "process.getuid()",
    ],
    { encoding: "utf8" },
  );
  assert.equal(output.trim(), "65534");
});

test("guest has a writable copy of the host's files", () => {
  const file = join(import.meta.dirname, "guest.test.ts");
  const text = readFileSync(file);
  rmSync(file);
  assert.equal(existsSync(file), false);
  writeFileSync(file, text);
});

for (const file of ["/etc/passwd", join(tmpdir(), "file")]) {
  test(`guest keeps the inode number of ${file} when it is linked and written`, () => {
    writeFileSync(file, "", { flag: "a" });
    const { ino, dev } = statSync(file);
    linkSync(file, `${file}.link`);
    writeFileSync(`${file}.link`, "# changed\n", { flag: "a" });
    for (const path of [file, `${file}.link`]) {
      const stat = statSync(path);
      assert.deepEqual([stat.ino, stat.dev], [ino, dev]);
    }
    rmSync(`${file}.link`);
  });
}

test("guest opens pseudo-terminals", () => {
  assert.match(sh("script -qec tty /dev/null"), /^\/dev\/pts\/\d+$/);
});

test("guest has loopback", async () => {
  const server = createServer();
  await new Promise<void>((done, fail) => {
    server.once("error", fail).listen(0, "127.0.0.1", done);
  });
  const address = server.address();
  assert.ok(address && typeof address === "object");
  const response = await new Promise<string>((done, fail) => {
    server.once("connection", (socket) => socket.end("hello"));
    connect(address.port, "127.0.0.1")
      .once("data", (data) => done(data.toString()))
      .once("error", fail);
  });
  server.close();
  assert.equal(response, "hello");
});

test("guest finds the modules of its kernel", { skip: !guest.startsWith("debian-") }, () => {
  assert.ok(readdirSync(join("/lib/modules", release())).includes("kernel"));
});
