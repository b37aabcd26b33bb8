/** Arguments of the caller from its own memory, a NUL behind each. Pages that are not there are not waited for. */
import { R0, R1, R2, R3, R4, R7, R10 } from "../../bpf/asm/index.ts";
import { TAIL_ENTRY_HEADER_SIZE, TailStatus } from "../../events/layout.ts";
import { MAX_STRING } from "../../language/checked/index.ts";
import type { Context } from "./context.ts";
import type { EntryAddress } from "./place.ts";

/** Into the entry whose address `place` emits; it may use r5 alone. A kernel thread has none. */
export function emitCmdline(c: Context, place: () => EntryAddress): void {
  const { a } = c;
  const { path } = c.facts;
  const none = a.newLabel("no_cmdline");
  const done = a.newLabel("cmdline_read");
  const fits = a.newLabel("cmdline_fits");
  const whole = a.newLabel("cmdline_whole");
  c.stack.with(1, (length) => {
    a.load("u64", R3, R7, path.taskMm).jump("eq", R3, 0, none);
    a.load("u64", R2, R3, path.mmArgEnd).load("u64", R3, R3, path.mmArgStart);
    a.jump("ge", R3, R2, none).sub(R2, R3).store("u64", R10, length, R2);
    a.jump("le", R2, MAX_STRING, fits).mov(R2, MAX_STRING).label(fits);
    const text = place();
    a.mov(R1, text.base).add(R1, text.offset + TAIL_ENTRY_HEADER_SIZE);
    a.call("bpf_probe_read_user").jump("ne", R0, 0, none);
    a.load("u64", R4, R10, length).mov(R0, TailStatus.ok << 16);
    a.jump("le", R4, MAX_STRING, whole);
    a.mov(R4, MAX_STRING).mov(R0, TailStatus.truncated << 16);
    a.label(whole).lsh(R4, 32).or(R4, R0);
    const at = place();
    a.store("u64", at.base, at.offset, R4).goto(done);
  });
  a.label(none);
  const at = place();
  a.store("u64", at.base, at.offset, TailStatus.null << 16);
  a.label(done);
}
