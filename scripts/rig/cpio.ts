// Writer for the "newc" cpio format, the one the kernel unpacks as an initramfs
// (Documentation/driver-api/early-userspace/buffer-format.rst). Per entry: a header of "070701" and
// thirteen 8-digit hexadecimal fields, the name with its NUL, the data; name and data end on 4 bytes.

interface Owned {
  readonly name: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

export type CpioEntry = Owned &
  (
    | { readonly kind: "directory" }
    | { readonly kind: "file"; readonly data: Uint8Array | string }
    | { readonly kind: "symlink"; readonly target: string }
    | { readonly kind: "character-device"; readonly major: number; readonly minor: number }
  );

const TYPE_BITS = {
  directory: 0o040000,
  file: 0o100000,
  symlink: 0o120000,
  "character-device": 0o020000,
} as const;

const DEFAULT_MODE = {
  directory: 0o755,
  file: 0o644,
  symlink: 0o777,
  "character-device": 0o600,
} as const;

/** The archive of the entries, in their order: parents must come before what is in them. */
export function writeCpio(entries: readonly CpioEntry[]): Buffer {
  // Numbered from 1: files of one number would be hard links.
  const members = entries.flatMap((entry, index) => writeMember(entry, index + 1));
  return Buffer.concat([
    ...members,
    ...writeMember({ kind: "file", name: "TRAILER!!!", data: "" }, 0),
  ]);
}

function writeMember(entry: CpioEntry, inode: number): Buffer[] {
  const name = Buffer.from(`${entry.name}\0`);
  const data = contents(entry);
  const device = entry.kind === "character-device" ? entry : { major: 0, minor: 0 };
  const fields = {
    ino: inode,
    mode: TYPE_BITS[entry.kind] | (entry.mode ?? DEFAULT_MODE[entry.kind]),
    uid: entry.uid ?? 0,
    gid: entry.gid ?? 0,
    nlink: entry.kind === "directory" ? 2 : 1,
    mtime: 0,
    filesize: data.length,
    devmajor: 0,
    devminor: 0,
    rdevmajor: device.major,
    rdevminor: device.minor,
    namesize: name.length,
    check: 0,
  };
  const digits = Object.values(fields).map((field) => field.toString(16).padStart(8, "0"));
  const header = Buffer.from(`070701${digits.join("")}`);
  return [header, name, padding(header.length + name.length), data, padding(data.length)];
}

function contents(entry: CpioEntry): Buffer {
  if (entry.kind === "file") return Buffer.from(entry.data);
  if (entry.kind === "symlink") return Buffer.from(entry.target);
  return Buffer.alloc(0);
}

function padding(length: number): Buffer {
  return Buffer.alloc(-length & 3);
}
