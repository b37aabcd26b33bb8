/** Fills the fixed fields of the record from the task: who makes the call. */
import { table } from "../../base/table.ts";
import { R1, R2, R7, R9, type Register } from "../../bpf/asm/index.ts";
import { COMM_SIZE, RecordOffset } from "../../events/layout.ts";
import { CRED_IDS } from "../facts.ts";
import type { Context, FieldGroup } from "./context.ts";

export const ALL_GROUPS: readonly FieldGroup[] = [
  "process",
  "parent",
  "pcomm",
  "creds",
  "comm",
  "audit",
];

/** Which group a variable of the language is filled by. */
export const GROUP_OF_VARIABLE = table<FieldGroup>({
  PID: "process",
  TID: "process",
  PPID: "parent",
  PCOMM: "pcomm",
  COMM: "comm",
  UID: "creds",
  GID: "creds",
  SUID: "creds",
  SGID: "creds",
  EUID: "creds",
  EGID: "creds",
  FSUID: "creds",
  FSGID: "creds",
  LOGINUID: "audit",
  SESSIONID: "audit",
});

/** Record offset of each integer variable. */
export const VARIABLE_OFFSET = table<number>({
  PID: RecordOffset.pid,
  TID: RecordOffset.tid,
  PPID: RecordOffset.ppid,
  UID: RecordOffset.uid,
  GID: RecordOffset.gid,
  SUID: RecordOffset.suid,
  SGID: RecordOffset.sgid,
  EUID: RecordOffset.euid,
  EGID: RecordOffset.egid,
  FSUID: RecordOffset.fsuid,
  FSGID: RecordOffset.fsgid,
  LOGINUID: RecordOffset.loginuid,
  SESSIONID: RecordOffset.sessionid,
});

/** Emits the loads for the groups that are not filled yet, and remembers them as filled. */
export function fillFields(c: Context, groups: Iterable<FieldGroup>): void {
  for (const group of groups) {
    if (c.filled.has(group)) continue;
    c.filled.add(group);
    FILL[group](c);
  }
}

const FILL: Readonly<Record<FieldGroup, (c: Context) => void>> = {
  process: (c) => {
    copy(c, "u32", R7, c.facts.task.tgid, RecordOffset.pid);
    copy(c, "u32", R7, c.facts.task.pid, RecordOffset.tid);
  },
  parent: (c) => {
    c.a.load("u64", R2, R7, c.facts.task.realParent);
    copy(c, "u32", R2, c.facts.task.tgid, RecordOffset.ppid);
  },
  pcomm: (c) => {
    c.a.load("u64", R2, R7, c.facts.task.realParent);
    c.a.load("u64", R2, R2, c.facts.task.groupLeader);
    copyComm(c, R2, RecordOffset.pcomm);
  },
  creds: (c) => {
    c.a.load("u64", R2, R7, c.facts.task.cred);
    for (const id of CRED_IDS) copy(c, "u32", R2, c.facts.cred[id], RecordOffset[id]);
  },
  comm: (c) => copyComm(c, R7, RecordOffset.comm),
  audit: (c) => {
    const { loginuid, sessionid } = c.facts.task;
    if (loginuid === undefined) c.a.store("u32", R9, RecordOffset.loginuid, -1);
    else copy(c, "u32", R7, loginuid, RecordOffset.loginuid);
    if (sessionid === undefined) c.a.store("u32", R9, RecordOffset.sessionid, -1);
    else copy(c, "u32", R7, sessionid, RecordOffset.sessionid);
  },
};

function copy(c: Context, size: "u32" | "u64", base: Register, from: number, to: number): void {
  c.a.load(size, R1, base, from).store(size, R9, to, R1);
}

function copyComm(c: Context, task: Register, to: number): void {
  for (let i = 0; i < COMM_SIZE; i += 8) copy(c, "u64", task, c.facts.task.comm + i, to + i);
}
