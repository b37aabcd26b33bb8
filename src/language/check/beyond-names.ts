/** What programs do without the calls that a rule names: by other operations, or without entering the kernel. */
import { table } from "../../base/table.ts";

/** Other operations that have the effect of one, beyond its variants. */
interface OtherWays {
  readonly others: readonly string[];
  /** Said behind their names. */
  readonly condition?: string;
  readonly hint: string;
}

export const OTHER_WAYS = table<OtherWays>({
  connect: {
    others: ["sendto", "sendmsg", "sendmmsg"],
    condition: "with MSG_FASTOPEN",
    hint: "TCP fast open connects and sends at once: a rule on those calls can look at their flags",
  },
  write: {
    others: ["sendfile", "copy_file_range", "splice", "vmsplice", "tee", "mmap"],
    hint: "a rule on `open` decides who has the file; these copy inside the kernel, or into memory that is the file",
  },
  sendto: {
    others: ["sendmsg", "sendmmsg", "write"],
    hint: "name them too: text and addresses of messages are fields of a struct there",
  },
});

/** Instead, where a rule on `connect` is about the files of unix sockets. */
export const UNCONNECTED = {
  condition: "with an address, on a datagram socket",
  hint: "`syscall_name = connect, sendto, sendmsg, sendmmsg` with the same PATH meets them",
};

/** Calls whose file only `sct run` knows: no security hook receives it. */
export const ONLY_SUPERVISED: ReadonlySet<string> = new Set([
  "uselib",
  "quotactl",
  "name_to_handle_at",
  "open_tree",
  "open_tree_attr",
  "fspick",
  "mount_setattr",
  "file_getattr",
  "file_setattr",
]);

/**
 * What the kernel's vDSO answers in the program itself (vdso(7), x86): the call is only made where it cannot, or by
 * programs that make it themselves. Behind the name: since when, if not always.
 */
export const WITHOUT_KERNEL: ReadonlyMap<string, string> = new Map([
  ["clock_gettime", ""],
  ["clock_gettime64", ""],
  ["clock_getres", ""],
  ["clock_getres_time64", ""],
  ["gettimeofday", ""],
  ["time", ""],
  ["getcpu", ""],
  ["getrandom", "since Linux 6.11 and glibc 2.41"],
]);
