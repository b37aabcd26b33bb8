/**
 * ioctl(2): what the argument points to. Numbers are commands whose names are not among the constants; those with a size in
 * them differ between ABIs where the struct does.
 */
import type { TypesBy } from "../call/row.ts";

const arg = (struct: string) => ({ arg: `struct:${struct}` });

export const ioctlTypes: TypesBy = {
  by: ["cmd"],
  cases: {
    // terminals; the last four: TCGETS2, TCSETS2, TCSETSW2, TCSETSF2
    "TIOCGWINSZ|TIOCSWINSZ": arg("winsize"),
    "TCGETS|TCSETS|TCSETSW|TCSETSF|TIOCGLCKTRMIOS|TIOCSLCKTRMIOS": arg("termios"),
    "0x802c542a|0x402c542b|0x402c542c|0x402c542d": arg("termios2"),
    [`TIOCGPGRP|TIOCSPGRP|TIOCGSID|TIOCOUTQ|TIOCMGET|TIOCMBIS|TIOCMBIC|TIOCMSET|TIOCSETD|TIOCGETD
      |TIOCPKT|TIOCGPKT|TIOCGPTN|TIOCSPTLCK|TIOCGPTLCK|TIOCGEXCL|TIOCGSOFTCAR|TIOCSSOFTCAR`]:
      arg("s32"),

    // any descriptor
    "FIONREAD|FIONBIO|FIOASYNC|SIOCATMARK|SIOCSPGRP|SIOCGPGRP": arg("s32"),

    // network devices; the last two: TUNSETIFF, TUNGETIFF
    [`SIOCGIFNAME|SIOCGIFFLAGS|SIOCSIFFLAGS|SIOCGIFADDR|SIOCSIFADDR|SIOCGIFDSTADDR|SIOCSIFDSTADDR
      |SIOCGIFBRDADDR|SIOCSIFBRDADDR|SIOCGIFNETMASK|SIOCSIFNETMASK|SIOCGIFMETRIC|SIOCSIFMETRIC
      |SIOCGIFMTU|SIOCSIFMTU|SIOCSIFNAME|SIOCSIFHWADDR|SIOCGIFHWADDR|SIOCADDMULTI|SIOCDELMULTI
      |SIOCGIFINDEX|SIOCGIFTXQLEN|SIOCSIFTXQLEN|SIOCETHTOOL|SIOCBONDENSLAVE|SIOCBONDRELEASE
      |SIOCBRADDIF|SIOCBRDELIF|0x400454ca|0x800454d2`]: arg("ifreq"),
    SIOCGIFCONF: arg("ifconf"),

    // files: FS_IOC_FIEMAP, FIDEDUPERANGE, FITRIM
    "0xc020660b": arg("fiemap"),
    FICLONERANGE: arg("file_clone_range"),
    "0xc0189436": arg("file_dedupe_range"),
    "0xc0185879": arg("fstrim_range"),
    "FS_IOC_GETFLAGS|FS_IOC_SETFLAGS|FS_IOC32_GETFLAGS|FS_IOC32_SETFLAGS": arg("s32"),
    "FS_IOC_GETVERSION|FS_IOC_SETVERSION|FS_IOC32_GETVERSION|FS_IOC32_SETVERSION": arg("s32"),
    "FS_IOC_FSGETXATTR|FS_IOC_FSSETXATTR": arg("fsxattr"),

    // block devices
    "BLKGETSIZE64|BLKGETDISKSEQ": arg("u64"),
    "BLKROSET|BLKROGET|BLKSSZGET|BLKROTATIONAL": arg("s32"),
    "BLKDISCARD|BLKSECDISCARD|BLKZEROOUT": arg("blk_range"),
    "LOOP_SET_STATUS64|LOOP_GET_STATUS64": arg("loop_info64"),
    LOOP_CONFIGURE: arg("loop_config"),

    // UFFDIO_API, RTC_RD_TIME, RTC_SET_TIME
    "0xc018aa3f": arg("uffdio_api"),
    "0x80247009|0x4024700a": arg("rtc_time"),
  },
};
