// The parts of the VM rig that need no guest.

import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Console } from "../scripts/rig/console.ts";
import { writeCpio } from "../scripts/rig/cpio.ts";
import { dependencyOfSeries } from "../scripts/rig/debian-package.ts";
import { readEtc } from "../scripts/rig/etc.ts";
import { CHECKOUT, guestEnvironment } from "../scripts/rig/guest-environment.ts";
import { commandScript } from "../scripts/rig/initramfs.ts";
import { findKernel, parseKernelSpec } from "../scripts/rig/kernels.ts";
import { qemuArguments } from "../scripts/rig/qemu.ts";
import { RigError } from "../scripts/rig/rig-error.ts";
import { parseRunOptions } from "../scripts/rig/run-options.ts";
import { TestCounts } from "../scripts/rig/test-counts.ts";
import { DEFAULT_GUESTS, planTests } from "../scripts/rig/test-plan.ts";

const isUsageError = (error: unknown) => error instanceof RigError && error.code === "usage";

/** The members of an archive, read by the rules of the format alone. */
function readCpio(archive: Buffer) {
  const members = [];
  for (let at = 0; at < archive.length; ) {
    assert.equal(archive.toString("latin1", at, at + 6), "070701");
    const field = (index: number) =>
      Number.parseInt(archive.toString("latin1", at + 6 + 8 * index, at + 14 + 8 * index), 16);
    const nameEnd = at + 110 + field(11);
    assert.equal(archive[nameEnd - 1], 0);
    const dataStart = (nameEnd + 3) & ~3;
    const dataEnd = dataStart + field(6);
    members.push({
      name: archive.toString("utf8", at + 110, nameEnd - 1),
      inode: field(0),
      mode: field(1),
      owner: [field(2), field(3)],
      device: [field(9), field(10)],
      data: archive.toString("utf8", dataStart, dataEnd),
    });
    at = (dataEnd + 3) & ~3;
  }
  return members;
}

test("writeCpio() writes each kind of entry and the trailer", () => {
  const members = readCpio(
    writeCpio([
      { kind: "directory", name: "dev" },
      { kind: "character-device", name: "dev/console", major: 5, minor: 1 },
      { kind: "file", name: "init", data: "#!/bin/sh\n", mode: 0o755 },
      { kind: "file", name: "shadow", data: "", mode: 0o640, uid: 0, gid: 42 },
      { kind: "symlink", name: "é", target: "init" },
    ]),
  );
  const root = [0, 0];
  const none = [0, 0];
  assert.deepEqual(members, [
    { name: "dev", inode: 1, mode: 0o040755, owner: root, device: none, data: "" },
    { name: "dev/console", inode: 2, mode: 0o020600, owner: root, device: [5, 1], data: "" },
    { name: "init", inode: 3, mode: 0o100755, owner: root, device: none, data: "#!/bin/sh\n" },
    { name: "shadow", inode: 4, mode: 0o100640, owner: [0, 42], device: none, data: "" },
    { name: "é", inode: 5, mode: 0o120777, owner: root, device: none, data: "init" },
    { name: "TRAILER!!!", inode: 0, mode: 0o100644, owner: root, device: none, data: "" },
  ]);
});

test("writeCpio() pads names and data of every length to four bytes", () => {
  for (let length = 0; length <= 8; length++) {
    const text = "x".repeat(length);
    const [member] = readCpio(writeCpio([{ kind: "file", name: `n${text}`, data: text }]));
    assert.deepEqual([member?.name, member?.data], [`n${text}`, text]);
  }
});

test("readEtc() names folders before their files and keeps links", (t) => {
  const root = mkdtempSync(join(tmpdir(), "etc-"));
  t.after(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "ssl"), { mode: 0o700 });
  writeFileSync(join(root, "ssl", "key"), "secret", { mode: 0o600 });
  symlinkSync("ssl/key", join(root, "key"));
  const entries = readEtc(root).map(
    ({ kind, name, mode }) => `${kind} ${name} ${mode?.toString(8)}`,
  );
  assert.deepEqual(entries, ["symlink key 777", "directory ssl 700", "file ssl/key 600"]);
});

