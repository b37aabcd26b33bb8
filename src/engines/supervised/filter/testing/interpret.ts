/** Runs a filter over a struct seccomp_data as the kernel does, for tests. */
import { DataOffset } from "../decision.ts";

export interface SeccompData {
  readonly nr: number;
  readonly arch: number;
  readonly args: readonly bigint[];
}

export function encodeSeccompData({ nr, arch, args }: SeccompData): DataView {
  const view = new DataView(new ArrayBuffer(DataOffset.size));
  view.setInt32(DataOffset.nr, nr, true);
  view.setUint32(DataOffset.arch, arch, true);
  for (const [i, arg] of args.entries())
    view.setBigUint64(DataOffset.args + i * 8, BigInt.asUintN(64, arg), true);
  return view;
}

/** The verdict; throws on what the kernel would not have loaded. */
export function runFilter(filter: Uint8Array, data: DataView): number {
  const code = new DataView(filter.buffer, filter.byteOffset, filter.byteLength);
  let a = 0;
  for (let at = 0; at < filter.length; at += 8) {
    const k = code.getUint32(at + 4, true);
    const branch = (holds: boolean): void => {
      at += 8 * code.getUint8(at + (holds ? 2 : 3));
    };
    switch (code.getUint16(at, true)) {
      case 0x20:
        a = data.getUint32(k, true);
        break;
      case 0x04:
        a = (a + k) >>> 0;
        break;
      case 0x54:
        a = (a & k) >>> 0;
        break;
      case 0x05:
        at += 8 * k;
        break;
      case 0x15:
        branch(a === k);
        break;
      case 0x25:
        branch(a > k);
        break;
      case 0x35:
        branch(a >= k);
        break;
      case 0x45:
        branch((a & k) !== 0);
        break;
      case 0x06:
        return k;
      default:
        throw new Error(`unknown instruction at ${at / 8}`);
    }
  }
  throw new Error("the filter ends without a verdict");
}
