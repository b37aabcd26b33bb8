/**
 * Whether 32-bit programs run here. Symbols of the kernel say only that it was built with them: they can be switched off at
 * boot (`ia32_emulation=0`, Linux 6.7) or by the machine. So the smallest program that there is gets executed.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What the program ends with: a shell that tries to read it as a script ends with another one. */
const STATUS = 42;
const BASE = 0x08048000;

/** An ELF32 file (elf(5)) of one segment: `mov eax, 1; mov ebx, 42; int 0x80`, which is exit(42). */
function program(): Buffer {
  const code = Buffer.from([0xb8, 1, 0, 0, 0, 0xbb, STATUS, 0, 0, 0, 0xcd, 0x80]);
  const header = Buffer.alloc(52);
  header.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  const segment = Buffer.alloc(32);
  const size = header.length + segment.length + code.length;
  const halves: readonly (readonly [offset: number, value: number])[] = [
    [16, 2], // e_type: ET_EXEC
    [18, 3], // e_machine: EM_386
    [40, header.length], // e_ehsize
    [42, segment.length], // e_phentsize
    [44, 1], // e_phnum
  ];
  for (const [offset, value] of halves) header.writeUInt16LE(value, offset);
  header.writeUInt32LE(1, 20); // e_version
  header.writeUInt32LE(BASE + header.length + segment.length, 24); // e_entry
  header.writeUInt32LE(header.length, 28); // e_phoff
  // p_type PT_LOAD, p_offset, p_vaddr, p_paddr, p_filesz, p_memsz, p_flags R+X, p_align
  [1, 0, BASE, BASE, size, size, 5, 0x1000].forEach((value, i) => {
    segment.writeUInt32LE(value, 4 * i);
  });
  return Buffer.concat([header, segment, code]);
}

export function runs32Bit(): boolean {
  const directory = mkdtempSync(join(tmpdir(), "sct-doctor-"));
  try {
    const file = join(directory, "exit-42");
    writeFileSync(file, program(), { mode: 0o700 });
    return spawnSync(file, { stdio: "ignore", timeout: 10_000 }).status === STATUS;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