test("parseKernelSpec() takes arguments off the end and leaves the plus of a release", () => {
  const cases: [string, string, string[]][] = [
    ["debian-6.12", "debian-6.12", []],
    ["debian-6.12+preempt=full", "debian-6.12", ["preempt=full"]],
    [
      "debian-6.1+preempt=full+lsm=lockdown,bpf",
      "debian-6.1",
      ["preempt=full", "lsm=lockdown,bpf"],
    ],
    ["/boot/vmlinuz-6.12.117+deb12-amd64", "/boot/vmlinuz-6.12.117+deb12-amd64", []],
    ["./bzImage+lockdown=integrity", "./bzImage", ["lockdown=integrity"]],
  ];
  for (const [spec, name, append] of cases) {
    assert.deepEqual(parseKernelSpec(spec), { name, append }, spec);
  }
});

test("findKernel() finds an image by its path, with the modules beside it", (t) => {
  const root = mkdtempSync(join(tmpdir(), "kernel-"));
  t.after(() => rmSync(root, { recursive: true }));
  const image = join(root, "boot", "vmlinuz-6.1.0-1+x");
  const modules = join(root, "lib", "modules", "6.1.0-1+x");
  mkdirSync(join(root, "boot"));
  mkdirSync(modules, { recursive: true });
  writeFileSync(image, "");
  const label = `${image}+preempt=full`;
  const name = "vmlinuz-6.1.0-1+x";
  assert.deepEqual(findKernel(label), { label, name, append: ["preempt=full"], image, modules });
  assert.throws(() => findKernel(join(root, "bzImage")), RigError);
});

test("findKernel() refuses an unknown name", () => {
  assert.throws(() => findKernel("debian"), isUsageError);
});

test("dependencyOfSeries() picks the image of the series asked for", () => {
  const depends = "linux-image-amd64\n  Depends: linux-image-6.1.0-56-amd64\n";
  assert.equal(dependencyOfSeries(depends, "6.1"), "linux-image-6.1.0-56-amd64");
  assert.equal(dependencyOfSeries(depends, "6.12"), undefined);
  assert.equal(dependencyOfSeries("  Depends: linux-image-6.12.9+deb12-amd64\n", "6.1"), undefined);
});

test("qemuArguments() shares the host read-only and doubles commas", () => {
  const args = qemuArguments({
    image: "/k/vmlinuz",
    initramfs: "/t/initramfs",
    socketFolder: "/t/a,b",
    append: ["preempt=full", "lockdown=integrity"],
    writable: [{ tag: "writable0", path: "/out,1" }],
    memoryMb: 512,
  });
  const after = (option: string) => args.filter((_, index) => args[index - 1] === option);
  assert.deepEqual(after("-virtfs"), [
    "local,path=/,mount_tag=hostroot,security_model=none,readonly=on,multidevs=remap",
    "local,path=/out,,1,mount_tag=writable0,security_model=none",
  ]);
  assert.deepEqual(after("-smp"), ["1"]);
  assert.deepEqual(after("-accel"), ["tcg"]);
  assert.deepEqual(after("-m"), ["512M"]);
  assert.match(after("-append")[0] ?? "", /^console=ttyS0 .* preempt=full lockdown=integrity$/);
  assert.ok(after("-chardev").includes("socket,id=out,path=/t/a,,b/out.sock"));
  assert.ok(after("-device").includes("virtserialport,chardev=status,nr=3,name=status"));
});

test("commandScript() quotes for the shell", () => {
  const script = commandScript({ argv: ["echo", "it's", "$HOME"], cwd: "/a b", env: { A: "1 2" } });
  assert.equal(
    script,
    "cd '/a b' || exit 125\nexec /usr/bin/env '-i' 'A=1 2' 'echo' 'it'\\''s' '$HOME'\n",
  );
});

