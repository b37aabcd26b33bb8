/** Where a task comes from and what it is in: ancestors, namespaces, control groups, as the compiler's facts say. */
import type { VmMemory } from "../../bpf/vm/index.ts";
import type { KernelFacts } from "../facts.ts";

export interface Origin {
  /** Of the parent and so on, before the first process: `[pid, name]`. A name begins the chain of the parent's parent. */
  readonly ancestors: readonly (readonly [pid: number, comm: string])[];
  readonly caps: bigint;
  /** Inode numbers. */
  readonly pidns: number;
  readonly mntns: number;
  /** Number in each pid namespace, the outermost first. */
  readonly pids: readonly number[];
  /** Path and number in the unified hierarchy. */
  readonly cgroup: string;
  readonly cgroupId: bigint;
  /** Path in the hierarchy of the first controller; undefined: it is the unified one. */
  readonly cgroupOfController: string | undefined;
}

export const USUAL_ORIGIN: Origin = {
  ancestors: [[1, "init"]],
  caps: 0n,
  pidns: 4026531836,
  mntns: 4026531841,
  pids: [4242],
  cgroup: "/user.slice",
  cgroupId: 77n,
  cgroupOfController: undefined,
};

const OBJECT_SIZE = 4096;

export class CallerObjects {
  readonly #memory: VmMemory;
  readonly #facts: KernelFacts;

  constructor(memory: VmMemory, facts: KernelFacts) {
    this.#memory = memory;
    this.#facts = facts;
  }

  /** Fills in what hangs on a task that has credentials and is the first thread of its process. */
  fill(task: bigint, credentials: bigint, origin: Origin): void {
    const { walks, groups } = this.#facts;
    const { CAPS, MNTNS, PIDNS, CGROUP } = walks;
    this.#set(credentials, CAPS?.[1]?.offset, origin.caps);
    const proxy = this.#behind(task, MNTNS?.[0]?.offset);
    this.#set(this.#behind(proxy, MNTNS?.[1]?.offset), MNTNS?.[2]?.offset, BigInt(origin.mntns));
    const pid = this.#behind(task, PIDNS?.[0]?.offset);
    const { level = 0, offset = 0, size = 0 } = PIDNS?.[1] ?? {};
    this.#set(pid, level, BigInt(origin.pids.length - 1));
    origin.pids.forEach((number, n) => {
      const upid = pid + BigInt(this.#facts.pid.numbers + n * size);
      this.#set(upid, 0, BigInt(number));
      const namespace = this.#behind(pid, offset + n * size);
      const isLast = n === origin.pids.length - 1;
      this.#set(namespace, PIDNS?.[2]?.offset, BigInt(isLast ? origin.pidns : 1));
    });
    if (groups === undefined) return;
    const sets = this.#behind(task, groups.ofTask);
    const root = this.#make("cgroup_root");
    const unified = this.#group(origin.cgroup, root);
    this.#set(sets, groups.unified, unified);
    this.#set(this.#pointer(unified, groups.node), CGROUP?.[3]?.offset, origin.cgroupId);
    const { cgroupOfController: own } = origin;
    const first = own === undefined ? unified : this.#group(own, this.#make("cgroup_root"));
    const state = this.#make("cgroup_subsys_state");
    this.#set(sets, groups.controllers, state);
    this.#set(state, groups.ofController, first);
  }

  /** A chain of processes, the nearest first, down to the one that is in no list; gives the first. */
  ancestors(chain: Origin["ancestors"]): bigint {
    const { task: at } = this.#facts;
    let parent = this.#make("swapper");
    this.#set(parent, at.realParent, parent);
    this.#set(parent, at.groupLeader, parent);
    for (const [pid, comm] of chain.toReversed()) {
      const process = this.#make(`process ${pid}`);
      this.#memory.view(process + BigInt(at.tgid), 4).setInt32(0, pid, true);
      this.#text(process + BigInt(at.comm), comm);
      this.#set(process, at.groupLeader, process);
      this.#set(process, at.realParent, parent);
      parent = process;
    }
    return parent;
  }

  /** A struct cgroup whose directories have these names. */
  #group(path: string, root: bigint): bigint {
    const { groups } = this.#facts;
    if (groups === undefined) return 0n;
    let node = 0n;
    for (const name of ["", ...path.split("/").filter((one) => one !== "")]) {
      const below = this.#make("kernfs_node");
      this.#set(below, groups.parent, node);
      const text = this.#memory.allocate("name", name.length + 1);
      this.#text(text, name);
      this.#set(below, groups.name, text);
      node = below;
    }
    const group = this.#make("cgroup");
    this.#set(group, groups.node, node);
    this.#set(group, groups.root, root);
    return group;
  }

  /** A new object that a member leads to. */
  #behind(from: bigint, offset = 0): bigint {
    const object = this.#make("object");
    this.#set(from, offset, object);
    return object;
  }

  #make(name: string): bigint {
    return this.#memory.allocate(name, OBJECT_SIZE);
  }

  #pointer(from: bigint, offset: number): bigint {
    return this.#memory.view(from + BigInt(offset), 8).getBigUint64(0, true);
  }

  #set(object: bigint, offset = 0, value: bigint): void {
    this.#memory.view(object + BigInt(offset), 8).setBigUint64(0, BigInt.asUintN(64, value), true);
  }

  #text(at: bigint, text: string): void {
    this.#memory.at(at, text.length).set(Buffer.from(text, "latin1"));
  }
}
