/**
 * What security hooks know of unix sockets: the file that the peer is bound to, by the mount through which it was bound, or
 * its abstract name, shown as `@name`. Everything is read from the kernel's own objects and copies.
 */
import { AF_UNIX, FAMILY_SIZE, SOCKADDR_UN_SIZE } from "../../base/linux-abi.ts";
import { R0, R1, R2, R3, R4, R5, R8, R10 } from "../../bpf/asm/index.ts";
import { TAIL_ENTRY_HEADER_SIZE, TailStatus } from "../../events/layout.ts";
import type { HookTurn } from "../../linux/index.ts";
import type { Context } from "./context.ts";
import type { EntryAddress } from "./place.ts";

const SOCK_STREAM = 1;
const AT_SIGN = 0x40;

interface Slots {
  /** Two words that get mount and dentry. */
  readonly path: number;
  /** A word to work with. */
  readonly word: number;
}

export interface SocketLabels {
  readonly none: string;
  readonly done: string;
}

/** Mount and dentry of the socket in argument `at` of the hook; an abstract name is put into the entry right away. */
export function emitSocketFile(
  c: Context,
  { at, ofSocket }: { readonly at: number; readonly ofSocket: boolean },
  { path, word }: Slots,
  place: () => EntryAddress,
  labels: SocketLabels,
): void {
  const { a } = c;
  const unix = unixFacts(c);
  const { none } = labels;
  const read = (to: number, bytes: number): void => {
    a.mov(R1, R10).add(R1, to).mov(R2, bytes).call("bpf_probe_read_kernel").jump("ne", R0, 0, none);
  };
  const bound = a.newLabel("bound_to_file");
  // through memory, so that the verifier takes it for a number
  a.load("u64", R1, R8, at * 8)
    .store("u64", R10, path, R1)
    .mov(R3, R10)
    .add(R3, path);
  read(word, 8);
  if (ofSocket) {
    a.load("u64", R3, R10, word).add(R3, unix.socketSk);
    read(word, 8);
  }
  a.load("u64", R3, R10, word).jump("eq", R3, 0, none).add(R3, unix.path);
  read(path, 16);
  a.load("u64", R3, R10, path).jump("ne", R3, 0, bound);
  a.load("u64", R3, R10, word).add(R3, unix.address);
  read(word, 8);
  a.load("u64", R3, R10, word).jump("eq", R3, 0, none).add(R3, unix.addressLength);
  a.store("u64", R10, path, 0);
  read(path, 4);
  a.load("u64", R3, R10, word).add(R3, unix.addressName).store("u64", R10, word, R3);
  emitAbstract(c, { path, word }, place, labels);
  a.label(bound);
}

/** The abstract name in the address that argument `at` of the hook is, in the kernel's memory. */
export function emitAddress(
  c: Context,
  { at, length }: { readonly at: number; readonly length: number },
  { path, word }: Slots,
  place: () => EntryAddress,
  labels: SocketLabels,
): void {
  const { a } = c;
  a.load("u64", R1, R8, at * 8)
    .store("u64", R10, path, R1)
    .mov(R3, R10)
    .add(R3, path);
  a.mov(R1, R10).add(R1, word).mov(R2, 8).call("bpf_probe_read_kernel");
  a.load("u64", R1, R8, length * 8)
    .mov32(R1, R1)
    .store("u64", R10, path, R1);
  emitAbstract(c, { path, word }, place, labels);
}

/** The length is in the slot `path`, the address of the sockaddr_un in `word`. Ends at `none` or `done`. */
function emitAbstract(
  c: Context,
  { path, word }: Slots,
  place: () => EntryAddress,
  { none, done }: SocketLabels,
): void {
  const { a } = c;
  a.load("u64", R1, R10, path)
    .jump("le", R1, FAMILY_SIZE, none)
    .jump("gt", R1, SOCKADDR_UN_SIZE, none);
  // family and first byte in one word
  const head = path + 8;
  a.store("u64", R10, head, 0).mov(R1, R10).add(R1, head).mov(R2, 3);
  a.load("u64", R3, R10, word).call("bpf_probe_read_kernel").jump("ne", R0, 0, none);
  a.load("u64", R1, R10, head).jump("ne", R1, AF_UNIX, none);
  a.load("u64", R2, R10, path)
    .sub(R2, FAMILY_SIZE + 1)
    .and(R2, 0x7f);
  const at = place();
  a.mov(R4, R2)
    .add(R4, 1)
    .lsh(R4, 32)
    .or(R4, TailStatus.ok << 16);
  a.store("u64", at.base, at.offset, R4);
  a.store("u8", at.base, at.offset + TAIL_ENTRY_HEADER_SIZE, AT_SIGN);
  a.mov(R1, at.base).add(R1, at.offset + TAIL_ENTRY_HEADER_SIZE + 1);
  a.load("u64", R3, R10, word)
    .add(R3, FAMILY_SIZE + 1)
    .call("bpf_probe_read_kernel")
    .goto(done);
}

/** Goes to `later` where another hook will know the file of the call. Uses r0 … r5 and slots of the stack. */
export function emitTurnOfFile(c: Context, turn: HookTurn, later: string): void {
  const { a } = c;
  if (turn.kind === "mask") {
    a.load("u64", R1, R8, turn.at * 8)
      .and(R1, turn.mask)
      .jump("eq", R1, 0, later);
    return;
  }
  const now = a.newLabel("turn_of_file");
  c.stack.with(2, (slot) => {
    const word = slot + 8;
    a.load("u64", R1, R8, turn.at * 8)
      .store("u64", R10, word, R1)
      .mov(R3, R10)
      .add(R3, word);
    a.mov(R1, R10).add(R1, slot).mov(R2, 8).call("bpf_probe_read_kernel");
    if (turn.kind === "address") {
      a.load("u64", R1, R8, turn.length * 8)
        .mov32(R1, R1)
        .jump("le", R1, FAMILY_SIZE, now);
      a.store("u64", R10, word, 0).load("u64", R3, R10, slot);
      a.mov(R1, R10).add(R1, word).mov(R2, 3).call("bpf_probe_read_kernel");
      a.load("u64", R1, R10, word).mov(R5, R1).and(R1, 0xffff).jump("ne", R1, AF_UNIX, now);
      // the first byte of an abstract name is 0
      a.rsh(R5, 16).jump("ne", R5, 0, later);
      return;
    }
    const unix = unixFacts(c);
    const read = (offset: number, bytes: number): void => {
      a.load("u64", R3, R10, slot).add(R3, offset).store("u64", R10, word, 0);
      a.mov(R1, R10).add(R1, word).mov(R2, bytes).call("bpf_probe_read_kernel");
    };
    read(unix.socketType, 2);
    a.load("u64", R1, R10, word).jump("eq", R1, SOCK_STREAM, now);
    read(unix.socketSk, 8);
    a.load("u64", R1, R10, word).store("u64", R10, slot, R1);
    read(unix.sockFamily, 2);
    a.load("u64", R1, R10, word).jump("eq", R1, AF_UNIX, later);
  });
  a.label(now);
}

function unixFacts({ facts }: Context): NonNullable<Context["facts"]["unix"]> {
  if (facts.unix === undefined) throw new Error("the kernel has no types of unix sockets");
  return facts.unix;
}
