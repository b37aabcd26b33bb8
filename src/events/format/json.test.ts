import assert from "node:assert/strict";
import { test } from "node:test";
import type { PresentedParam } from "../../language/vocabulary.ts";
import { EventDecoder } from "../decode.ts";
import { encodeRecord, type RecordFields } from "../encode-record.ts";
import { RecordFlag, TAIL_CMDLINE, TAIL_DIR, TailStatus } from "../layout.ts";
import type { Site } from "../site.ts";
import * as sites from "../testing/sites.ts";
import { TextBuffer } from "../text-buffer.ts";
import { JsonFormatter } from "./json.ts";
import { formatLoss } from "./loss.ts";

function json(site: Site, fields: RecordFields): string {
  const record = encodeRecord(fields);
  const out = new TextBuffer();
  new JsonFormatter([site], sites.context).format(record, 0, record.length, out);
  const text = new TextDecoder().decode(out.view());
  const event = new EventDecoder([site], sites.context).decode(record, 0, record.length);
  assert.deepEqual(event, JSON.parse(text));
  return text;
}

test("JsonFormatter prints all keys in their order", () => {
  const site = sites.siteOf(sites.unlinkat, "%comm : %params delete by %euid --> %suid");
  const line = json(site, {
    seq: 17n,
    time: 123_456_789n,
    pid: 4242,
    tid: 4242,
    ppid: 4000,
    comm: Buffer.from("rm"),
    args: [0xffff_ffff_ffff_ff9cn, 0x55aan, 0n],
    tail: [{ id: 1, status: TailStatus.ok, bytes: Buffer.from("./dummy") }],
  });
  assert.equal(
    line,
    '{"v":1,"ts":"2026-11-23T15:00:00.123456789Z","rule":"unlink_rule1","actions":["LOG"],' +
      '"when":"before","syscall":"unlinkat","as":"unlink","nr":263,"abi":"x86_64",' +
      '"params":[{"name":"pathname","type":"path","value":"./dummy"}],' +
      '"args":["0xffffffffffffff9c","0x55aa","0x0"],"retval":null,"errno":null,' +
      '"pid":4242,"tid":4242,"ppid":4000,"uid":0,"euid":0,"suid":0,"gid":0,"egid":0,"sgid":0,' +
      '"comm":"rm","exe":null,"cwd":null,"path":null,"flags":[],"gen":3,"seq":17,' +
      String.raw`"message":"\"rm\" : \"./dummy\" delete by 0 --> 0","priority":null,"tags":[],"description":null,"cmdline":null,"dir":null,"duration_ns":null}` +
      "\n",
  );
});

test("JsonFormatter has the arguments of the caller, and where a path begins", () => {
  const path: PresentedParam = {
    ...sites.param("pathname", sites.path, { kind: "arg", index: 1 }),
    dirfd: { kind: "arg", index: 0 },
  };
  const site = sites.siteOf({ ...sites.unlinkat, params: [path] });
  const parse = (cmdline: string, status: number, name = "3") => {
    const bytes = (text: string) => Buffer.from(text, "latin1");
    const tail = [
      { id: 1, status: TailStatus.ok, bytes: bytes(name) },
      { id: TAIL_CMDLINE, status, bytes: bytes(cmdline) },
      { id: TAIL_DIR, status: TailStatus.ok, bytes: bytes("/tmp/x") },
    ];
    const { cmdline: list, dir, flags, message } = JSON.parse(json(site, { tail }));
    return { list, dir, flags, in: / in (.*)$/.exec(message)?.[1] };
  };
  const at = { dir: "/tmp/x", flags: [], in: '"/tmp/x"' };
  assert.deepEqual(parse("rm\0-rf\0\0a b\0", TailStatus.ok), {
    list: ["rm", "-rf", "", "a b"],
    ...at,
  });
  assert.deepEqual(parse("sh\0-c\0\0", TailStatus.ok), { list: ["sh", "-c", ""], ...at });
  // a title over the arguments
  assert.deepEqual(parse("nginx: master\0\0\0\0", TailStatus.ok), {
    list: ["nginx: master"],
    ...at,
  });
  assert.deepEqual(parse("a\0bc", TailStatus.truncated), {
    list: ["a", "bc"],
    ...at,
    flags: ["cmdline-truncated"],
  });
  assert.deepEqual(parse("", TailStatus.null), { list: null, ...at });
  const none = { list: ["x"], dir: null, flags: [], in: undefined };
  assert.deepEqual(parse("x\0", TailStatus.ok, "/3"), none);
});

