/** Numbers of a device as user space encodes them, makedev(3): 8 low and 24 high bits of the minor one around those of the major one. */
export function deviceNumbers(device: bigint): { readonly major: bigint; readonly minor: bigint } {
  return {
    major: ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n),
    minor: (device & 0xffn) | ((device >> 12n) & 0xffffff00n),
  };
}
