/** Shared memory, semaphores and message queues of System V: structs by command, and messages. */
import { byCommand } from "../command.ts";
import type { Decoding } from "../context.ts";
import { type DecodingFamily, input, output, type Show } from "../piece.ts";
import { addressOf, fetchBytes, readNumber } from "../value/form.ts";
import { formatPointer, showAddress, showInt, showLong } from "../value/number.ts";
import { showStruct } from "../value/struct.ts";
import { showSymbols } from "../value/symbol.ts";
import { formatBuffer } from "../value/text.ts";

const RIGHTS = "uid gid mode key cuid cgid";
const RIGHTS_SET = "uid gid mode";

const rights = (member: string, names: string): string =>
  names
    .split(" ")
    .map((name) => `${member}.${name}${name === "key" ? ":uint" : ""}`)
    .join(" ");

/** What the kernel puts there. */
const got = (layout: string, row?: string) => ({ pieces: [output(showStruct(layout, row))] });
/** What it is given. */
const set = (layout: string, row: string) => ({ pieces: [input(showStruct(layout, row))] });
const other = { pieces: [input(showAddress)] };

const sharedMemory = byCommand(
  1,
  [input(showInt), input(showSymbols("shm_cmd", "SHM_???", { isSplit: true }))],
  {
    "IPC_STAT SHM_STAT SHM_STAT_ANY": got(
      "shmid64_ds",
      `${rights("shm_perm", RIGHTS)} shm_segsz shm_cpid shm_lpid shm_nattch shm_atime shm_dtime shm_ctime`,
    ),
    IPC_SET: set("shmid64_ds", rights("shm_perm", RIGHTS_SET)),
    IPC_INFO: got("shminfo"),
    SHM_INFO: got("shm_info"),
  },
  other,
);

const semaphores = byCommand(
  2,
  [input(showInt), input(showInt), input(showSymbols("sem_cmd", "SEM_???", { isSplit: true }))],
  {
    "IPC_STAT SEM_STAT SEM_STAT_ANY": got(
      "semid64_ds",
      `${rights("sem_perm", RIGHTS)} sem_otime sem_ctime sem_nsems`,
    ),
    IPC_SET: set("semid64_ds", rights("sem_perm", RIGHTS_SET)),
    "IPC_INFO SEM_INFO": got("seminfo"),
  },
  other,
);

const queues = byCommand(
  1,
  [input(showInt), input(showSymbols("message_cmd", "MSG_???", { isSplit: true }))],
  {
    "IPC_STAT MSG_STAT MSG_STAT_ANY": got(
      "msqid64_ds",
      `${rights("msg_perm", RIGHTS)} msg_stime msg_rtime msg_ctime msg_qnum msg_qbytes msg_lspid msg_lrpid`,
    ),
    IPC_SET: set("msqid64_ds", `${rights("msg_perm", RIGHTS_SET)} msg_qbytes`),
    "IPC_INFO MSG_INFO": got("msginfo"),
  },
  other,
);

/** Its type and its text, of which register 2 has the bytes. */
const showMessage: Show = (call: Decoding, value) => {
  const address = addressOf(call, value);
  const head = fetchBytes(call, address, call.word);
  if (head === undefined) return formatPointer(address);
  const type = showLong(call, readNumber(head, 0, call.word));
  const text = formatBuffer(call, address + BigInt(call.word), call.argument(2));
  return `{mtype=${type}, mtext=${text}}`;
};

export const systemVDecoding: DecodingFamily = {
  shmctl: sharedMemory,
  semctl: semaphores,
  msgctl: queues,
  msgsnd: { by: { msgp: input(showMessage) } },
  msgrcv: { by: { msgp: output(showMessage) } },
};
