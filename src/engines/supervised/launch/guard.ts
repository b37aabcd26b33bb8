/** The process that outlives sct for a moment, to kill what it leaves: see guard-code.ts. */
import { CLONE_FILES, CLONE_PARENT_SETTID, CLONE_VM, SIGCHLD } from "../../../base/linux-abi.ts";
import {
  type Fd,
  kernel,
  kill,
  Mapping,
  Memory,
  SIGCONT,
  SIGKILL,
  syscall,
  Waiter,
  Words,
  X64,
} from "../../../sys/index.ts";
import { startDeadline } from "./deadline.ts";
import { Gate } from "./gate.ts";
import { GUARD_BLOCK_SIZE, GUARD_SIGNAL, GuardBlock } from "./guard-block.ts";
import { BLOCK_OFFSET, openGuardImage } from "./guard-image.ts";
import type { Thunk } from "./thunk.ts";

/** Sharing the descriptor table puts the listener of the command into ours; execve separates the tables. */
const FLAGS = CLONE_VM | CLONE_FILES | SIGCHLD;

/** No descriptor. */
const NONE = -1;
const PAUSE_NS = 5_000_000;
const NAME = Buffer.from("sct\0");
/** As which ps shows it. */
const TITLE = Buffer.from("sct: guard\0");
const CHILDREN = Buffer.from("/proc/thread-self/children\0");

export class Guard {
  /** The guard opens it when nothing can get at it any more. */
  readonly gate = new Gate();
  readonly #image: Fd | undefined;
  /** The block stays where it is, as the code does: the guard may still be in our memory. */
  readonly #address: number;
  readonly #view: DataView;
  /** The same: the guard and the kernel write while we look. */
  readonly #words: Words;
  readonly #waiter = new Waiter();
  #ownPid = 0;
  #isGone = false;

  constructor() {
    this.#image = openGuardImage();
    this.#address =
      this.#image === undefined
        ? Memory.allocate(GUARD_BLOCK_SIZE).address
        : Mapping.open(this.#image, GUARD_BLOCK_SIZE, BLOCK_OFFSET, "write").address;
    this.#view = new DataView(kernel().view(this.#address, GUARD_BLOCK_SIZE));
    this.#words = new Words(this.#view);
  }

  /** Starts the guard, and by it the command on its script: its pid or -errno. Signals have to be blocked. */
  start(thunk: Thunk, script: number): number {
    this.#fill(script, thunk.stackTop);
    this.#ownPid = thunk.runGuard(this.#address, FLAGS);
    if (this.#ownPid < 0) return this.#ownPid;
    const checkTime = startDeadline([this.#ownPid]);
    while (true) {
      checkTime();
      // in this order: what has ended has written all that it will
      const hasEnded = this.#waiter.hasEnded(this.#ownPid);
      const pid = Number(this.#words.int64(GuardBlock.pid));
      if (pid !== 0) return pid;
      if (hasEnded) throw new Error("the guard was killed before it started the command");
      syscall(X64.sched_yield);
    }
  }

  #fill(script: number, stackTop: number): void {
    const word = (at: number, value: number | bigint) =>
      this.#view.setBigUint64(at, BigInt(value), true);
    word(GuardBlock.script, script);
    word(GuardBlock.flags, FLAGS | CLONE_PARENT_SETTID);
    word(GuardBlock.stack, stackTop);
    this.#view.setUint32(GuardBlock.parent, process.pid, true);
    this.#view.setInt32(GuardBlock.image, this.#image?.number ?? NONE, true);
    this.#view.setUint32(GuardBlock.gate, this.gate.descriptor, true);
    word(GuardBlock.signals, (1n << BigInt(SIGCHLD - 1)) | (1n << BigInt(GUARD_SIGNAL - 1)));
    word(GuardBlock.argv, this.#address + GuardBlock.title);
    word(GuardBlock.one, 1);
    word(GuardBlock.pause + 8, PAUSE_NS);
    const bytes = new Uint8Array(this.#view.buffer);
    bytes.set(NAME, GuardBlock.name);
    bytes.set(TITLE, GuardBlock.title);
    bytes.set(CHILDREN, GuardBlock.path);
  }

  get pid(): number {
    return this.#ownPid;
  }

  /** Closes what the start needed: once the command is through the gate, or will never be. */
  started(): void {
    this.gate.close();
    this.#image?.close();
  }

  /** Whether it has waited for the command, whose number may be a stranger's from then on. */
  get hasReaped(): boolean {
    return this.#words.int32(GuardBlock.hasEnded) !== 0;
  }

  /** The wait status of the command once it has ended. */
  status(): number | undefined {
    // in this order: it is written before the guard ends
    this.#isGone ||= this.#waiter.poll(this.#ownPid) === this.#ownPid;
    if (this.#words.int32(GuardBlock.hasEnded) !== 0) return this.#words.int32(GuardBlock.status);
    // somebody has killed it, and the command with it
    return this.#isGone ? SIGKILL : undefined;
  }

  /** Another process may have stopped it by a signal. */
  resume(): void {
    kill(this.#ownPid, SIGCONT);
  }

  /** It does not do its work: then the command counts as killed. */
  end(): void {
    kill(this.#ownPid, SIGKILL);
  }

  close(): void {
    this.#waiter.poll(this.#ownPid);
    this.#waiter.close();
  }
}
