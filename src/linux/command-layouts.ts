/** Structs that parameters lead to by command, in the notation of struct-layouts.ts. A plain number is `value`. */

/** struct ipc64_perm */
const rights = (key: string, mode = "u32:mode") =>
  `s32 ${key}.key; u32:uid ${key}.uid; u32:gid ${key}.gid; u32:uid ${key}.cuid; u32:gid ${key}.cgid; ${mode} ${key}.mode;
    @24 u16 ${key}.seq; u16 -; ulong -; ulong -`;
/** Before they grew: what i386 gets without IPC_64. */
const rights16 = (key: string) =>
  `s32 ${key}.key; u16:uid ${key}.uid; u16:gid ${key}.gid; u16:uid ${key}.cuid; u16:gid ${key}.cgid; u16:mode ${key}.mode;
    u16 ${key}.seq`;
/** Times have their high words apart on i386. */
const times32 = (names: readonly string[]) => names.map((name) => `u32 ${name}; u32 -`).join("; ");
const MESSAGES =
  "ulong msg_cbytes; ulong msg_qnum; ulong msg_qbytes; s32:pid msg_lspid; s32:pid msg_lrpid";
const ATTACHED = "s32:pid shm_cpid; s32:pid shm_lpid; ulong shm_nattch";

const msqid64 = `${rights("msg_perm")}; s64 msg_stime; s64 msg_rtime; s64 msg_ctime; ${MESSAGES}`;
const msqid64OnI386 = `${rights("msg_perm", "u16:mode")}; ${times32(["msg_stime", "msg_rtime", "msg_ctime"])}; ${MESSAGES}`;
const shmid64 = `${rights("shm_perm")}; ulong shm_segsz; s64 shm_atime; s64 shm_dtime; s64 shm_ctime; ${ATTACHED}`;
const shmid64OnI386 = `${rights("shm_perm", "u16:mode")}; u32 shm_segsz; ${times32(["shm_atime", "shm_dtime", "shm_ctime"])}; ${ATTACHED}`;
const semid64 = `${rights("sem_perm")}; s64 sem_otime; u64 -; s64 sem_ctime; u64 -; ulong sem_nsems`;
const semid64OnI386 = `${rights("sem_perm", "u16:mode")}; ${times32(["sem_otime", "sem_ctime"])}; u32 sem_nsems`;

