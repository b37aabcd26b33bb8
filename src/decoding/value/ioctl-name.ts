/** Commands of ioctl(2) by name, or by the parts that the number is made of. */
import { findPrintedConstant, listPrintedConstantsOf } from "../../linux/index.ts";
import type { Decoding } from "../context.ts";
import { formatHex } from "./number.ts";

/** Headers with commands; of two names for a number the first counts. */
const HEADERS =
  `asm/ioctls.h linux/fs.h linux/fiemap.h linux/random.h linux/loop.h linux/input.h linux/uinput.h linux/kd.h
  linux/vt.h linux/sockios.h linux/if_tun.h linux/perf_event.h linux/kvm.h linux/vhost.h linux/userfaultfd.h linux/rtc.h
  linux/watchdog.h linux/nbd.h linux/hdreg.h linux/cdrom.h linux/dm-ioctl.h scsi/sg.h linux/btrfs.h linux/fscrypt.h
  linux/fsverity.h linux/nsfs.h linux/ptp_clock.h linux/vfio.h linux/dma-heap.h linux/dma-buf.h linux/i2c-dev.h
  linux/spi/spidev.h linux/gpio.h linux/inotify.h linux/ppp-ioctl.h linux/fd.h linux/fuse.h sound/asound.h drm/drm.h
  linux/videodev2.h linux/hiddev.h linux/hidraw.h linux/joystick.h linux/blkzoned.h linux/blktrace_api.h linux/blkpg.h
  linux/seccomp.h`.split(/\s+/);
/** Constants of those headers that are no commands. */
const OTHERS = /^(PERF_(?!EVENT_IOC)|FIEMAP_|LO_|IFF_|VT_(AUTO|PROCESS|ACKACQ|EVENT)|N_)/;
/** A number below has no type of a driver in it. */
const LEAST = 0x100;
let names: ReadonlyMap<number, string> | undefined;

function readNames(): ReadonlyMap<number, string> {
  const made = new Map<number, string>();
  for (const header of HEADERS) {
    for (const name of listPrintedConstantsOf(header)) {
      if (OTHERS.test(name)) continue;
      const value = Number(BigInt.asUintN(32, findPrintedConstant(name) ?? 0n));
      if (value >= LEAST && !made.has(value)) made.set(value, name);
    }
  }
  return made;
}

/** `TCGETS`; `_IOC(_IOC_READ, 0x54, 0x99, 0x4)` of a number that nothing names. */
export function showIoctl({ options }: Decoding, value: bigint): string {
  const number = Number(BigInt.asUintN(32, value));
  const text = formatHex(BigInt(number));
  if (options.constants === "raw") return text;
  names ??= readNames();
  const name = names.get(number) ?? formatParts(number);
  return options.constants === "verbose" ? `${text} /* ${name} */` : name;
}

const DIRECTIONS: readonly string[] = [
  "_IOC_NONE",
  "_IOC_WRITE",
  "_IOC_READ",
  "_IOC_READ|_IOC_WRITE",
];

function formatParts(number: number): string {
  const direction = DIRECTIONS[number >>> 30] ?? "";
  const parts = [(number >>> 8) & 0xff, number & 0xff, (number >>> 16) & 0x3fff];
  return `_IOC(${direction}, ${parts.map((part) => formatHex(BigInt(part))).join(", ")})`;
}
