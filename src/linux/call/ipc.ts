/** System V objects and message queues. */
import { messageTypes, semaphoreTypes, sharedMemoryTypes } from "../command/ipc.ts";
import { i386, ipc, memory, via } from "./notation.ts";
import type { CallFamily } from "./row.ts";

export const ipcCalls: CallFamily = {
  shmget: {
    classes: ["@ipc"],
    twins: [ipc("SHMGET", ["first", "second", "third"])],
    means: { shmflg: "shmget_flags" },
    hooks: ["shm_alloc_security"],
  },
  shmat: {
    classes: ["@ipc"],
    twins: [ipc("SHMAT", ["first", "ptr", "second"])],
    means: { shmflg: "shmat_flags" },
    hooks: ["shm_shmat"],
  },
  shmdt: { classes: ["@ipc"], twins: [ipc("SHMDT", ["ptr"])] },
  shmctl: {
    classes: ["@ipc"],
    twins: [ipc("SHMCTL", ["first", "second", "ptr"])],
    means: { cmd: "shm_cmd" },
    typesBy: sharedMemoryTypes,
    hooks: ["shm_shmctl"],
  },
  semget: {
    classes: ["@ipc"],
    twins: [ipc("SEMGET", ["first", "second", "third"])],
    means: { semflg: "ipc_flags" },
    hooks: ["sem_alloc_security"],
  },
  semop: {
    classes: ["@ipc"],
    variants: [via("semtimedop", ["semid", "tsops", "nsops"])],
    twins: [ipc("SEMOP", ["first", "ptr", "second"])],
    hooks: ["sem_semop"],
  },
  semctl: {
    classes: ["@ipc"],
    twins: [ipc("SEMCTL", ["first", "second", "third", memory("ptr", 0, 4)])],
    means: { cmd: "sem_cmd", arg: "hex" },
    typesBy: semaphoreTypes,
    hooks: ["sem_semctl"],
  },
  semtimedop: {
    twins: [
      ipc("SEMTIMEDOP", ["first", "ptr", "second", "fifth"]),
      i386("semtimedop_time64", ["semid", "tsops", "nsops", "timeout"]),
    ],
    hooks: ["sem_semop"],
  },
  semtimedop_time64: { aliasOf: "semtimedop", hooks: ["sem_semop"] },
  msgget: {
    classes: ["@ipc"],
    twins: [ipc("MSGGET", ["first", "second"])],
    means: { msgflg: "ipc_flags" },
    hooks: ["msg_queue_alloc_security"],
  },
  msgsnd: {
    classes: ["@ipc"],
    twins: [ipc("MSGSND", ["first", "ptr", "second", "third"])],
    means: { msgflg: "message_flags" },
    hooks: ["msg_queue_msgsnd"],
  },
  msgrcv: {
    classes: ["@ipc"],
    twins: [
      // version 0: ptr leads to a struct of the buffer and the type; else `fifth` is the type
      i386("ipc", ["first", memory("ptr", 0, 4), "second", memory("ptr", 4, 4), "third"], {
        of: "call",
        mask: 0xffffffffn,
        value: "MSGRCV",
      }),
      ipc("MSGRCV", ["first", "ptr", "second", "fifth", "third"]),
    ],
    means: { msgflg: "message_flags" },
  },
  msgctl: {
    classes: ["@ipc"],
    twins: [ipc("MSGCTL", ["first", "second", "ptr"])],
    means: { cmd: "message_cmd" },
    typesBy: messageTypes,
    hooks: ["msg_queue_msgctl"],
  },
  mq_open: {
    classes: ["@ipc"],
    // the name is that of a queue, not of a file
    means: { u_name: "string", oflag: "open_flags" },
    hooks: ["file_alloc_security"],
  },
  mq_unlink: { classes: ["@ipc"], means: { u_name: "string" }, hooks: ["inode_unlink"] },
  mq_timedsend: {
    classes: ["@ipc"],
    twins: [
      i386("mq_timedsend_time64", ["mqdes", "u_msg_ptr", "msg_len", "msg_prio", "u_abs_timeout"]),
    ],
    means: { u_msg_ptr: "buffer:msg_len" },
  },
  mq_timedreceive: {
    classes: ["@ipc"],
    twins: [
      i386("mq_timedreceive_time64", [
        "mqdes",
        "u_msg_ptr",
        "msg_len",
        "u_msg_prio",
        "u_abs_timeout",
      ]),
    ],
    means: { u_msg_ptr: "filled:msg_len" },
  },
  mq_notify: { classes: ["@ipc"] },
  mq_getsetattr: { classes: ["@ipc"] },
  mq_timedsend_time64: { aliasOf: "mq_timedsend", means: { u_msg_ptr: "buffer:msg_len" } },
  mq_timedreceive_time64: { aliasOf: "mq_timedreceive", means: { u_msg_ptr: "filled:msg_len" } },
  ipc: { means: { call: "ipccall" } },
};
