/**
 * Names of files from the kernel's own objects: from an entry (struct dentry) up to the root of the mount
 * namespace, names written backwards. Not to the caller's root: a chroot would otherwise give files new names.
 * Works in any program: everything is read with bpf_probe_read_kernel. bpf_loop: since Linux 5.17.
 *
 * Context of the callback on the caller's stack:
 *   0 vfsmount, then mount | 8 dentry | 16 position | 24 buffer | 32 status
 *
 * The buffer is the scratch space of the area (see ../area.ts): names end at byte MAX_STRING; as much again
 * behind it lets the verifier see that a name of 255 bytes fits wherever it begins.
 */

import { MAX_ERRNO } from "../../base/linux-abi.ts";
import {
  type Assembler,
  R0,
  R1,
  R2,
  R3,
  R4,
  R6,
  R7,
  R8,
  R9,
  R10,
  type Register,
} from "../../bpf/asm/index.ts";
import { TAIL_ENTRY_HEADER_SIZE, TailStatus } from "../../events/layout.ts";
import { MAX_STRING } from "../../language/checked/index.ts";
import type { FileArgument } from "../../linux/index.ts";
import type { KernelFacts } from "../facts.ts";
import { AreaOffset, IDENTITIES, identityOffset, scratchOffset } from "../layout/area.ts";
import type { Context } from "./context.ts";
import { descriptorOf, emitDescriptorFile } from "./descriptor-file.ts";
import type { EntryAddress } from "./place.ts";
import { emitRootlessName } from "./rootless-name.ts";
import { emitAddress, emitSocketFile } from "./socket-file.ts";

const STEP = "path_step";
const SLOTS = 5;
export const AT = { mount: 0, dentry: 8, position: 16, buffer: 24, status: 32 } as const;
/** Deeper than any path of MAX_STRING bytes, mounts on mounts included. */
const MAX_STEPS = 4096;
const SLASH = 0x2f;

/** EXE or CWD of r7's task into the entry; a kernel thread has neither. */
export function emitTaskPath(c: Context, kind: "exe" | "cwd", place: () => EntryAddress): void {
  const { a } = c;
  const { path } = c.facts;
  const none = a.newLabel("no_path");
  withWalk(c, place, { none }, (slot) => {
    const [holder, member] =
      kind === "exe" ? [path.taskMm, path.mmExeFile] : [path.taskFs, path.fsPwd];
    a.load("u64", R3, R7, holder).jump("eq", R3, 0, none);
    if (kind === "exe")
      a.load("u64", R3, R3, member).jump("eq", R3, 0, none).add(R3, path.filePath);
    else a.add(R3, member);
    readPath(c, slot, none);
  });
}

