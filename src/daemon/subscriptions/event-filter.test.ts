import assert from "node:assert/strict";
import { test } from "node:test";
import { readRequest } from "../socket/request.ts";
import { refusal } from "../socket/roles.ts";
import { readFilter } from "./event-filter.ts";

test("readFilter() takes what sct log asks for, and nothing that costs without end", () => {
  const filter = { rules: ["a*"], priority: 4, calls: ["open"], uids: [0, 1000], paths: ["/etc"] };
  assert.deepEqual(readFilter(filter), filter);
  assert.deepEqual(readFilter(undefined), {});
  for (const [wrong, message] of [
    [7, /no object/],
    [{ rule: ["a"] }, /has no "rule"/],
    [{ rules: "a" }, /"rules" is no short list/],
    [{ uids: [-1] }, /"uids" is no short list/],
    [{ uids: [0.5] }, /"uids" is no short list/],
    [{ pids: Array.from({ length: 101 }, () => 1) }, /"pids" is no short list/],
    [{ paths: ["x".repeat(4097)] }, /"paths" is no short list/],
    [{ priority: 8 }, /"priority" is not from 0 to 7/],
    [{ rules: ["*a*b*c*"] }, /more than 3 asterisks/],
  ] as const) {
    const read = readFilter(wrong);
    assert.match("wrong" in read ? read.wrong : "", message);
  }
});

test("readRequest() reads log and subscribe", () => {
  const read = (request: object) => readRequest(JSON.stringify({ v: 1, ...request }));
  assert.deepEqual(read({ op: "subscribe" }), { v: 1, op: "subscribe", filter: {} });
  const log = { op: "log", filter: { rules: ["r"] }, sinceMs: 5, last: 10 };
  assert.deepEqual(read({ ...log, other: 1 }), { v: 1, ...log });
  assert.deepEqual(read({ op: "log", last: -1 }), { wrong: '"last" is no number' });
  assert.deepEqual(read({ op: "subscribe", filter: 7 }), { wrong: '"filter" is no object' });
});

test("refusal() lets the socket for reading see, and change nothing", () => {
  const v = 1;
  const rules = { files: [], includes: [] };
  const reading = [{ op: "status" }, { op: "log" }, { op: "subscribe" }] as const;
  const changing = [
    { op: "upload", ...rules },
    { op: "replace", ...rules },
    { op: "delete" },
    { op: "confirm" },
    { op: "download" },
    { op: "reload" },
    { op: "unload" },
    { op: "status", measureMs: 1 },
  ] as const;
  for (const request of reading) assert.equal(refusal({ v, ...request }, "read"), undefined);
  for (const request of changing) {
    assert.equal(refusal({ v, ...request }, "read")?.error.code, "privilege", request.op);
    assert.equal(refusal({ v, ...request }, "admin"), undefined);
  }
});
