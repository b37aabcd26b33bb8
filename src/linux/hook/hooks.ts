/** Which security hooks a call passes on its way to its effect, and what they know. */
import { table } from "../../base/table.ts";
import { rowOf } from "../call/rows.ts";
import type { FileArgument, HookTurn } from "./notation.ts";
import { type HookName, type HookRow, hookRows } from "./rows.ts";

const rows = table<HookRow>(hookRows);
const NO_FILES: readonly FileArgument[] = [];

/** Hooks that make the call fail with exactly the error that they return, and change nothing; empty: there are none. */
export function hooksOf(call: string): readonly HookName[] {
  return rowOf(call).hooks ?? [];
}

/** Hooks to decide PATH rules of a call in; empty: none of its hooks receives a file. */
export function fileHooksOf(call: string): readonly HookName[] {
  const { hooks = [], fileHooks = hooks } = rowOf(call);
  return fileHooks.filter((hook) => filesOfHook(hook).length > 0);
}

/** Where a program for the hook attaches: `bpf_lsm_X` for LSM programs, `security_X` for fmod_ret. */
export function hookFunction(hook: string, kind: "lsm" | "fmod_ret"): string {
  return kind === "lsm" ? `bpf_lsm_${hook}` : (rows[hook]?.function ?? `security_${hook}`);
}

/** The files of a hook, in the order of the path parameters of the calls that reach it. */
export function filesOfHook(hook: string): readonly FileArgument[] {
  return rows[hook]?.files ?? NO_FILES;
}

/** When the hook can come before the file of a call is known; undefined: it never does. */
export function turnOfFile(hook: string): HookTurn | undefined {
  return rows[hook]?.turn;
}

/** An operation is under way and will end later (EIOCBQUEUED). */
const QUEUED = 529;

/** Errors that no hook of the call must return: the kernel would misbehave. The reason, for the diagnostic. */
export function errnoProblem(call: string, errno: number): string | undefined {
  for (const hook of hooksOf(call)) {
    const why = rows[hook]?.mustNotReturn?.[errno];
    if (why !== undefined) return why;
  }
  if (errno !== QUEUED) return undefined;
  return `to the kernel, ${QUEUED} from a security hook means that an operation is under way and will end later`;
}

/** Whether the hook gets a file, or what the rest of it is known of. */
export function getsFile(hook: string): boolean {
  return filesOfHook(hook).some(({ kind }) => kind !== "address" && kind !== "none");
}

/** Whether the hook gets the objects of unix sockets, of which a kernel may have no types. */
export function needsUnixSockets(hook: string): boolean {
  return filesOfHook(hook).some(({ kind }) => kind === "socket");
}

/** Whether the hook gets no more than a part of the path: the rest is known of the lookup. */
export function needsLookup(hook: string): boolean {
  return filesOfHook(hook).some(({ kind }) => kind === "dentry" || kind === "inode");
}

/** What a call on sockets does passes the hook besides its usual ones, and only files of unix sockets are known better there. */
export function isForFilesOnly(call: string, hook: string): boolean {
  const { addresses, hooks = [] } = rowOf(call);
  return addresses !== undefined && !hooks.some((usual) => usual === hook);
}
