/** Operations of io_uring by the calls that they stand for; see call/ring.ts. */
import type { RingUse } from "./call/ring.ts";
import { listRows, rowOf } from "./call/rows.ts";

/** What an operation that reaches a hook may be. */
export interface RingUseOf extends RingUse {
  readonly call: string;
}

let usesByHook: ReadonlyMap<string, readonly RingUseOf[]> | undefined;

/** What operations that reach the hook may be. */
export function ringUsesOf(hook: string): readonly RingUseOf[] {
  usesByHook ??= Map.groupBy(
    listRows().flatMap(([call, { ring }]) =>
      ring === undefined || typeof ring === "string" ? [] : ring.map((use) => ({ call, ...use })),
    ),
    (use) => use.hook,
  );
  return usesByHook.get(hook) ?? [];
}

/** The call that stands for the operation which does what `call` does; undefined: there is none. */
export function ringOperation(call: string): string | undefined {
  const { ring } = rowOf(call);
  return ring === undefined || typeof ring === "string" ? ring : call;
}

/** Hooks that operations reach which stand for the call. */
export function ringHooksOf(call: string): readonly string[] {
  const { ring } = rowOf(call);
  return ring === undefined || typeof ring === "string" ? [] : ring.map(({ hook }) => hook);
}
