/** Machine code with its source, as tables: what the files of this folder run without a stack or a libc. */

/** Instructions one after another; what `as` makes of the source is what a test compares. */
export type MachineCode = readonly (readonly [bytes: string, source: string])[];

export function bytesOf(code: MachineCode): Uint8Array {
  return Uint8Array.from(
    code.flatMap(([bytes]) => bytes.split(" ").map((byte) => Number.parseInt(byte, 16))),
  );
}