/** The file that a hook is given into the entry; `context` holds the arguments. */
export function emitHookPath(
  c: Context,
  context: Register,
  file: FileArgument,
  nth: number,
  place: () => EntryAddress,
): void {
  const { a } = c;
  const { path, binprmFile } = c.facts;
  const none = a.newLabel("no_path");
  const unknown = a.newLabel("unknown_path");
  if (nth < IDENTITIES) a.store("u64", R9, identityOffset(nth), 0);
  withWalk(c, place, { none, unknown }, (slot, done) => {
    emitFile(slot, done);
    if (nth < IDENTITIES) emitIdentity(c, slot, nth);
  });

  function emitFile(slot: number, done: string): void {
    switch (file.kind) {
      case "path":
        a.load("u64", R3, context, file.at * 8);
        readPath(c, slot, none);
        return;
      case "file":
        a.load("u64", R3, context, file.at * 8).add(R3, path.filePath);
        readPath(c, slot, none);
        return;
      case "binprm":
        a.load("u64", R3, context, file.at * 8).add(R3, binprmFile);
        readPointer(a, slot + AT.dentry, none);
        a.load("u64", R3, R10, slot + AT.dentry)
          .jump("eq", R3, 0, none)
          .add(R3, path.filePath);
        readPath(c, slot, none);
        return;
      case "entry":
        a.load("u64", R3, context, file.directory * 8);
        readPointer(a, slot + AT.mount, none);
        a.load("u64", R3, R10, slot + AT.mount).sub(R3, path.mountMnt);
        a.store("u64", R10, slot + AT.mount, R3);
        // through memory, so that the verifier takes it for a number like those that follow
        a.load("u64", R1, context, file.dentry * 8).store("u64", R10, slot + AT.position, R1);
        a.mov(R3, R10).add(R3, slot + AT.position);
        readPointer(a, slot + AT.dentry, none);
        return;
      case "mount":
        a.load("u64", R1, context, file.at * 8).store("u64", R10, slot + AT.position, R1);
        a.mov(R3, R10).add(R3, slot + AT.position);
        readPointer(a, slot + AT.mount, none);
        a.load("u64", R3, R10, slot + AT.mount).add(R3, path.vfsmountRoot);
        readPointer(a, slot + AT.dentry, none);
        a.load("u64", R3, R10, slot + AT.mount).sub(R3, path.mountMnt);
        a.store("u64", R10, slot + AT.mount, R3);
        return;
      case "none":
        a.goto(none);
        return;
      case "address":
        emitAddress(c, file, { path: slot, word: slot + AT.position }, place, { none, done });
        return;
      case "socket":
        emitSocketFile(c, file, { path: slot, word: slot + AT.position }, place, { none, done });
        a.load("u64", R3, R10, slot + AT.mount).sub(R3, path.mountMnt);
        a.store("u64", R10, slot + AT.mount, R3);
        return;
      case "dentry":
        emitLookedUp(slot, c.hookArgument("dentry"), () =>
          a.load("u64", R3, R10, slot + AT.dentry),
        );
        return;
      case "inode":
        emitLookedUp(slot, file.at, () => {
          a.load("u64", R3, R10, slot + AT.dentry).add(R3, path.dentryInode);
          readPointer(a, slot + AT.position, unknown);
          a.load("u64", R3, R10, slot + AT.position);
        });
        return;
    }
  }

  /**
   * What the lookup found, or else the descriptor, if the argument is that; `loadFound` leaves in r3 what the dentry in the
   * slot says the argument must be.
   */
  function emitLookedUp(slot: number, argument: number, loadFound: () => void): void {
    const [word, found, differs] = [
      slot + AT.buffer,
      a.newLabel("looked_up"),
      a.newLabel("not_looked_up"),
    ];
    const descriptor = c.isRing ? undefined : descriptorOf(c.block, nth);
    const compare = (to: string): void => {
      loadFound();
      a.load("u64", R1, R10, word).jump("ne", R1, R3, to);
    };
    a.load("u64", R1, context, argument * 8).store("u64", R10, slot + AT.position, R1);
    a.mov(R3, R10).add(R3, slot + AT.position);
    readPointer(a, word, unknown);
    a.load("u64", R3, R9, AreaOffset.lookupMount).store("u64", R10, slot + AT.mount, R3);
    a.load("u64", R3, R9, AreaOffset.lookupDentry).store("u64", R10, slot + AT.dentry, R3);
    a.jump("eq", R3, 0, differs);
    compare(differs);
    a.goto(found).label(differs);
    if (descriptor === undefined) a.goto(unknown);
    else {
      emitDescriptorFile(c, descriptor, { to: slot + AT.mount, word: slot + AT.position, unknown });
      compare(unknown);
    }
    a.label(found);
    a.load("u64", R3, R10, slot + AT.mount).sub(R3, path.mountMnt);
    a.store("u64", R10, slot + AT.mount, R3);
  }
}

/** Device and inode number of the dentry; a name that is yet to be created has neither. */
function emitIdentity(c: Context, slot: number, nth: number): void {
  const { a } = c;
  const { path } = c.facts;
  const none = a.newLabel("no_identity");
  const word = slot + AT.buffer;
  a.load("u64", R3, R10, slot + AT.dentry).add(R3, path.dentryInode);
  readPointer(a, word, none);
  a.load("u64", R3, R10, word).jump("eq", R3, 0, none).add(R3, path.inodeNumber);
  a.mov(R1, R9)
    .add(R1, identityOffset(nth) + 8)
    .mov(R2, 8)
    .call("bpf_probe_read_kernel");
  a.load("u64", R3, R10, word).add(R3, path.inodeSuperBlock);
  readPointer(a, word, none);
  a.load("u64", R3, R10, word).add(R3, path.superBlockDevice);
  // dev_t has 32 bits: the upper half stays 0
  a.mov(R1, R9).add(R1, identityOffset(nth)).mov(R2, 4).call("bpf_probe_read_kernel");
  a.label(none);
}