export const commandLayouts: Readonly<Record<string, string>> = {
  s32: "s32 value",
  u32: "u32 value",
  u64: "s64 value",
  ulong: "ulong value",
  fd: "s32:fd value",

  // fcntl
  flock: "s16:lock_type l_type; s16:seek_whence l_whence; long l_start; long l_len; s32:pid l_pid",
  flock64: "s16:lock_type l_type; s16:seek_whence l_whence; s64 l_start; s64 l_len; s32:pid l_pid",
  f_owner_ex: "s32 type; s32 pid",

  // terminals
  winsize: "u16 ws_row; u16 ws_col; u16 ws_xpixel; u16 ws_ypixel",
  termios: `u32 c_iflag; u32 c_oflag; u32 c_cflag; u32 c_lflag; u8 c_line; @22 u8 c_cc.VTIME; u8 c_cc.VMIN`,
  termios2: `u32 c_iflag; u32 c_oflag; u32 c_cflag; u32 c_lflag; u8 c_line; @22 u8 c_cc.VTIME; u8 c_cc.VMIN;
    @36 u32 c_ispeed; u32 c_ospeed`,

  // network devices
  ifreq: `char[16] ifr_name; @16 char[16] ifr_newname; @16 s16 ifr_flags; @16 s32 ifr_ifindex; @16 s32 ifr_mtu;
    @16 s32 ifr_metric; @16 s32 ifr_qlen; @16 pointer ifr_data; @16 u16:address_family ifr_addr.sa_family`,
  ifconf: "s32 ifc_len; pointer ifc_buf",

  // files and devices
  fiemap: "u64 fm_start; u64 fm_length; u32 fm_flags; u32 fm_mapped_extents; u32 fm_extent_count",
  file_clone_range: "s64 src_fd; u64 src_offset; u64 src_length; u64 dest_offset",
  file_dedupe_range: "u64 src_offset; u64 src_length; u16 dest_count",
  fstrim_range: "u64 start; u64 len; u64 minlen",
  fsxattr: "u32 fsx_xflags; u32 fsx_extsize; u32 fsx_nextents; u32 fsx_projid; u32 fsx_cowextsize",
  blk_range: "u64 start; u64 len",
  loop_info64: `u64 lo_device; u64 lo_inode; u64 lo_rdevice; u64 lo_offset; u64 lo_sizelimit; u32 lo_number;
    u32 lo_encrypt_type; u32 lo_encrypt_key_size; u32 lo_flags; char[64] lo_file_name; char[64] lo_crypt_name`,
  loop_config:
    "u32:fd fd; u32 block_size; @32 u64 info.lo_offset; u64 info.lo_sizelimit; @60 u32 info.lo_flags",
  uffdio_api: "u64 api; u64 features; u64 ioctls",
  rtc_time: `s32 tm_sec; s32 tm_min; s32 tm_hour; s32 tm_mday; s32 tm_mon; s32 tm_year; s32 tm_wday; s32 tm_yday;
    s32 tm_isdst`,

  // options of sockets
  linger: "s32 l_onoff; s32 l_linger",
  __kernel_sock_timeval: "s64 tv_sec; s64 tv_usec",
  sock_fprog: "u16 len; pointer filter",
  ucred: "s32:pid pid; u32:uid uid; u32:gid gid",
  ip_mreqn: "be32 imr_multiaddr; be32 imr_address; s32 imr_ifindex",
  ipv6_mreq: "u8[16] -; s32 ipv6mr_ifindex",

  // tasks, keys, security
  seccomp_notif_sizes: "u16 seccomp_notif; u16 seccomp_notif_resp; u16 seccomp_data",
  keyctl_dh_params: "s32:key_serial private; s32:key_serial prime; s32:key_serial base",
  keyctl_pkey_params: "s32:key_serial key_id; u32 in_len; u32 out_len",
  keyctl_pkey_query:
    "u32 supported_ops; u32 key_size; u16 max_data_size; u16 max_sig_size; u16 max_enc_size; u16 max_dec_size",
  landlock_path_beneath_attr: "u64 allowed_access; s32:fd parent_fd",
  landlock_net_port_attr: "u64 allowed_access; u64 port",

  // System V IPC
  msqid_ds: msqid64,
  "msqid_ds/i386": `${rights16("msg_perm")}; pointer -; pointer -; u32 msg_stime; u32 msg_rtime; u32 msg_ctime; u32 -; u32 -;
    u16 msg_cbytes; u16 msg_qnum; u16 msg_qbytes; s16:pid msg_lspid; s16:pid msg_lrpid`,
  msqid64_ds: msqid64,
  "msqid64_ds/i386": msqid64OnI386,
  shmid_ds: shmid64,
  "shmid_ds/i386": `${rights16("shm_perm")}; u32 shm_segsz; u32 shm_atime; u32 shm_dtime; u32 shm_ctime; s16:pid shm_cpid;
    s16:pid shm_lpid; u16 shm_nattch`,
  shmid64_ds: shmid64,
  "shmid64_ds/i386": shmid64OnI386,
  semid_ds: semid64,
  "semid_ds/i386": `${rights16("sem_perm")}; u32 sem_otime; u32 sem_ctime; pointer -; pointer -; pointer -; pointer -;
    u16 sem_nsems`,
  semid64_ds: semid64,
  "semid64_ds/i386": semid64OnI386,

  // limits and use of System V IPC
  shminfo: "ulong shmmax; ulong shmmin; ulong shmmni; ulong shmseg; ulong shmall",
  shm_info:
    "s32 used_ids; ulong shm_tot; ulong shm_rss; ulong shm_swp; ulong swap_attempts; ulong swap_successes",
  seminfo: `s32 semmap; s32 semmni; s32 semmns; s32 semmnu; s32 semmsl; s32 semopm; s32 semume; s32 semusz;
    s32 semvmx; s32 semaem`,
  msginfo:
    "s32 msgpool; s32 msgmap; s32 msgmax; s32 msgmnb; s32 msgmni; s32 msgssz; s32 msgtql; u16 msgseg",

  // quotas
  if_dqblk: `u64 dqb_bhardlimit; u64 dqb_bsoftlimit; u64 dqb_curspace; u64 dqb_ihardlimit; u64 dqb_isoftlimit;
    u64 dqb_curinodes; u64 dqb_btime; u64 dqb_itime; u32 dqb_valid`,
  if_nextdqblk: `u64 dqb_bhardlimit; u64 dqb_bsoftlimit; u64 dqb_curspace; u64 dqb_ihardlimit; u64 dqb_isoftlimit;
    u64 dqb_curinodes; u64 dqb_btime; u64 dqb_itime; u32 dqb_valid; u32 dqb_id`,
  if_dqinfo: "u64 dqi_bgrace; u64 dqi_igrace; u32 dqi_flags; u32 dqi_valid",

  // rings
  io_uring_files_update: "u32 offset; u32 resv; u64 fds",
  io_uring_probe: "u8 last_op; u8 ops_len",
  io_uring_restriction: "u16 opcode; u8 register_op",
  io_uring_buf_reg: "u64 ring_addr; u32 ring_entries; u16 bgid; u16 flags",

  // what commands of bpf use of their union; pointers are 64 bits wide on every ABI, and so aligned
  "bpf_attr.map_create": `u32 map_type; u32 key_size; u32 value_size; u32 max_entries; u32 map_flags; u32:fd inner_map_fd;
    u32 numa_node; char[16] map_name; u32 map_ifindex; u32:fd btf_fd; u32 btf_key_type_id; u32 btf_value_type_id`,
  "bpf_attr.elem": "u32:fd map_fd; @8 u64 key; u64 value; @16 u64 next_key; @24 u64 flags",
  "bpf_attr.batch": `u64 batch.in_batch; u64 batch.out_batch; u64 batch.keys; u64 batch.values; u32 batch.count;
    u32:fd batch.map_fd; u64 batch.elem_flags; u64 batch.flags`,
  "bpf_attr.prog_load": `u32 prog_type; u32 insn_cnt; u64 insns; string64 license; u32 log_level; u32 log_size; u64 log_buf;
    u32 kern_version; u32 prog_flags; char[16] prog_name; u32 prog_ifindex; u32 expected_attach_type; u32:fd prog_btf_fd;
    @108 u32 attach_btf_id; u32:fd attach_prog_fd; @112 u32:fd attach_btf_obj_fd`,
  "bpf_attr.obj": "path64 pathname; u32:fd bpf_fd; u32 file_flags",
  "bpf_attr.attach":
    "u32:fd target_fd; u32:fd attach_bpf_fd; u32 attach_type; u32 attach_flags; u32:fd replace_bpf_fd",
  "bpf_attr.test": `u32:fd test.prog_fd; u32 test.retval; u32 test.data_size_in; u32 test.data_size_out; u64 test.data_in;
    u64 test.data_out; u32 test.repeat; u32 test.duration; u32 test.ctx_size_in; u32 test.ctx_size_out; u64 test.ctx_in;
    u64 test.ctx_out; u32 test.flags; u32 test.cpu`,
  "bpf_attr.id": `u32 start_id; @0 u32 prog_id; @0 u32 map_id; @0 u32 btf_id; @0 u32 link_id; u32 next_id; u32 open_flags`,
  "bpf_attr.info": "u32:fd info.bpf_fd; u32 info.info_len; u64 info.info",
  "bpf_attr.query": `u32:fd query.target_fd; u32 query.attach_type; u32 query.query_flags; u32 query.attach_flags;
    u64 query.prog_ids; u32 query.prog_cnt`,
  "bpf_attr.raw_tracepoint": "string64 raw_tracepoint.name; u32:fd raw_tracepoint.prog_fd",
  "bpf_attr.btf_load":
    "u64 btf; u64 btf_log_buf; u32 btf_size; u32 btf_log_size; u32 btf_log_level",
  "bpf_attr.task_fd_query": `u32:pid task_fd_query.pid; u32:fd task_fd_query.fd; u32 task_fd_query.flags;
    u32 task_fd_query.buf_len; u64 task_fd_query.buf; u32 task_fd_query.prog_id; u32 task_fd_query.fd_type`,
  "bpf_attr.link_create": `u32:fd link_create.prog_fd; u32:fd link_create.target_fd; @4 u32 link_create.target_ifindex;
    u32 link_create.attach_type; u32 link_create.flags; u32 link_create.target_btf_id`,
  "bpf_attr.link_update":
    "u32:fd link_update.link_fd; u32:fd link_update.new_prog_fd; u32 link_update.flags; u32:fd link_update.old_prog_fd",
  "bpf_attr.link_detach": "u32:fd link_detach.link_fd",
  "bpf_attr.enable_stats": "u32 enable_stats.type",
  "bpf_attr.iter_create": "u32:fd iter_create.link_fd; u32 iter_create.flags",
  "bpf_attr.prog_bind_map":
    "u32:fd prog_bind_map.prog_fd; u32:fd prog_bind_map.map_fd; u32 prog_bind_map.flags",
};
