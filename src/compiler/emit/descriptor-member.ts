/** Members of open files as numbers and bytes: they were put into entries of the record when the call began. */
import { R0, R1 } from "../../bpf/asm/index.ts";
import { TAIL_ENTRY_HEADER_SIZE, TailStatus } from "../../events/layout.ts";
import type { IntExpr } from "../../language/checked/index.ts";
import type { Presentation } from "../../language/vocabulary.ts";
import type { DescriptorSource } from "../plan/block.ts";
import { descriptorSource } from "../plan/descriptors.ts";
import type { Context, Faults } from "./context.ts";
import { type EntryAddress, entryPlace, stringIndex } from "./place.ts";

/** Where the entry is, behind which the code is reached only if the member is known. Undefined: it never is. Uses r1, r5. */
export function emitKnownMember(
  c: Context,
  source: DescriptorSource | undefined,
  { missing, unreadable }: Faults,
): EntryAddress | undefined {
  const { a } = c;
  if (source === undefined || source.fd.kind === "unknown") {
    a.goto(source === undefined ? missing : unreadable);
    return undefined;
  }
  const at = entryPlace(c, stringIndex(c, source));
  a.load("u16", R1, at.base, at.offset + 2);
  a.jump("eq", R1, TailStatus.null, missing).jump("ne", R1, TailStatus.ok, unreadable);
  return at;
}

/** r0 = the number. */
export function loadDescriptorNumber(
  c: Context,
  p: Presentation,
  { index, member }: Extract<IntExpr, { kind: "fdNumber" }>,
  faults: Faults,
): void {
  const at = emitKnownMember(c, descriptorSource(p, index, member), faults);
  // keeps the code behind well-formed; the verifier never sees it as reachable
  if (at === undefined) c.a.mov(R0, 0);
  else c.a.load("u64", R0, at.base, at.offset + TAIL_ENTRY_HEADER_SIZE);
}
