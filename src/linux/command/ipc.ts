/** System V IPC: what is given or asked by the command. The kernel takes IPC_64 (0x100) beside it on i386 alone. */
import type { TypesBy } from "../call/row.ts";

export const messageTypes: TypesBy = {
  by: ["cmd"],
  cases: {
    "IPC_STAT|IPC_SET|MSG_STAT|MSG_STAT_ANY": { buf: "struct:msqid_ds" },
    "0x102|0x101|0x10b|0x10d": { buf: "struct:msqid64_ds" },
  },
};

export const sharedMemoryTypes: TypesBy = {
  by: ["cmd"],
  cases: {
    "IPC_STAT|IPC_SET|SHM_STAT|SHM_STAT_ANY": { buf: "struct:shmid_ds" },
    "0x102|0x101|0x10d|0x10f": { buf: "struct:shmid64_ds" },
  },
};

export const semaphoreTypes: TypesBy = {
  by: ["cmd"],
  cases: {
    "IPC_STAT|IPC_SET|SEM_STAT|SEM_STAT_ANY": { arg: "struct:semid_ds" },
    "0x102|0x101|0x112|0x114": { arg: "struct:semid64_ds" },
  },
};
