/** Names of the values that calls about memory take, System V IPC included. */
import {
  choice,
  choiceOf,
  flags,
  flagsOf,
  hugePage,
  named,
  type SymbolSet,
  type SymbolSets,
  words,
} from "./notation.ts";

/** Beside the command i386 says in which form the struct is. */
const ipcCommands = (text: string): SymbolSet => ({
  choices: words(text),
  mask: 0xffff_feffn,
  flags: ["IPC_64"],
  choiceLast: true,
});

export const memorySets: SymbolSets = {
  mmap_prot: () => ({ choices: ["PROT_NONE"], flags: named("asm/mman.h", /^PROT_(?!NONE)/) }),
  mmap_flags: () => ({
    choices: words("MAP_FILE MAP_SHARED MAP_PRIVATE MAP_SHARED_VALIDATE"),
    mask: 15n,
    flags: named("asm/mman.h", /^MAP_(?!TYPE|FILE|UNINITIALIZED|HUGE_)/),
    ...hugePage("MAP_HUGE_SHIFT"),
  }),
  mremap_flags: () => flagsOf("linux/mman.h", /^MREMAP_/),
  msync_flags: () => flags("MS_ASYNC MS_INVALIDATE MS_SYNC"),
  mlockall_flags: () => flagsOf("asm/mman.h", /^MCL_/),
  mlock_flags: () => flags("MLOCK_ONFAULT"),
  madvise: () => choiceOf("asm/mman.h", /^MADV_/),
  memfd_flags: () => ({
    flags: named("linux/memfd.h", /^MFD_(?!HUGE_)/),
    ...hugePage("MFD_HUGE_SHIFT"),
  }),
  pkey_access: () => flags("PKEY_DISABLE_ACCESS PKEY_DISABLE_WRITE"),
  shadow_stack_flags: () => flags("SHADOW_STACK_SET_TOKEN"),
  memory_policy: () => ({
    choices: words(
      "MPOL_DEFAULT MPOL_PREFERRED MPOL_BIND MPOL_INTERLEAVE MPOL_LOCAL MPOL_PREFERRED_MANY",
    ),
    mask: 0x1fffn,
    flags: words("MPOL_F_STATIC_NODES MPOL_F_RELATIVE_NODES MPOL_F_NUMA_BALANCING"),
  }),
  memory_move_flags: () => flags("MPOL_MF_STRICT MPOL_MF_MOVE MPOL_MF_MOVE_ALL"),
  page_move_flags: () => flags("MPOL_MF_MOVE MPOL_MF_MOVE_ALL"),
  get_mempolicy_flags: () => flags("MPOL_F_NODE MPOL_F_ADDR MPOL_F_MEMS_ALLOWED"),

  // System V IPC
  ipc_key: () => choice("IPC_PRIVATE"),
  ipc_flags: () => ({ flags: words("IPC_CREAT IPC_EXCL IPC_NOWAIT"), octal: 0o777n }),
  shmget_flags: () => ({
    flags: words("IPC_CREAT IPC_EXCL SHM_HUGETLB SHM_NORESERVE"),
    octal: 0o777n,
    ...hugePage("SHM_HUGE_SHIFT"),
  }),
  shmat_flags: () => flags("SHM_RDONLY SHM_RND SHM_REMAP SHM_EXEC"),
  message_flags: () => flags("MSG_NOERROR MSG_EXCEPT MSG_COPY IPC_NOWAIT"),
  shm_cmd: () =>
    ipcCommands(
      "IPC_RMID IPC_SET IPC_STAT IPC_INFO SHM_STAT SHM_INFO SHM_STAT_ANY SHM_LOCK SHM_UNLOCK",
    ),
  sem_cmd: () =>
    ipcCommands(
      `IPC_RMID IPC_SET IPC_STAT IPC_INFO SEM_STAT SEM_INFO SEM_STAT_ANY GETPID GETVAL GETALL GETNCNT GETZCNT
      SETVAL SETALL`,
    ),
  message_cmd: () =>
    ipcCommands("IPC_RMID IPC_SET IPC_STAT IPC_INFO MSG_STAT MSG_INFO MSG_STAT_ANY"),
};
