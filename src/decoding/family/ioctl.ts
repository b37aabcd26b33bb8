/** ioctl(2) by command: terminals, sockets, block devices, files. A command without a row shows its number in hex. */
import { byCommand, type CommandRows } from "../command.ts";
import { type DecodingFamily, input, output, type Piece, type Show } from "../piece.ts";
import { showFd } from "../value/descriptor.ts";
import { numberForm, pointerTo, pointerToNumber } from "../value/form.ts";
import { showIoctl } from "../value/ioctl-name.ts";
import { formatHex, showHex, showInt, showS64, showU64, showUint } from "../value/number.ts";
import { showStruct } from "../value/struct.ts";
import { showChoice, showFlags } from "../value/symbol.ts";
import { showTermios, showTermios2 } from "../value/termios.ts";
import { formatBuffer } from "../value/text.ts";
import { interfaceRows } from "./interfaces.ts";

const gives = (show: Show): Piece => ({ ...output(show), separator: "late" });
const takes = input;

const intBehind = pointerToNumber(numberForm(4, showInt, true));
const uintBehind = pointerToNumber(numberForm(4, showUint));
const shortBehind = pointerToNumber(numberForm(2, showUint));
const wideBehind = pointerToNumber(numberForm(8, showU64));
const longBehind = pointerToNumber(numberForm("word", showS64, true));
const ulongBehind = pointerToNumber(numberForm("word", showU64));
const winsize = showStruct("winsize", "ws_row ws_col ws_xpixel ws_ypixel");
const modem = pointerToNumber(
  numberForm(
    4,
    showFlags(
      `TIOCM_LE TIOCM_DTR TIOCM_RTS TIOCM_ST TIOCM_SR TIOCM_CTS TIOCM_CAR TIOCM_RNG TIOCM_DSR TIOCM_OUT1 TIOCM_OUT2
      TIOCM_LOOP`,
      "TIOCM_???",
    ),
  ),
);
const fileFlags = pointerToNumber(
  numberForm(
    4,
    showFlags(
      `FS_SECRM_FL FS_UNRM_FL FS_COMPR_FL FS_SYNC_FL FS_IMMUTABLE_FL FS_APPEND_FL FS_NODUMP_FL FS_NOATIME_FL FS_DIRTY_FL
      FS_COMPRBLK_FL FS_NOCOMP_FL FS_ENCRYPT_FL FS_INDEX_FL FS_IMAGIC_FL FS_JOURNAL_DATA_FL FS_NOTAIL_FL
      FS_DIRSYNC_FL FS_TOPDIR_FL FS_HUGE_FILE_FL FS_EXTENT_FL FS_VERITY_FL FS_EA_INODE_FL FS_EOFBLOCKS_FL
      FS_NOCOW_FL FS_DAX_FL FS_INLINE_DATA_FL FS_PROJINHERIT_FL FS_CASEFOLD_FL`,
      "FS_???_FL",
    ),
  ),
);
const range: Show = pointerTo({
  size: () => 16,
  format(call, bytes) {
    const number = numberForm(8, showU64);
    return `[${number.format(call, bytes)}, ${number.format(call, bytes.subarray(8))}]`;
  },
});
const cloneRange = showStruct(
  "file_clone_range",
  "src_fd:fd src_offset:u64 src_length:u64 dest_offset:u64",
);
const trimRange = showStruct("fstrim_range", "start:hex64 len:hex64 minlen:hex64");
const loopInfo64 = showStruct(
  "loop_info64",
  `lo_device:device lo_inode lo_rdevice:device lo_offset:hex64 lo_sizelimit lo_number lo_encrypt_type lo_flags
  lo_file_name | lo_crypt_name`,
  {
    lo_encrypt_type: showChoice("LO_CRYPT_NONE LO_CRYPT_XOR LO_CRYPT_DES", "LO_CRYPT_???"),
    lo_flags: showFlags(
      "LO_FLAGS_READ_ONLY LO_FLAGS_AUTOCLEAR LO_FLAGS_PARTSCAN LO_FLAGS_DIRECT_IO",
      "LO_FLAGS_???",
    ),
  },
);
const clockTime = showStruct(
  "rtc_time",
  "tm_sec tm_min tm_hour tm_mday tm_mon tm_year | tm_wday tm_yday tm_isdst",
);
const oneByte: Show = (call, value) => formatBuffer(call, value, 1n);

const terminals: CommandRows = {
  "TCGETS TIOCGLCKTRMIOS": { pieces: [gives(showTermios)] },
  "TCSETS TCSETSW TCSETSF TIOCSLCKTRMIOS": { pieces: [takes(showTermios)] },
  TCGETS2: { pieces: [gives(showTermios2)] },
  "TCSETS2 TCSETSW2 TCSETSF2": { pieces: [takes(showTermios2)] },
  TIOCGWINSZ: { pieces: [gives(winsize)] },
  TIOCSWINSZ: { pieces: [takes(winsize)] },
  TCXONC: { pieces: [takes(showChoice("TCOOFF TCOON TCIOFF TCION", "TC???"))] },
  TCFLSH: { pieces: [takes(showChoice("TCIFLUSH TCOFLUSH TCIOFLUSH", "TC???"))] },
  "TCSBRK TCSBRKP TIOCSCTTY": { pieces: [takes(showInt)] },
  TIOCMGET: { pieces: [gives(modem)] },
  "TIOCMBIS TIOCMBIC TIOCMSET": { pieces: [takes(modem)] },
  "TIOCGPGRP TIOCGSID TIOCGETD TIOCGSOFTCAR TIOCGPTN FIONREAD TIOCOUTQ TIOCGEXCL TIOCGDEV": {
    pieces: [gives(intBehind)],
  },
  "TIOCSPGRP TIOCSETD FIONBIO FIOASYNC TIOCPKT TIOCSSOFTCAR TIOCSPTLCK": {
    pieces: [takes(intBehind)],
  },
  TIOCSTI: { pieces: [takes(oneByte)] },
  "TIOCSBRK TIOCCBRK TIOCCONS TIOCNOTTY TIOCEXCL TIOCNXCL FIOCLEX FIONCLEX TIOCVHANGUP TIOCSSERIAL":
    { pieces: [] },
};

