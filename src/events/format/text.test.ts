import assert from "node:assert/strict";
import { test } from "node:test";
import type { PresentedParam } from "../../language/vocabulary.ts";
import { encodeRecord, type RecordFields } from "../encode-record.ts";
import { RecordFlag, TAIL_CWD, TAIL_VALUE, TailStatus } from "../layout.ts";
import { RecordError } from "../record-reader.ts";
import type { Site } from "../site.ts";
import * as sites from "../testing/sites.ts";
import { TextBuffer } from "../text-buffer.ts";
import { DatedTextFormatter, TextFormatter } from "./text.ts";

process.env["TZ"] = "UTC";

const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const text = (id: number, value: string, status: number = TailStatus.ok) => ({
  id,
  status,
  bytes: bytes(value),
});

const dummy: RecordFields = {
  comm: bytes("rm"),
  pcomm: bytes("bash"),
  pid: 4242,
  tid: 4243,
  ppid: 4000,
  time: 123_456_789n,
  tail: [text(1, "./dummy")],
};

function line(site: Site, fields: RecordFields): string {
  const record = encodeRecord(fields);
  const out = new TextBuffer();
  new TextFormatter([site], sites.context).format(record, 0, record.length, out);
  return Buffer.from(out.view()).toString("latin1");
}

const unlink = (format?: string, overrides = {}) => sites.siteOf(sites.unlinkat, format, overrides);

test("TextFormatter prints the article's line", () => {
  const site = unlink("%comm : %params delete by %euid --> %suid");
  assert.equal(line(site, dummy), '"rm" : "./dummy" delete by 0 --> 0\n');
});

test("DatedTextFormatter puts day and time in front of what does not say them itself", () => {
  const dated = (format?: string): string => {
    const record = encodeRecord(dummy);
    const out = new TextBuffer();
    new DatedTextFormatter([unlink(format)], sites.context).format(record, 0, record.length, out);
    return Buffer.from(out.view()).toString("latin1");
  };
  assert.equal(dated("%comm : %params"), '2026-11-23 15:00:00.123456 "rm" : "./dummy"\n');
  assert.equal(dated(), `2026-11-23 ${line(unlink(), dummy)}`);
  assert.match(dated(), /^2026-11-23 15:00:00\.123456 "rm"\[4242\] /);
  assert.equal(dated("%comm at %time{ISO}"), '"rm" at 2026-11-23T15:00:00.123456789Z\n');
});

test("TextFormatter says of ids that could not be read that they are unknown", () => {
  const ids = "%pid %ppid %uid %euid %suid %fsuid %gid %egid %sgid %fsgid %username";
  const unknown = 0xffff_ffff;
  const [pid, ppid, uid, euid, suid, fsuid] = new Array(6).fill(unknown);
  const groups = { gid: unknown, egid: unknown, sgid: unknown, fsgid: unknown };
  assert.equal(
    line(unlink(ids), { ...dummy, ...{ pid, ppid, uid, euid, suid, fsuid }, ...groups }),
    `${new Array(11).fill("(unreadable)").join(" ")}\n`,
  );
  // every number of a login means something
  const logins = { ...dummy, loginuid: unknown, sessionid: 0 };
  const flags = RecordFlag.loginuidUnknown | RecordFlag.sessionidUnknown | RecordFlag.pcommUnknown;
  assert.equal(line(unlink("%loginuid %sessionid %pcomm"), logins), '-1 0 "bash"\n');
  assert.equal(
    line(unlink("%loginuid %sessionid %pcomm"), { ...logins, flags }),
    "(unreadable) (unreadable) (unreadable)\n",
  );
});

test("TextFormatter shows invisible characters of a format by their numbers", () => {
  const site = unlink("a\u200bb\u202ec\u{e0041} é");
  assert.equal(
    Buffer.from(line(site, dummy), "latin1").toString(),
    "a\\u{200b}b\\u{202e}c\\u{e0041} é\n",
  );
});

