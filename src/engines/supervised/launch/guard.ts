/** The process that outlives sct for a moment, to kill what it leaves: see guard-code.ts. */
import { kill, Memory, SIGCONT, SIGKILL, syscall, Waiter, X64 } from "../../../sys/index.ts";
import { GUARD_BUFFER_SIZE, GUARD_SIGNAL, GuardBlock } from "./guard-code.ts";
import type { Thunk } from "./thunk.ts";

const CLONE_VM = 0x100;
const CLONE_FILES = 0x400;
const SIGCHLD = 17;
/** Sharing the descriptor table puts the listener of the command into ours; execve separates the tables. */
const FLAGS = CLONE_VM | CLONE_FILES | SIGCHLD;

const NAME = Buffer.from("sct\0");
const CHILDREN = Buffer.from("/proc/thread-self/children\0");
/** Behind the block. */
const NAME_AT = GuardBlock.size;
const CHILDREN_AT = NAME_AT + 16;
const BUFFER_AT = CHILDREN_AT + 64;

export class Guard {
  /** The command's, or -errno. */
  readonly pid: number;
  readonly #block: Memory;
  readonly #waiter = new Waiter();
  readonly #ownPid: number;
  #isGone = false;

  /** Starts the guard, and by it the command on its script. Signals have to be blocked. */
  constructor(thunk: Thunk, script: number) {
    this.#block = Memory.allocate(BUFFER_AT + GUARD_BUFFER_SIZE);
    this.#block.bytes.set(NAME, NAME_AT);
    this.#block.bytes.set(CHILDREN, CHILDREN_AT);
    const { view, address } = this.#block;
    const word = (at: number, value: number | bigint) => view.setBigUint64(at, BigInt(value), true);
    word(GuardBlock.script, script);
    word(GuardBlock.flags, FLAGS);
    word(GuardBlock.stack, thunk.stackTop);
    word(GuardBlock.pid, 0);
    view.setUint32(GuardBlock.hasEnded, 0, true);
    view.setUint32(GuardBlock.parent, process.pid, true);
    word(GuardBlock.name, address + NAME_AT);
    word(GuardBlock.signals, (1n << BigInt(SIGCHLD - 1)) | (1n << BigInt(GUARD_SIGNAL - 1)));
    word(GuardBlock.path, address + CHILDREN_AT);
    word(GuardBlock.buffer, address + BUFFER_AT);
    this.#ownPid = thunk.runGuard(address, FLAGS);
    this.pid = this.#ownPid < 0 ? this.#ownPid : this.#started();
  }

  #started(): number {
    while (true) {
      // in this order: what has ended has written all that it will
      const hasEnded = this.#waiter.hasEnded(this.#ownPid);
      const pid = Number(this.#block.view.getBigInt64(GuardBlock.pid, true));
      if (pid !== 0) return pid;
      if (hasEnded) throw new Error("the guard was killed before it started the command");
      syscall(X64.sched_yield);
    }
  }

  /** The wait status of the command once it has ended. */
  status(): number | undefined {
    // in this order: it is written before the guard ends
    this.#isGone ||= this.#waiter.poll(this.#ownPid) === this.#ownPid;
    const { view } = this.#block;
    if (view.getUint32(GuardBlock.hasEnded, true) !== 0)
      return view.getInt32(GuardBlock.status, true);
    // somebody has killed it, and the command with it
    return this.#isGone ? SIGKILL : undefined;
  }

  /** Whoever may send it signals may have stopped it. */
  resume(): void {
    kill(this.#ownPid, SIGCONT);
  }

  close(): void {
    this.#waiter.poll(this.#ownPid);
    this.#waiter.close();
  }
}
