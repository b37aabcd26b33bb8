/** Program types and attachments, from the compiler's words to the kernel's. */
import { readFileSync } from "node:fs";
import {
  attachPerfEvent,
  attachRawTracepoint,
  attachTracing,
  type Btf,
  type Link,
  type Program,
  type ProgramSpec,
} from "../../bpf/index.ts";
import type { Attachment, CompiledProgram } from "../../compiler/index.ts";
import { UnsupportedError } from "../../sys/index.ts";

/** Trampolines attach to functions by their type id. */
export function needsBtf({ kind }: Attachment): boolean {
  return (
    kind === "fentry" ||
    kind === "fexit" ||
    kind === "fmod_ret" ||
    kind === "lsm" ||
    kind === "hook"
  );
}

export function programType({ kind }: Attachment): ProgramSpec["type"] {
  if (kind === "raw_tracepoint" || kind === "lsm") return kind;
  return kind === "kprobe" || kind === "kretprobe" ? "kprobe" : "tracing";
}

export function specFor(
  attachment: Attachment,
  code: CompiledProgram["code"],
  btf: Btf | undefined,
): ProgramSpec {
  const { name } = code;
  const target = (attached: string): number => {
    const id = btf?.functionId(attached);
    if (id === undefined) throw new UnsupportedError(`kernel function ${attached}`, undefined);
    return id;
  };
  switch (attachment.kind) {
    case "raw_tracepoint":
      return { name, code, type: programType(attachment) };
    case "kprobe":
    case "kretprobe":
      return { name, code, type: programType(attachment) };
    case "lsm":
      return {
        name,
        code,
        type: "lsm",
        expectedAttachType: "BPF_LSM_MAC",
        attachBtfId: target(attachment.function),
      };
    default:
      return {
        name,
        code,
        type: "tracing",
        expectedAttachType: ATTACH_TYPE[attachment.kind],
        attachBtfId: target(attachment.function),
        isSleepable: "sleeps" in attachment && attachment.sleeps === true,
      };
  }
}

/** Number of the perf event type of kprobes, which differs between kernels. */
export const KPROBE_TYPE = "/sys/bus/event_source/devices/kprobe/type";

const ATTACH_TYPE = {
  fentry: "BPF_TRACE_FENTRY",
  fexit: "BPF_TRACE_FEXIT",
  fmod_ret: "BPF_MODIFY_RETURN",
  hook: "BPF_MODIFY_RETURN",
} as const;

export function attach(program: Program, attachment: Attachment): Link {
  switch (attachment.kind) {
    case "raw_tracepoint":
      return attachRawTracepoint(program, attachment.name);
    case "kprobe":
    case "kretprobe":
      return attachPerfEvent(program, {
        type: Number(readFileSync(KPROBE_TYPE, "latin1")),
        config: attachment.kind === "kretprobe" ? 1 : 0,
        symbol: attachment.function,
      });
    default:
      return attachTracing(program);
  }
}
