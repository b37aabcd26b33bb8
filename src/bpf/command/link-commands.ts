/** Commands of bpf(2) that attach programs. The program stays attached until the descriptor and all pins are gone. */
import { Fd } from "../../sys/index.ts";
import { Attr } from "./attr.ts";

const RAW_TRACEPOINT = { name: 0, prog_fd: 8 } as const;
const LINK_CREATE = {
  prog_fd: 0,
  target_fd: 4,
  attach_type: 8,
  flags: 12,
  target_btf_id: 16,
} as const;

/**
 * BPF_RAW_TRACEPOINT_OPEN. Without a name the program knows its target from its load (fentry, fexit, fmod_ret,
 * lsm, tp_btf). Throws SyscallError: ENOENT, EINVAL, EBUSY. Since Linux 4.17, nameless 5.5.
 */
export function bpfRawTracepointOpen(program: Fd, name?: string): Fd {
  using attr = new Attr();
  attr.u32(RAW_TRACEPOINT.prog_fd, program.number);
  if (name !== undefined) attr.text(RAW_TRACEPOINT.name, name);
  const where = name === undefined ? "" : ` to tracepoint "${name}"`;
  return new Fd(attr.run("BPF_RAW_TRACEPOINT_OPEN", `attach program${where}`));
}

/**
 * BPF_LINK_CREATE. `targetFd` is a perf event for BPF_PERF_EVENT, absent for tracing and LSM programs.
 * Throws SyscallError: EINVAL, EBUSY, EOPNOTSUPP. Since Linux 5.7, perf events 5.15.
 */
export function bpfLinkCreate(program: Fd, attachType: number, targetFd?: Fd): Fd {
  using attr = new Attr();
  attr
    .u32(LINK_CREATE.prog_fd, program.number)
    .u32(LINK_CREATE.target_fd, targetFd?.number ?? 0)
    .u32(LINK_CREATE.attach_type, attachType);
  return new Fd(attr.run("BPF_LINK_CREATE", "attach program"));
}