test("guestEnvironment() takes over only what is meant for the guest", () => {
  const host = { PATH: "/bin", LANG: "C", NODE_OPTIONS: "--inspect", SCT_X: "1", EDITOR: "ed" };
  const { PATH, HOME, LANG, NODE_OPTIONS, SCT_X, EDITOR, A } = guestEnvironment(host, [
    "EDITOR",
    "A=b=c",
    "MISSING",
  ]);
  assert.equal(PATH, `${CHECKOUT}/node_modules/.bin:/bin`);
  assert.deepEqual(
    { HOME, LANG, NODE_OPTIONS, SCT_X, EDITOR, A },
    { HOME: "/root", LANG: "C", NODE_OPTIONS: undefined, SCT_X: "1", EDITOR: "ed", A: "b=c" },
  );
});

test("parseRunOptions() leaves the command's own options alone", () => {
  const options = parseRunOptions(["--append", "a=1 b", "--timeout", "2", "--", "ls", "--", "-l"]);
  assert.deepEqual(options.command, ["ls", "--", "-l"]);
  assert.deepEqual(options.append, ["a=1", "b"]);
  assert.equal(options.timeoutMs, 2000);
  assert.equal(options.kernel, "debian-6.12");
});

test("parseRunOptions() refuses what it does not know", () => {
  for (const args of [[], ["ls"], ["--"], ["--nope", "--", "ls"], ["--timeout", "x", "--", "ls"]]) {
    assert.throws(() => parseRunOptions(args), isUsageError, args.join(" "));
  }
});

test("planTests() distinguishes kernels, files and options", () => {
  assert.deepEqual(planTests(["debian-6.1", "test/vm/guest.test.ts", "--test-only"]), [
    {
      kernel: "debian-6.1",
      nodeArguments: ["--test", "--test-isolation=none", "--test-only", "test/vm/guest.test.ts"],
    },
  ]);
  const everything = planTests([]);
  assert.deepEqual(
    everything.map(({ kernel }) => kernel),
    DEFAULT_GUESTS,
  );
  for (const { kernel, nodeArguments } of everything) {
    const isBooted = kernel.endsWith("+init=systemd");
    assert.equal(nodeArguments.includes("test/vm/guest.test.ts"), !isBooted, kernel);
    assert.equal(nodeArguments.includes("test/systemd/unit.test.ts"), isBooted, kernel);
  }
  assert.throws(() => planTests(["--watch"]), isUsageError);
});

test("TestCounts counts from the end of the report", () => {
  const counts = new TestCounts();
  counts.resume();
  counts.write("✔ pass 99\nℹ tests 4\nℹ suites 0\nℹ pass 2\nℹ fa");
  counts.write("il 1\nℹ cancelled 0\nℹ skipped 1\nℹ todo 0\nℹ duration_ms 12.5\n");
  assert.equal(counts.summary, "2 pass, 1 fail, 1 skipped");
});

test("Console finds the crash across chunks and reports from there", () => {
  const log = new Console();
  log.push("[1.0] booting\r\n[2.0] BUG: kernel NULL poi");
  log.push("nter dereference\n[2.1] Oops: 0002\n[2.2] Kernel panic - not syncing\n");
  assert.equal(log.crash, "[2.0] BUG: kernel NULL pointer dereference");
  assert.match(log.tail(), /^\[2\.0\] BUG(.|\n)*Kernel panic - not syncing$/);
});

test("Console takes a lockup for a warning", () => {
  const log = new Console();
  log.push("watchdog: BUG: soft lockup - CPU#0 stuck for 22s!\n");
  log.push("WARNING: CPU: 0 PID: 7 at kernel/x.c:1\n");
  assert.equal(log.crash, undefined);
  assert.equal(log.warnings.length, 2);
});
