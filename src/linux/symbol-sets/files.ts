/** Names of the values that calls about files take. */
import { choice, choiceOf, flags, flagsOf, named, type SymbolSets, words } from "./notation.ts";

/** Without O_RDONLY and its like, which only those that open a file have. */
const OPEN_MODES = `O_CREAT O_EXCL O_NOCTTY O_TRUNC O_APPEND O_NONBLOCK O_SYNC O_DSYNC O_DIRECT O_LARGEFILE
  O_NOFOLLOW O_NOATIME O_CLOEXEC O_PATH O_TMPFILE O_DIRECTORY O_ASYNC`;
const AT_FLAGS =
  "AT_SYMLINK_NOFOLLOW AT_REMOVEDIR AT_SYMLINK_FOLLOW AT_NO_AUTOMOUNT AT_EMPTY_PATH AT_RECURSIVE";

export const fileSets: SymbolSets = {
  dirfd: () => ({ choices: ["AT_FDCWD"], isNumber: true }),
  open_flags: () => ({
    choices: words("O_RDONLY O_WRONLY O_RDWR O_ACCMODE"),
    mask: 3n,
    flags: words(OPEN_MODES),
  }),
  dup_flags: () => flags(OPEN_MODES),
  // O_EXCL by the name that it has there
  pipe_flags: () => flags(OPEN_MODES.replace("O_EXCL", "O_NOTIFICATION_PIPE")),
  fd_flags: () => flags("FD_CLOEXEC"),
  seals: () => flagsOf("linux/fcntl.h", /^F_SEAL_/),
  rwf_flags: () => flagsOf("linux/fs.h", /^RWF_(?!SUPPORTED)/),
  sync_file_range_flags: () =>
    flags("SYNC_FILE_RANGE_WAIT_BEFORE SYNC_FILE_RANGE_WRITE SYNC_FILE_RANGE_WAIT_AFTER"),
  resolve_flags: () => flagsOf("linux/openat2.h", /^RESOLVE_/),
  access_mode: () => ({ choices: ["F_OK"], flags: words("R_OK W_OK X_OK") }),
  at_flags: () => flags(AT_FLAGS),
  execveat_flags: () => flags("AT_SYMLINK_NOFOLLOW AT_EMPTY_PATH AT_EXECVE_CHECK"),
  handle_flags: () =>
    flags(
      "AT_HANDLE_MNT_ID_UNIQUE AT_HANDLE_CONNECTABLE AT_HANDLE_FID AT_SYMLINK_FOLLOW AT_EMPTY_PATH",
    ),
  faccessat_flags: () => flags("AT_SYMLINK_NOFOLLOW AT_EACCESS AT_EMPTY_PATH"),
  statx_flags: () => ({
    choices: words("AT_STATX_SYNC_AS_STAT AT_STATX_FORCE_SYNC AT_STATX_DONT_SYNC"),
    mask: 0x6000n,
    flags: words(AT_FLAGS),
  }),
  statx_mask: () => ({
    flags: [
      "STATX_ALL",
      "STATX_BASIC_STATS",
      ...named("linux/stat.h", /^STATX_(?!_|ATTR|ALL|BASIC)/),
    ],
  }),
  rename_flags: () => flagsOf("linux/fs.h", /^RENAME_/),
  xattr_flags: () => flagsOf("linux/xattr.h", /^XATTR_(CREATE|REPLACE)$/),
  lock_type: () => choiceOf("asm/fcntl.h", /^F_(RD|WR|UN)LCK$/),
  seek_whence: () => choiceOf("linux/fs.h", /^SEEK_(?!MAX)/),
  fcntl_cmd: () => ({
    choices: [
      ...named("asm/fcntl.h", /^F_(DUPFD|[GS]ET|OFD)/),
      ...named("linux/fcntl.h", /^F_([GS]ET|CANCELLK|DUPFD|NOTIFY|ADD_SEALS|CREATED)/),
    ],
  }),
  flock_cmd: () => flags("LOCK_SH LOCK_EX LOCK_NB LOCK_UN LOCK_MAND LOCK_READ LOCK_WRITE"),
  fallocate_mode: () => flagsOf("linux/falloc.h", /./),
  fadvise: () => choiceOf("linux/fadvise.h", /./),
  splice_flags: () => flagsOf("fcntl.h", /^SPLICE_F_/),
  close_range_flags: () => flagsOf("linux/close_range.h", /./),
  mount_flags: () => flagsOf("linux/mount.h", /^MS_(?!RMT|MGC|VERBOSE)/),
  umount_flags: () => flagsOf("sys/mount.h", /./),
  fsopen_flags: () => flags("FSOPEN_CLOEXEC"),
  fsmount_flags: () => flags("FSMOUNT_CLOEXEC"),
  fspick_flags: () => flagsOf("linux/mount.h", /^FSPICK_/),
  fsconfig_cmd: () => choiceOf("linux/mount.h", /^FSCONFIG_/),
  listmount_flags: () => flags("LISTMOUNT_REVERSE"),
  fanotify_init_flags: () => ({
    choices: words("FAN_CLASS_NOTIF FAN_CLASS_CONTENT FAN_CLASS_PRE_CONTENT"),
    mask: 12n,
    flags: named(
      "linux/fanotify.h",
      /^FAN_(CLOEXEC|NONBLOCK|UNLIMITED_\w+|ENABLE_AUDIT|REPORT_(?!DFID)\w+)$/,
    ),
  }),
  fanotify_mark_flags: () =>
    flags(
      `FAN_MARK_ADD FAN_MARK_REMOVE FAN_MARK_FLUSH FAN_MARK_DONT_FOLLOW FAN_MARK_ONLYDIR FAN_MARK_MOUNT
      FAN_MARK_FILESYSTEM FAN_MARK_IGNORED_MASK FAN_MARK_IGNORED_SURV_MODIFY FAN_MARK_IGNORE FAN_MARK_EVICTABLE`,
    ),
  fanotify_mask: () =>
    flags(
      `FAN_ACCESS FAN_MODIFY FAN_ATTRIB FAN_CLOSE_WRITE FAN_CLOSE_NOWRITE FAN_OPEN FAN_MOVED_FROM FAN_MOVED_TO
      FAN_CREATE FAN_DELETE FAN_DELETE_SELF FAN_MOVE_SELF FAN_OPEN_EXEC FAN_Q_OVERFLOW FAN_FS_ERROR FAN_OPEN_PERM
      FAN_ACCESS_PERM FAN_OPEN_EXEC_PERM FAN_EVENT_ON_CHILD FAN_RENAME FAN_ONDIR`,
    ),
  quota_cmd: () => choiceOf("linux/quota.h", /^Q_/),
  quota_type: () => choice("USRQUOTA GRPQUOTA PRJQUOTA"),
  secret_flags: () => flags("O_CLOEXEC"),
  swap_flags: () => flags("SWAP_FLAG_PREFER SWAP_FLAG_DISCARD"),
  uffd_flags: () => flags("UFFD_USER_MODE_ONLY O_NONBLOCK O_CLOEXEC"),
  move_mount_flags: () => flagsOf("linux/mount.h", /^MOVE_MOUNT_(?!_)/),
  open_tree_flags: () =>
    flags(
      "OPEN_TREE_CLONE OPEN_TREE_CLOEXEC AT_EMPTY_PATH AT_NO_AUTOMOUNT AT_RECURSIVE AT_SYMLINK_NOFOLLOW",
    ),
  mount_attr: () => flagsOf("linux/mount.h", /^MOUNT_ATTR_(?!_|SIZE|RELATIME)/),
  ioctl_cmd: () => ({
    choices: [
      ...named("asm/ioctls.h", /^(TC|TIO(?!CPKT_|CSER_)|FIO)/),
      ...named("linux/sockios.h", /^SIOC(?!\w+_(OLD|NEW)$)/),
      ...named("linux/fs.h", /^(FS_IOC|BLK|FI)/),
      ...named("linux/loop.h", /^LOOP_(?!\w*FLAGS$)/),
      ...named("linux/if_tun.h", /^TUN[SGA]\w+$/),
    ],
  }),
};