test("TextFormatter prints the article's ptrace line", () => {
  const { int, pointer, siteOf, callWith } = sites;
  const site = siteOf(callWith(int, int, int, pointer), "%comm : %params issued ptrace");
  const args = [3n, 2019n, 24n, BigInt.asUintN(64, -1073748200n)];
  assert.equal(
    line(site, { comm: bytes("strace"), args }),
    '"strace" : 3, 2019, 24, -1073748200 issued ptrace\n',
  );
});

test("TextFormatter prints every macro", () => {
  const ids = { uid: 1, euid: 2, suid: 3, fsuid: 4, gid: 5, egid: 6, sgid: 7, fsgid: 8 };
  const fields = { ...dummy, ...ids, loginuid: 0xffff_ffff, sessionid: 9 };
  const table: [string, string][] = [
    ["%ruleid %sid %sname %snr %syscall", "unlink_rule1 263 unlinkat 263 263"],
    ["%pid %tid %ppid", "4242 4243 4000"],
    ["%uid %euid %suid %fsuid", "1 2 3 4"],
    ["%gid %egid %sgid %fsgid", "5 6 7 8"],
    ["%loginuid %sessionid", "-1 9"],
    ["%comm %pcomm", '"rm" "bash"'],
    ["%abi %action %username", "x86_64 LOG 1"],
    ["%params %param1 %param2", '"./dummy" "./dummy" (none)'],
    ["%retval %errname %duration", "(none) (none) (none)"],
    ["%time", "2026-11-23 15:00:00.123456"],
    ["%time{ISO} %time{%H:%M:%S}", "2026-11-23T15:00:00.123456789Z 15:00:00"],
    ["100%%", "100%"],
    ["%exe %path1", "(none) (none)"],
    ["", ""],
  ];
  for (const [format, expected] of table)
    assert.equal(line(unlink(format), fields), `${expected}\n`);
  assert.equal(line(unlink("%username"), dummy), "root\n");
});

test("TextFormatter prints what is known after the call", () => {
  const site = unlink("%retval %errname %duration", { when: "after" });
  assert.equal(line(site, { retval: -2n, duration: 1500n }), "-2 ENOENT 1500\n");
  assert.equal(line(site, { retval: 3n, duration: 1n }), "3 (none) 1\n");
  assert.equal(line(site, { retval: -5000n }), "-5000 (none) 0\n");
  assert.equal(line(site, { retval: 0x7fff_ffff_f000n }), "140737488351232 (none) 0\n");
});

test("TextFormatter prints numbers in signed decimal of the parameter's width", () => {
  const { callWith, int, long, siteOf, uint } = sites;
  const short = { c: "umode_t", kind: "int", size: 2, signed: false } as const;
  const byte = { c: "char", kind: "int", size: 1, signed: true } as const;
  const site = siteOf(callWith(int, uint, long, short, byte), "%params");
  const args = [0xffff_ffffn, 0xdead_ffff_ffffn, 0xffff_ffff_ffff_fffen, 0x1_ffffn, 0x180n];
  assert.equal(line(site, { args }), "-1, -1, -2, 65535, -128\n");
});

test("TextFormatter says what became of a string", () => {
  const site = unlink("%params");
  const cases: [RecordFields, string][] = [
    [{ tail: [text(1, "", TailStatus.unreadable)] }, "(unreadable)"],
    [{ tail: [text(1, "", TailStatus.null)] }, "NULL"],
    [{ tail: [text(1, "abc", TailStatus.truncated)] }, '"abc"...'],
    [{ tail: [text(1, "")] }, '""'],
    [{ args: [0n, 0n] }, "NULL"],
    [{ args: [0n, 0x1000n] }, "(unreadable)"],
    [{ tail: [text(1, 'x" by 0\n\x1b[2J')] }, String.raw`"x\" by 0\n\33[2J"`],
  ];
  for (const [fields, expected] of cases) assert.equal(line(site, fields), `${expected}\n`);
});