/** Two words at `*r3` (struct path) as mount and dentry. */
export function readPath(c: Context, slot: number, none: string): void {
  const { a } = c;
  a.mov(R1, R10)
    .add(R1, slot + AT.mount)
    .mov(R2, 16)
    .call("bpf_probe_read_kernel");
  a.jump("ne", R0, 0, none);
  a.load("u64", R3, R10, slot + AT.mount).jump("eq", R3, 0, none);
  a.sub(R3, c.facts.path.mountMnt).store("u64", R10, slot + AT.mount, R3);
}

/** One word at `*r3`. */
export function readPointer(a: Assembler, to: number, none: string): void {
  a.mov(R1, R10).add(R1, to).mov(R2, 8).call("bpf_probe_read_kernel").jump("ne", R0, 0, none);
}

/** `none`: there is no file. `unknown`: which one cannot be found out, and on_unreadable decides. */
/** Names what `start` has put into the slot, and writes it into the entry; nothing where it goes to `none`. */
export function withWalk(
  c: Context,
  place: () => EntryAddress,
  {
    none,
    unknown = c.a.newLabel("unknown_path"),
  }: { readonly none: string; readonly unknown?: string },
  start: (slot: number, done: string) => void,
): void {
  const { a } = c;
  const setStatus = (status: number): void => {
    const at = place();
    a.store("u64", at.base, at.offset, status << 16);
  };
  const done = a.newLabel("path_done");
  c.stack.with(SLOTS, (slot) => {
    for (let i = 0; i < SLOTS; i++) a.store("u64", R10, slot + i * 8, 0);
    start(slot, done);
    a.mov(R1, R9)
      .add(R1, scratchOffset)
      .store("u64", R10, slot + AT.buffer, R1);
    // Through memory that the verifier does not follow: before Linux 6.7 it looks at the first step only, with what it knows
    // of the position then, and takes out the branches of all later ones (verify callbacks …, commit ab5cfac139ab).
    a.store("u64", R1, 0, MAX_STRING)
      .load("u64", R1, R1, 0)
      .store("u64", R10, slot + AT.position, R1);
    a.mov(R1, MAX_STEPS).loadFunction(R2, STEP).mov(R3, R10).add(R3, slot).mov(R4, 0);
    a.call("bpf_loop");
    a.load("u64", R1, R10, slot + AT.status).jump("eq", R1, TailStatus.unreadable << 16, unknown);
    emitResult(c, slot, place);
  });
  a.goto(done);
  a.label(unknown);
  setStatus(TailStatus.unreadable);
  a.goto(done);
  a.label(none);
  setStatus(TailStatus.null);
  a.label(done);
}

/** Copies what was written backwards to the entry, with length and status before it. */
function emitResult(c: Context, slot: number, place: () => EntryAddress): void {
  const { a } = c;
  const named = a.newLabel("path_named");
  const bounded = a.newLabel("path_bounded");
  a.load("u64", R1, R10, slot + AT.position).jump("lt", R1, MAX_STRING, named);
  // nothing was written: the root itself
  a.mov(R1, MAX_STRING - 1).store("u64", R10, slot + AT.position, R1);
  a.store("u8", R9, scratchOffset + MAX_STRING - 1, SLASH);
  a.label(named);
  a.load("u64", R1, R10, slot + AT.position).jump("le", R1, MAX_STRING, bounded);
  a.mov(R1, MAX_STRING);
  a.label(bounded);
  a.mov(R2, MAX_STRING).sub(R2, R1).and(R2, 0x1fff);
  a.mov(R3, R9).add(R3, scratchOffset).add(R3, R1);
  a.mov(R4, R2)
    .lsh(R4, 32)
    .load("u64", R0, R10, slot + AT.status)
    .or(R4, R0);
  const at = place();
  a.store("u64", at.base, at.offset, R4);
  a.mov(R1, at.base).add(R1, at.offset + TAIL_ENTRY_HEADER_SIZE);
  const fits = a.newLabel("path_fits");
  a.jump("le", R2, MAX_STRING, fits).mov(R2, MAX_STRING).label(fits);
  a.call("bpf_probe_read_kernel");
}

