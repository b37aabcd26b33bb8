/** Asks the kernel which device and inode number it has for open files: see compiler/programs/inode.ts. */
import { type BpfMap, loadProgram, openMap, type Program } from "../../bpf/index.ts";
import { INODE_MAP, inodeProgram, type KernelFacts } from "../../compiler/index.ts";

export class InodeLookup {
  readonly #map: BpfMap;
  readonly #program: Program;

  /** Throws SyscallError. */
  constructor(facts: KernelFacts) {
    this.#map = openMap(INODE_MAP);
    try {
      this.#program = loadProgram(
        { name: "sct_inode", type: "raw_tracepoint", code: inodeProgram(facts) },
        { maps: new Map([[INODE_MAP.name, this.#map]]) },
      );
    } catch (error) {
      this.#map.close();
      throw error;
    }
  }

  /** The pair as programs compare it, 16 bytes; device 0 where there is none. Throws SyscallError. */
  pairOf(fd: number): Uint8Array {
    this.#program.testRun({ context: [BigInt(fd)] });
    return this.#map.lookup(0) ?? new Uint8Array(INODE_MAP.valueSize);
  }

  close(): void {
    this.#program.close();
    this.#map.close();
  }
}