test("JsonFormatter has what the rule says of itself", () => {
  const said = { priority: 0, tags: ["audit", "p\u200bci"], description: 'who "reads"' };
  const event = JSON.parse(json(sites.siteOf(sites.unlinkat, "x", said), {}));
  const { priority, tags, description } = event;
  assert.deepEqual({ priority, tags, description }, said);
});

test("JsonFormatter shows parameters by their type", () => {
  const { callWith, int, long, path, pointer, siteOf, uint } = sites;
  const fd = { ...uint, semantic: "fd" };
  const site = siteOf(callWith(int, uint, fd, long, pointer, path), "x", { when: "after" });
  const minus = 0xffff_ffffn;
  const fields: RecordFields = {
    args: [minus, minus, minus, (1n << 64n) - 1n, 0x7ffc_0000_1000n, 1n],
    retval: -2n,
    flags: RecordFlag.unreadable | RecordFlag.late,
    tail: [{ id: 6, status: TailStatus.unreadable, bytes: new Uint8Array(0) }],
    uid: 0xffff_fffe,
  };
  const event = JSON.parse(json(site, fields));
  const values = event.params.map((param: { value: unknown }) => param.value);
  assert.deepEqual(values, [-1, 4294967295, -1, "18446744073709551615", "0x7ffc00001000", null]);
  assert.equal(event.retval, -2);
  assert.equal(event.errno, "ENOENT");
  assert.equal(event.duration_ns, 0);
  assert.equal(event.uid, 0xffff_fffe);
  assert.deepEqual(event.flags, ["unreadable", "late"]);
  assert.equal(event.message, "x");
});

test("JsonFormatter has null for ids that could not be read", () => {
  const site = sites.siteOf(sites.unlinkat, "x");
  const unknown = 0xffff_ffff;
  const flags = RecordFlag.loginuidUnknown;
  const event = JSON.parse(
    json(site, { pid: unknown, tid: 7, ppid: unknown, uid: unknown, sgid: unknown, flags }),
  );
  const { pid, tid, ppid, uid, euid, sgid } = event;
  assert.deepEqual(
    { pid, tid, ppid, uid, euid, sgid },
    { pid: null, tid: 7, ppid: null, uid: null, euid: 0, sgid: null },
  );
  assert.deepEqual(event.flags, []);
});

test("JsonFormatter turns integers beyond 2^53 into strings", () => {
  const site = sites.siteOf(sites.callWith(sites.long), "x");
  const value = (arg: bigint) => JSON.parse(json(site, { args: [arg] })).params[0].value;
  assert.equal(value(2n ** 53n - 1n), 2 ** 53 - 1);
  assert.equal(value(2n ** 53n), "9007199254740992");
});

test("JsonFormatter has no message for a rule that does not log", () => {
  const actions = [{ type: "KILL", span: sites.span }] as const;
  const event = JSON.parse(json(sites.siteOf(sites.unlinkat, "", { actions }), {}));
  assert.equal(event.message, null);
  assert.deepEqual(event.actions, ["KILL"]);
});

test("formatLoss() names the rules", () => {
  assert.equal(
    formatLoss({ total: 3, rules: { a: 3 } }, "2026-11-23T15:00:00.123456789Z"),
    '{"v":1,"ts":"2026-11-23T15:00:00.123456789Z","loss":{"total":3,"rules":{"a":3}}}',
  );
});

test("JsonFormatter shows the caller of each event, also when it is another than the last", () => {
  const site = sites.siteOf(sites.unlinkat, "x");
  const formatter = new JsonFormatter([site], sites.context);
  const seen = (fields: RecordFields): unknown[] => {
    const record = encodeRecord(fields);
    const out = new TextBuffer();
    formatter.format(record, 0, record.length, out);
    const { pid, uid, sgid, comm } = JSON.parse(new TextDecoder().decode(out.view()));
    return [pid, uid, sgid, comm];
  };
  const comm = Buffer.from("rm");
  assert.deepEqual(seen({}), [0, 0, 0, ""]);
  for (let i = 0; i < 2; i++) {
    assert.deepEqual(seen({ pid: 7, comm }), [7, 0, 0, "rm"]);
    assert.deepEqual(seen({ pid: 7, comm }), [7, 0, 0, "rm"]);
    assert.deepEqual(seen({ pid: 7, sgid: 9, comm }), [7, 0, 9, "rm"]);
    assert.deepEqual(seen({ pid: 7, sgid: 9, comm: Buffer.from("ls") }), [7, 0, 9, "ls"]);
  }
});
