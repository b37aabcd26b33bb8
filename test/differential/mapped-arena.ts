/** An arena in the memory of this very process, which the kernel reads. */
import { check, EEXIST, kernel, NR, syscall } from "../../src/sys/index.ts";
import { Arena, NOWHERE_SIZE } from "./arena.ts";

const SIZE = 1 << 20;
const PROT_READ_WRITE = 3;
const MAP_PRIVATE_ANONYMOUS_32BIT = 0x62;
const PROT_NONE = 0;
/** Private, anonymous, no memory set aside, at this place or not at all (mmap(2)). */
const MAP_RESERVED_HERE = 0x10_4022;

export function mapArena(): Arena {
  // kept free of what the process maps later, its own heap too
  const nowhere = reserveNowhere();
  const address = check(
    syscall(NR.mmap, 0, SIZE, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS_32BIT, -1, 0),
    { call: "mmap" },
  );
  const bytes = new Uint8Array(kernel().view(address, SIZE));
  // every page is there: what counts as unreadable is only what was never mapped
  for (let at = 0; at < SIZE; at += 4096) bytes[at] = 0;
  return new Arena(address, bytes, nowhere);
}

/** The highest 256 MiB below 4 GiB of which nothing is mapped yet. */
function reserveNowhere(): number {
  for (let at = 2 ** 32 - NOWHERE_SIZE; at >= 2 ** 31; at -= NOWHERE_SIZE) {
    const result = syscall(NR.mmap, at, NOWHERE_SIZE, PROT_NONE, MAP_RESERVED_HERE, -1, 0);
    if (result !== -EEXIST) return check(result, { call: "mmap" });
  }
  throw new Error("no 256 MiB between 2 and 4 GiB are free");
}
