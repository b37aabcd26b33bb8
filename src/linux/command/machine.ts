/** Calls about programs in the kernel, keys, security, quotas and rings whose parameters depend on a command. */
import type { TypesBy } from "../call/row.ts";

const attr = (struct: string) => ({ uattr: `struct:bpf_attr.${struct}` });

/** bpf(2): what of union bpf_attr a command uses. */
export const bpfTypes: TypesBy = {
  by: ["cmd"],
  cases: {
    BPF_MAP_CREATE: attr("map_create"),
    [`BPF_MAP_LOOKUP_ELEM|BPF_MAP_UPDATE_ELEM|BPF_MAP_DELETE_ELEM|BPF_MAP_GET_NEXT_KEY
      |BPF_MAP_LOOKUP_AND_DELETE_ELEM|BPF_MAP_FREEZE`]: attr("elem"),
    [`BPF_MAP_LOOKUP_BATCH|BPF_MAP_LOOKUP_AND_DELETE_BATCH|BPF_MAP_UPDATE_BATCH
      |BPF_MAP_DELETE_BATCH`]: attr("batch"),
    BPF_PROG_LOAD: attr("prog_load"),
    "BPF_OBJ_PIN|BPF_OBJ_GET": attr("obj"),
    "BPF_PROG_ATTACH|BPF_PROG_DETACH": attr("attach"),
    BPF_PROG_TEST_RUN: attr("test"),
    [`BPF_PROG_GET_NEXT_ID|BPF_MAP_GET_NEXT_ID|BPF_BTF_GET_NEXT_ID|BPF_LINK_GET_NEXT_ID
      |BPF_PROG_GET_FD_BY_ID|BPF_MAP_GET_FD_BY_ID|BPF_BTF_GET_FD_BY_ID|BPF_LINK_GET_FD_BY_ID`]:
      attr("id"),
    BPF_OBJ_GET_INFO_BY_FD: attr("info"),
    BPF_PROG_QUERY: attr("query"),
    BPF_RAW_TRACEPOINT_OPEN: attr("raw_tracepoint"),
    BPF_BTF_LOAD: attr("btf_load"),
    BPF_TASK_FD_QUERY: attr("task_fd_query"),
    BPF_LINK_CREATE: attr("link_create"),
    BPF_LINK_UPDATE: attr("link_update"),
    BPF_LINK_DETACH: attr("link_detach"),
    BPF_ENABLE_STATS: attr("enable_stats"),
    BPF_ITER_CREATE: attr("iter_create"),
    BPF_PROG_BIND_MAP: attr("prog_bind_map"),
  },
};

export const keyctlTypes: TypesBy = {
  by: ["option"],
  cases: {
    KEYCTL_JOIN_SESSION_KEYRING: { arg2: "string" },
    KEYCTL_SEARCH: { arg3: "string", arg4: "string" },
    KEYCTL_RESTRICT_KEYRING: { arg3: "string", arg4: "string" },
    KEYCTL_DH_COMPUTE: { arg2: "struct:keyctl_dh_params" },
    "KEYCTL_PKEY_ENCRYPT|KEYCTL_PKEY_DECRYPT|KEYCTL_PKEY_SIGN|KEYCTL_PKEY_VERIFY": {
      arg2: "struct:keyctl_pkey_params",
      arg3: "string",
    },
    KEYCTL_PKEY_QUERY: { arg4: "string", arg5: "struct:keyctl_pkey_query" },
  },
};

export const landlockTypes: TypesBy = {
  by: ["rule_type"],
  cases: {
    LANDLOCK_RULE_PATH_BENEATH: { rule_attr: "struct:landlock_path_beneath_attr" },
    LANDLOCK_RULE_NET_PORT: { rule_attr: "struct:landlock_net_port_attr" },
  },
};

/** The kind of quota stands below the command. */
export const quotaTypes: TypesBy = {
  by: ["cmd"],
  shift: 8,
  cases: {
    "Q_GETQUOTA|Q_SETQUOTA": { addr: "struct:if_dqblk" },
    Q_GETNEXTQUOTA: { addr: "struct:if_nextdqblk" },
    "Q_GETINFO|Q_SETINFO": { addr: "struct:if_dqinfo" },
    Q_GETFMT: { addr: "struct:u32" },
    Q_QUOTAON: { addr: "string" },
  },
};

/** io_uring_register(2): the first element, where it is a list. The top bit says that the ring is a registered one. */
export const ringTypes: TypesBy = {
  by: ["opcode"],
  mask: 0x7fff_ffffn,
  cases: {
    IORING_REGISTER_BUFFERS: { arg: "struct:iovec" },
    "IORING_REGISTER_FILES|IORING_REGISTER_EVENTFD|IORING_REGISTER_EVENTFD_ASYNC": {
      arg: "struct:fd",
    },
    "IORING_REGISTER_FILES_UPDATE|IORING_REGISTER_RING_FDS": {
      arg: "struct:io_uring_files_update",
    },
    IORING_REGISTER_PROBE: { arg: "struct:io_uring_probe" },
    IORING_REGISTER_RESTRICTIONS: { arg: "struct:io_uring_restriction" },
    IORING_REGISTER_PBUF_RING: { arg: "struct:io_uring_buf_reg" },
  },
};

export const mountTypes: TypesBy = {
  by: ["cmd"],
  cases: { "FSCONFIG_SET_STRING|FSCONFIG_SET_PATH|FSCONFIG_SET_PATH_EMPTY": { _value: "string" } },
};