/** The callback, to be placed behind a program that walks paths. */
export function emitPathStep(a: Assembler, facts: KernelFacts): void {
  const { path } = facts;
  const stop = "path_stop";
  const read = (offset: number, from: () => void): void => {
    from();
    a.mov(R1, R10).add(R1, offset).mov(R2, 8).call("bpf_probe_read_kernel").jump("ne", R0, 0, stop);
  };
  a.function(STEP).mov(R6, R2).load("u64", R8, R6, AT.dentry);
  read(-8, () => a.load("u64", R3, R6, AT.mount).add(R3, path.mountMnt + path.vfsmountRoot));
  a.load("u64", R1, R10, -8).jump("ne", R1, R8, "path_component");
  a.comment("top of this mount: continue where it is mounted");
  read(-8, () => a.load("u64", R3, R6, AT.mount).add(R3, path.mountParent));
  a.load("u64", R7, R10, -8).load("u64", R1, R6, AT.mount);
  a.jump("eq", R7, R1, "path_top");
  read(-16, () => a.load("u64", R3, R6, AT.mount).add(R3, path.mountMountpoint));
  a.load("u64", R1, R10, -16).store("u64", R6, AT.dentry, R1).store("u64", R6, AT.mount, R7);
  a.return(0);

  a.label("path_component");
  read(-8, () => a.mov(R3, R8).add(R3, path.dentryParent));
  a.load("u64", R7, R10, -8);
  a.comment("struct qstr: hash and length, then the name");
  a.mov(R1, R10).add(R1, -24).mov(R2, 16).mov(R3, R8).add(R3, path.dentryName);
  a.call("bpf_probe_read_kernel").jump("ne", R0, 0, stop);
  a.load("u32", R2, R10, -20).and(R2, 0xff).load("u64", R1, R6, AT.position);
  a.jump("gt", R1, MAX_STRING, stop)
    .jump("eq", R7, R8, "path_rootless")
    .mov(R4, R2)
    .add(R4, 1)
    .jump("gt", R4, R1, "path_full");
  a.sub(R1, R4).store("u64", R6, AT.position, R1);
  a.and(R1, MAX_STRING - 1)
    .load("u64", R4, R6, AT.buffer)
    .add(R4, R1)
    .store("u8", R4, 0, SLASH);
  // 6.12 loses the bounds of r2 over the comparison of its copy with r1
  a.and(R2, 0xff).mov(R1, R4).add(R1, 1).load("u64", R3, R10, -16).call("bpf_probe_read_kernel");
  a.store("u64", R6, AT.dentry, R7).return(0);
  a.label("path_rootless").jump("ne", R1, MAX_STRING, stop);
  emitRootlessName(a, facts, { stop, at: AT });
  a.label("path_top");
  emitTop(a, path, stop);
  a.label("path_full").store("u64", R6, AT.status, TailStatus.truncated << 16);
  a.label(stop).return(1);
}

/**
 * What the mount in r1 is the uppermost of: a namespace, or nothing that has a name. That is so for copies of mounts (open_tree,
 * fsmount), and for what was unmounted while it was used. The kernel's own mounts, as of layers, keep their names.
 */
function emitTop(a: Assembler, path: KernelFacts["path"], stop: string): void {
  if (path.namespaceNumber === undefined) {
    a.goto(stop);
    return;
  }
  const unreachable = a.newLabel("unreachable");
  const follow = (from: Register, offset: number): void => {
    a.mov(R3, from).add(R3, offset).mov(R1, R10).add(R1, -8).mov(R2, 8);
    a.call("bpf_probe_read_kernel").jump("ne", R0, 0, stop).load("u64", R1, R10, -8);
  };
  follow(R1, path.mountNamespace);
  a.jump("eq", R1, 0, unreachable).jump("gt", R1, -MAX_ERRNO - 1, stop);
  follow(R1, path.namespaceNumber);
  a.jump("ne", R1, 0, stop).label(unreachable);
  a.store("u64", R6, AT.status, TailStatus.unreadable << 16).goto(stop);
}