test("TextFormatter says of a directory that has no name that it cannot be read", () => {
  const cwd = (status: number): RecordFields => ({
    tail: [{ id: TAIL_CWD, status, bytes: new Uint8Array() }],
  });
  assert.equal(line(unlink("%cwd"), cwd(TailStatus.unreadable)), "(unreadable)\n");
  assert.equal(line(unlink("%cwd"), cwd(TailStatus.null)), "(none)\n");
});

test("TextFormatter takes parameters from memory, constants and nowhere", () => {
  const { int, param, path, siteOf, uint, unlinkat } = sites;
  const params: PresentedParam[] = [
    param("mode", uint, { kind: "memory", pointerArg: 2, offset: 8, size: 4 }),
    param("flags", int, { kind: "constant", value: 577n }),
    param("pathname", path, { kind: "absent" }),
  ];
  const site = siteOf({ ...unlinkat, params }, "%params");
  const number = { id: TAIL_VALUE + 1, status: TailStatus.ok, bytes: new Uint8Array(8).fill(0xff) };
  assert.equal(line(site, { tail: [number] }), "-1, 577, (none)\n");
  assert.equal(line(site, {}), "(unreadable), 577, (none)\n");
});

test("TextFormatter decodes %params{symbolic}", () => {
  const { callWith, int, path, pointer, siteOf, uint } = sites;
  const dirfd = { ...int, semantic: "dirfd" };
  const site = siteOf(callWith(dirfd, path, dirfd, pointer, uint), "%params{symbolic}");
  const fields = { args: [0xffff_ff9cn, 1n, 7n, 0x1000n, 9n], tail: [text(2, "a")] };
  assert.equal(line(site, fields), 'AT_FDCWD, "a", 7, 0x1000, 9\n');
});

test("TextFormatter leaves out the mode of an open that creates nothing", () => {
  const { callWith, int, siteOf, uint } = sites;
  const flags = { ...int, semantic: "open_flags" };
  const mode = { ...uint, semantic: "mode" };
  const site = siteOf(callWith(flags, mode), "%params{symbolic} / %params");
  assert.equal(line(site, { args: [0o2n, 0x1234n] }), "2 / 2, 4660\n");
  assert.equal(line(site, { args: [0o102n, 0o644n] }), "66, 420 / 66, 420\n");
});

test("TextFormatter has a default line", () => {
  assert.equal(
    line(unlink(), dummy),
    '15:00:00.123456 "rm"[4242] uid=0 unlink_rule1: unlink("./dummy")\n',
  );
  const after = unlink(undefined, { when: "after" });
  assert.match(line(after, { ...dummy, retval: -2n }), /unlink\("\.\/dummy"\) = -2 ENOENT\n$/);
  assert.match(line(after, dummy), /unlink\("\.\/dummy"\) = 0\n$/);
  const { span } = sites;
  const kill = unlink(undefined, {
    actions: [
      { type: "LOG", span },
      { type: "KILL", span },
    ],
  });
  assert.match(line(kill, dummy), /\) \[KILL\]\n$/);
  assert.match(line(kill, { ...dummy, flags: RecordFlag.callDone }), /\[KILL, after the call\]\n$/);
});

test("TextFormatter prints a line for each LOG action and none without", () => {
  const { parseFormat, span } = sites;
  const log = (format: string) => ({ type: "LOG", format: parseFormat(format), span }) as const;
  assert.equal(line(unlink("", { actions: [log("a"), log("b %pid")] }), dummy), "a\nb 4242\n");
  assert.equal(line(unlink("", { actions: [{ type: "KILL", span }] }), dummy), "");
});

test("TextFormatter names the site it does not know", () => {
  assert.throws(() => line(unlink("x"), { site: 7 }), RecordError);
});
