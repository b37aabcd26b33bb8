/** Numbers of enum bpf_cmd, bpf_map_type, bpf_prog_type and bpf_attach_type (include/uapi/linux/bpf.h). */
import { BPF_NOEXIST } from "../base/linux-abi.ts";

export const COMMAND = {
  BPF_MAP_CREATE: 0,
  BPF_MAP_LOOKUP_ELEM: 1,
  BPF_MAP_UPDATE_ELEM: 2,
  BPF_MAP_DELETE_ELEM: 3,
  BPF_MAP_GET_NEXT_KEY: 4,
  BPF_PROG_LOAD: 5,
  BPF_OBJ_PIN: 6,
  BPF_OBJ_GET: 7,
  BPF_PROG_TEST_RUN: 10,
  BPF_MAP_GET_NEXT_ID: 12,
  BPF_MAP_GET_FD_BY_ID: 14,
  BPF_OBJ_GET_INFO_BY_FD: 15,
  BPF_RAW_TRACEPOINT_OPEN: 17,
  BPF_BTF_LOAD: 18,
  BPF_MAP_FREEZE: 22,
  BPF_MAP_LOOKUP_BATCH: 24,
  BPF_LINK_CREATE: 28,
  BPF_ENABLE_STATS: 32,
} as const;
export type BpfCommand = keyof typeof COMMAND;

/** Named after BPF_MAP_TYPE_…, in lower case. */
export const MAP_TYPE = {
  /** Since Linux 3.19. */
  hash: 1,
  /** Since Linux 3.19. */
  array: 2,
  /** Since Linux 4.2. */
  prog_array: 3,
  /** Since Linux 4.6. */
  percpu_hash: 5,
  /** Since Linux 4.6. */
  percpu_array: 6,
  /** Since Linux 4.10. */
  lru_hash: 9,
  /** Since Linux 4.11. */
  lpm_trie: 11,
  /** Since Linux 5.8. */
  ringbuf: 27,
  /** Since Linux 5.11; for tracing programs other than LSM since 5.12. */
  task_storage: 29,
} as const;
export type MapType = keyof typeof MAP_TYPE;

/** Named after BPF_PROG_TYPE_…, in lower case. */
export const PROGRAM_TYPE = {
  socket_filter: 1,
  kprobe: 2,
  tracepoint: 5,
  /** Since Linux 4.17. */
  raw_tracepoint: 17,
  /** fentry, fexit, fmod_ret, tp_btf. Since Linux 5.5. */
  tracing: 26,
  /** Since Linux 5.7. */
  lsm: 29,
} as const;
export type ProgramType = keyof typeof PROGRAM_TYPE;

/** Named after enum bpf_attach_type. */
export const ATTACH_TYPE = {
  BPF_TRACE_RAW_TP: 23,
  BPF_TRACE_FENTRY: 24,
  BPF_TRACE_FEXIT: 25,
  BPF_MODIFY_RETURN: 26,
  BPF_LSM_MAC: 27,
  BPF_PERF_EVENT: 41,
  BPF_TRACE_KPROBE_MULTI: 42,
} as const;
export type AttachType = keyof typeof ATTACH_TYPE;

export const MapFlag = {
  BPF_F_NO_PREALLOC: 1 << 0,
  BPF_F_RDONLY_PROG: 1 << 7,
  BPF_F_WRONLY_PROG: 1 << 8,
  BPF_F_MMAPABLE: 1 << 10,
} as const;

export const UpdateFlag = { BPF_ANY: 0, BPF_NOEXIST, BPF_EXIST: 2 } as const;

/** prog_flags: the program may sleep. Since Linux 5.10. */
export const BPF_F_SLEEPABLE = 1 << 4;
