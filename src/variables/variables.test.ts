import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Caller, Status } from "./caller.ts";
import {
  findByMacro,
  findVariable,
  isVariable,
  macroOf,
  numberVariable,
  textVariable,
  VARIABLES,
  variableNames,
} from "./index.ts";

const HERE = dirname(fileURLToPath(import.meta.url));
const DOCS = `${HERE}/../../docs`;
/** No variables. */
const OTHERS = ["all.ts", "caller.ts", "descriptor.ts", "index.ts", "variable.ts"];

const status: Status = {
  tgid: 10,
  ppid: 9,
  uids: [1, 2, 3, 4],
  gids: [5, 6, 7, 8],
  caps: 0xffn,
  nsPid: 1,
};

const caller: Caller = {
  tid: 11,
  comm: Buffer.from("thread"),
  call: "unlinkat",
  abi: "x86_64",
  nr: 263,
  retval: -2n,
  durationNs: 1500n,
  status: () => status,
  link: (name) =>
    Buffer.from(name.startsWith("ns/") ? `${name.slice(3)}:[4026531836]` : `/${name}`),
  auditId: (name) => (name === "loginuid" ? 1000n : 3n),
  parentComm: () => Buffer.from("parent"),
  cgroup: () => 77n,
  container: () => Buffer.from("c0ffee"),
};

/** What each is of that caller. */
const EXPECTED: Readonly<Record<string, bigint | string>> = {
  ...{ PID: 10n, TID: 11n, PPID: 9n, NSPID: 1n, CAPS: 0xffn, CGROUP: 77n },
  ...{ UID: 1n, EUID: 2n, SUID: 3n, FSUID: 4n, GID: 5n, EGID: 6n, SGID: 7n, FSGID: 8n },
  ...{ LOGINUID: 1000n, SESSIONID: 3n, PIDNS: 4026531836n, MNTNS: 4026531836n },
  ...{ RETVAL: -2n, DURATION: 1500n, SYSCALL: 263n, SNAME: "unlinkat", ABI: "x86_64" },
  ...{ COMM: "thread", PCOMM: "parent", EXE: "/exe", CWD: "/cwd", CONTAINER: "c0ffee" },
};

function shown(value: bigint | Uint8Array | undefined): bigint | string | undefined {
  return value instanceof Uint8Array ? Buffer.from(value).toString() : value;
}

test("each variable reads its own value of a caller", () => {
  const read = VARIABLES.map(([name, variable]) => [name, shown(variable.proc(caller))]);
  assert.deepEqual(Object.fromEntries(read), EXPECTED);
});

test("what /proc does not say is undefined, never 0", () => {
  const nothing: Caller = {
    ...caller,
    retval: undefined,
    durationNs: undefined,
    status: () => undefined,
    link: () => undefined,
    auditId: () => undefined,
    parentComm: () => undefined,
    cgroup: () => undefined,
    container: () => undefined,
  };
  const known = VARIABLES.filter(([, variable]) => variable.proc(nothing) !== undefined);
  assert.deepEqual(
    known.map(([name]) => name),
    ["ABI", "COMM", "SNAME", "SYSCALL", "TID"],
  );
});

test("each file is one variable, and each variable one file", () => {
  const files = readdirSync(HERE).filter((file) => !file.endsWith(".test.ts"));
  const own = files.filter((file) => !OTHERS.includes(file));
  assert.deepEqual(own.toSorted(), variableNames.map((name) => `${macroOf(name)}.ts`).toSorted());
});

test("variables that are copied together are in one struct, at places of their own", () => {
  const structs = new Map<string, string>();
  const places = new Set<string>();
  for (const [name, { kernel, record }] of VARIABLES) {
    if (!("group" in kernel)) continue;
    assert.equal(structs.get(kernel.group) ?? kernel.from, kernel.from, name);
    structs.set(kernel.group, kernel.from);
    assert.ok(record.in === "id" || record.in === "name", name);
    assert.ok(!places.has(record.field), name);
    places.add(record.field);
  }
  assert.equal(places.size, 15);
});

test("variables are found by their names and macros only", () => {
  assert.equal(findVariable("UID"), numberVariable("UID"));
  assert.equal(findByMacro("exe"), textVariable("EXE"));
  for (const name of ["uid", "constructor", "toString", ""])
    assert.equal(findVariable(name), undefined, name);
  for (const macro of ["UID", "Uid", "constructor"])
    assert.equal(findByMacro(macro), undefined, macro);
  assert.equal(isVariable("__proto__"), false);
});

test("the pages of language and events have every variable and its macro", () => {
  const language = readFileSync(`${DOCS}/language.md`, "utf8");
  const events = readFileSync(`${DOCS}/events.md`, "utf8");
  for (const name of variableNames) {
    assert.match(language, new RegExp(`^\\| [^|]*\\b${name}\\b`, "m"), `language.md: ${name}`);
    assert.match(
      events,
      new RegExp(`^\\| [^|]*%${macroOf(name)}\\b`, "m"),
      `events.md: %${macroOf(name)}`,
    );
  }
});
