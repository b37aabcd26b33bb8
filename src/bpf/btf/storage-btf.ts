/** Key and value types that the kernel demands for local storage maps: an int, and a struct of N bytes. */
import { BtfWriter } from "./writer.ts";

export interface StorageBtf {
  readonly bytes: Uint8Array;
  readonly keyTypeId: number;
  readonly valueTypeId: number;
}

export function writeStorageBtf(valueSize: number): StorageBtf {
  const btf = new BtfWriter();
  const int = btf.int("int", 4, { isSigned: true });
  const byte = btf.int("unsigned char", 1);
  const bytes = btf.array(byte, int, valueSize);
  const value = btf.struct("sct_value", valueSize, [{ name: "bytes", type: bytes, bitOffset: 0 }]);
  return { bytes: btf.finish(), keyTypeId: int, valueTypeId: value };
}