const files: CommandRows = {
  "BLKRASET BLKFRASET": { pieces: [takes(showUint)] },
  "BLKSECTGET BLKROTATIONAL": { pieces: [gives(shortBehind)] },
  "BLKROGET BLKBSZGET BLKSSZGET BLKALIGNOFF": { pieces: [gives(intBehind)] },
  "BLKROSET BLKBSZSET": { pieces: [takes(intBehind)] },
  "BLKPBSZGET BLKIOMIN BLKIOOPT BLKDISCARDZEROES BLKGETZONESZ BLKGETNRZONES": {
    pieces: [gives(uintBehind)],
  },
  "BLKRAGET BLKFRAGET": { pieces: [gives(longBehind)] },
  BLKGETSIZE: { pieces: [gives(ulongBehind)] },
  "BLKGETSIZE64 BLKGETDISKSEQ": { pieces: [gives(wideBehind)] },
  "BLKDISCARD BLKSECDISCARD BLKZEROOUT": { pieces: [takes(range)] },
  "BLKRRPART BLKFLSBUF BLKTRACESTART BLKTRACESTOP BLKTRACETEARDOWN": { pieces: [] },
  "FS_IOC_GETFLAGS FS_IOC32_GETFLAGS": { pieces: [gives(fileFlags)] },
  "FS_IOC_SETFLAGS FS_IOC32_SETFLAGS": { pieces: [takes(fileFlags)] },
  FICLONE: { pieces: [takes(showFd)] },
  FICLONERANGE: { pieces: [takes(cloneRange)] },
  FITRIM: { pieces: [takes(trimRange)] },
  "FIFREEZE FITHAW": { pieces: [] },
  "LOOP_SET_FD LOOP_CHANGE_FD": { pieces: [takes(showFd)] },
  LOOP_GET_STATUS64: { pieces: [gives(loopInfo64)] },
  LOOP_SET_STATUS64: { pieces: [takes(loopInfo64)] },
  "LOOP_CLR_FD LOOP_SET_CAPACITY LOOP_CTL_GET_FREE": { pieces: [] },
  "LOOP_CTL_ADD LOOP_CTL_REMOVE": { pieces: [takes(showInt)] },
  RTC_RD_TIME: { pieces: [gives(clockTime)] },
  RTC_SET_TIME: { pieces: [takes(clockTime)] },
  RNDGETENTCNT: { pieces: [gives(intBehind)] },
  RNDADDTOENTCNT: { pieces: [takes(intBehind)] },
  "RNDZAPENTCNT RNDCLEARPOOL RNDRESEEDCRNG": { pieces: [] },
};

const devices: CommandRows = {
  "EVIOCGVERSION EVIOCGEFFECTS": {
    pieces: [gives(pointerToNumber(numberForm(4, (_, v) => formatHex(v))))],
  },
  EVIOCGRAB: { pieces: [takes(showUint)] },
  "KVM_GET_API_VERSION KVM_GET_VCPU_MMAP_SIZE KVM_RUN": { pieces: [takes(showHex)] },
  KVM_CREATE_VM: { pieces: [takes(showHex)], result: showFd },
  KVM_CREATE_VCPU: { pieces: [takes(showUint)], result: showFd },
  "PERF_EVENT_IOC_ENABLE PERF_EVENT_IOC_DISABLE PERF_EVENT_IOC_RESET": {
    pieces: [takes(showFlags("PERF_IOC_FLAG_GROUP", "PERF_IOC_FLAG_???"))],
  },
  PERF_EVENT_IOC_REFRESH: { pieces: [takes(showInt)] },
  PERF_EVENT_IOC_PERIOD: { pieces: [takes(wideBehind)] },
  PERF_EVENT_IOC_ID: { pieces: [gives(wideBehind)] },
  "PERF_EVENT_IOC_SET_OUTPUT PERF_EVENT_IOC_SET_BPF": { pieces: [takes(showFd)] },
  PERF_EVENT_IOC_PAUSE_OUTPUT: { pieces: [takes(showUint)] },
  "NS_GET_USERNS NS_GET_PARENT": { pieces: [], result: showFd },
  UFFDIO_WAKE: { pieces: [takes(showHex)] },
};

const head: readonly Piece[] = [input(showFd), input(showIoctl)];

export const ioctlDecoding: DecodingFamily = {
  ioctl: byCommand(
    1,
    head,
    { ...terminals, ...files, ...devices, ...interfaceRows },
    { pieces: [input(showHex)] },
  ),
};
