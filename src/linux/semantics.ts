/**
 * What parameters mean whose call does not say it (`means` of its row): by name, among pointers or among numbers, then by C type.
 *
 * Notation for pointers: `path`, `string`, `strings`, `buffer:LENGTH` (name of the parameter that holds the
 * length), `filled:LENGTH` (the call fills it, and returns how many bytes it has put there), `struct:NAME`, `pointer`; for numbers a word (fd, dirfd, open_flags …), with `:BITS` where the
 * kernel looks at fewer bits than the C type has.
 */
import { table } from "../base/table.ts";

/** Pointers of any call. */
export const meaningsOfPointers = table<string>({
  filename: "path",
  pathname: "path",
  path: "path",
  oldname: "path",
  newname: "path",
  from_pathname: "path",
  to_pathname: "path",
  new_root: "path",
  put_old: "path",
  special: "path",
  specialfile: "path",
  library: "path",
  dir_name: "path",
  name: "path",
  type: "string",
  name_user: "string",
  _type: "string",
  _description: "string",
  _callout_info: "string",
  _fs_name: "string",
  _key: "string",
  argv: "strings",
  envp: "strings",
});

/** Numbers of any call. */
export const meaningsOfNumbers = table<string>({
  dfd: "dirfd",
  olddfd: "dirfd",
  newdfd: "dirfd",
  from_dfd: "dirfd",
  to_dfd: "dirfd",
  mountdirfd: "dirfd",
  fd: "fd:u32",
  oldfd: "fd",
  newfd: "fd",
  fildes: "fd",
  epfd: "fd",
  ufd: "fd",
  fd_in: "fd",
  fd_out: "fd",
  fdin: "fd",
  fdout: "fd",
  in_fd: "fd",
  out_fd: "fd",
  fs_fd: "fd",
  fanotify_fd: "fd",
  group_fd: "fd",
  ruleset_fd: "fd",
  kernel_fd: "fd",
  initrd_fd: "fd",
  pidfd: "fd",
  mqdes: "fd",
  max_fd: "fd",
  sig: "signal",
  dev: "device",
  at_flags: "at_flags",
  resource: "resource",
  error_code: "exit_status",
  // reserved where a call gives them no other meaning
  flags: "hex",
});

/** By C type, without `const`. */
export const meaningsOfTypes = table<string>({
  pid_t: "pid",
  uid_t: "uid",
  old_uid_t: "uid",
  gid_t: "gid",
  old_gid_t: "gid",
  umode_t: "mode",
  clockid_t: "clockid",
  key_t: "ipc_key",
  key_serial_t: "key_serial",
});
