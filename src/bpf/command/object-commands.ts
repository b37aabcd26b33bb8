/** Commands of bpf(2) that work on any object: pins in bpffs, information, type information. */
import { ENOENT, Fd, Memory } from "../../sys/index.ts";
import { Attr, bpfError } from "./attr.ts";

const OBJ = { pathname: 0, bpf_fd: 8, file_flags: 12 } as const;
const INFO = { bpf_fd: 0, info_len: 4, info: 8 } as const;
const ID = { id: 0, next_id: 4 } as const;
const BTF_LOAD = { btf: 0, btf_size: 16 } as const;

/** BPF_OBJ_PIN: keeps the object alive under a path in bpffs. Throws SyscallError: EPERM, EINVAL, EEXIST. Since Linux 4.4. */
export function bpfObjPin(object: Fd, path: string): void {
  using attr = new Attr();
  attr.text(OBJ.pathname, path).u32(OBJ.bpf_fd, object.number);
  attr.run("BPF_OBJ_PIN", `pin at ${path}`);
}

/** BPF_OBJ_GET: opens a pinned object. Throws SyscallError: ENOENT, EACCES, EPERM. Since Linux 4.4. */
export function bpfObjGet(path: string): Fd {
  using attr = new Attr();
  return new Fd(attr.text(OBJ.pathname, path).run("BPF_OBJ_GET", `open pin ${path}`));
}

/**
 * BPF_OBJ_GET_INFO_BY_FD: up to `sizeBytes` of struct bpf_prog_info, bpf_map_info or bpf_link_info. Older
 * kernels fill less; the rest is zero. Since Linux 4.13.
 */
export function bpfObjGetInfoByFd(object: Fd, sizeBytes: number): DataView {
  using info = Memory.allocate(sizeBytes);
  using attr = new Attr();
  attr.u32(INFO.bpf_fd, object.number).u32(INFO.info_len, sizeBytes).pointer(INFO.info, info);
  attr.run("BPF_OBJ_GET_INFO_BY_FD", "get information on object");
  return new DataView(info.bytes.slice().buffer);
}

/** Offsets in struct bpf_prog_info. */
const PROGRAM_MAPS = { nr_map_ids: 52, map_ids: 56, end: 64 } as const;
/** MAX_USED_MAPS of the kernel. */
const MOST_MAPS = 64;

/** BPF_OBJ_GET_INFO_BY_FD of a program: ids of the maps that it uses. Since Linux 4.15. */
export function bpfProgMapIds(program: Fd): number[] {
  using ids = Memory.allocate(MOST_MAPS * 4);
  using info = Memory.allocate(PROGRAM_MAPS.end);
  info.view.setUint32(PROGRAM_MAPS.nr_map_ids, MOST_MAPS, true);
  info.view.setBigUint64(PROGRAM_MAPS.map_ids, BigInt(ids.address), true);
  using attr = new Attr();
  attr.u32(INFO.bpf_fd, program.number).u32(INFO.info_len, info.size).pointer(INFO.info, info);
  attr.run("BPF_OBJ_GET_INFO_BY_FD", "get the maps of a program");
  const count = info.view.getUint32(PROGRAM_MAPS.nr_map_ids, true);
  return Array.from({ length: Math.min(count, MOST_MAPS) }, (_, i) =>
    ids.view.getUint32(i * 4, true),
  );
}

/** BPF_BTF_LOAD: gives type information to the kernel. Throws SyscallError: EINVAL, EPERM. Since Linux 4.18. */
export function bpfBtfLoad(btf: Uint8Array): Fd {
  using attr = new Attr();
  attr.bytes(BTF_LOAD.btf, btf).u32(BTF_LOAD.btf_size, btf.length);
  return new Fd(attr.run("BPF_BTF_LOAD", "load type information"));
}

/** BPF_MAP_GET_NEXT_ID: the smallest id of a map above `id`; undefined at the end. Needs CAP_SYS_ADMIN. Since Linux 4.13. */
export function bpfMapGetNextId(id: number): number | undefined {
  using attr = new Attr();
  const result = attr.u32(ID.id, id).try("BPF_MAP_GET_NEXT_ID");
  if (result === -ENOENT) return undefined;
  if (result < 0) throw bpfError("BPF_MAP_GET_NEXT_ID", -result, "list maps");
  return attr.getU32(ID.next_id);
}

/** BPF_MAP_GET_FD_BY_ID: opens a map; undefined if it is gone. Needs CAP_SYS_ADMIN. Since Linux 4.13. */
export function bpfMapGetFdById(id: number): Fd | undefined {
  using attr = new Attr();
  const result = attr.u32(ID.id, id).try("BPF_MAP_GET_FD_BY_ID");
  if (result === -ENOENT) return undefined;
  if (result < 0) throw bpfError("BPF_MAP_GET_FD_BY_ID", -result, "open map");
  return new Fd(result);
}
