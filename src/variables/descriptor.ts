/** FD[n].member: what is known of the open file that a descriptor in parameter n stands for. */
import { table } from "../base/table.ts";
import { type IntType, u32 } from "./variable.ts";

/** What a member holds: text, a number of a type, or the address of a peer with 4 or 16 bytes. */
export type DescriptorMemberTraits =
  | { readonly holds: "text"; readonly isFile?: true }
  | { readonly holds: "number"; readonly type: IntType }
  | { readonly holds: "address" };

export const DESCRIPTOR_MEMBERS = {
  /** One of the words of docs/language.md, or the name that the kernel gives an anonymous inode. */
  type: { holds: "text" },
  /** As PATH of a call that has the descriptor alone. */
  path: { holds: "text", isFile: true },
  /** Of the peer of a connected socket, as getpeername(2) has it. */
  addr: { holds: "address" },
  port: { holds: "number", type: { size: 2, signed: false } },
  /** As in /proc/PID/fdinfo: O_CLOEXEC is that of the descriptor. */
  flags: { holds: "number", type: u32 },
} as const satisfies Readonly<Record<string, DescriptorMemberTraits>>;

type Members = typeof DESCRIPTOR_MEMBERS;
type MembersOf<T> = {
  [K in keyof Members]: Members[K]["holds"] extends T ? K : never;
}[keyof Members];

export type DescriptorMember = keyof Members;
export type DescriptorText = MembersOf<"text">;
export type DescriptorNumber = MembersOf<"number">;

export const descriptorMembers = Object.keys(DESCRIPTOR_MEMBERS) as readonly DescriptorMember[];

export function isDescriptorMember(name: string): name is DescriptorMember {
  return Object.hasOwn(DESCRIPTOR_MEMBERS, name);
}

/** The kinds of files that anonymous inodes with another name are. */
export const ANONYMOUS_TYPES = table({ eventpoll: "epoll" });

/** The words of docs/language.md. Any other is the name of an anonymous inode. */
export const DESCRIPTOR_TYPES: readonly string[] = [
  "file",
  "dir",
  "socket",
  "pipe",
  "tty",
  "chr",
  "blk",
  "link",
  "memfd",
  "pidfd",
  "epoll",
  "eventfd",
  "timerfd",
  "signalfd",
  "inotify",
  "namespace",
];

/** Names of anonymous inodes that resemble one of the words, and are none. */
export const RESEMBLING_TYPES: readonly string[] = ["fanotify"];

/** Of a name of an anonymous inode, as many bytes are the type; one less than a power of 2. */
export const MOST_TYPE_NAME = 63;

/** S_IFMT of an inode's mode in include/uapi/linux/stat.h, and the type that it says. */
export const FILE_TYPE_MASK = 0xf000;
export const TYPE_OF_MODE: readonly (readonly [mode: number, type: string])[] = [
  [0x8000, "file"],
  [0x4000, "dir"],
  [0xc000, "socket"],
  [0x1000, "pipe"],
  [0x2000, "chr"],
  [0x6000, "blk"],
  [0xa000, "link"],
];

/**
 * Major numbers of character devices that are terminals, closed ranges (Documentation/admin-guide/devices.txt): those of BSD,
 * consoles, /dev/tty, Unix98 pairs, modems and serial lines by USB, serial lines of boards, hypervisors.
 */
export const TERMINAL_MAJORS: readonly (readonly [low: number, high: number])[] = [
  [2, 5],
  [128, 143],
  [166, 166],
  [188, 188],
  [204, 204],
  [229, 229],
];
