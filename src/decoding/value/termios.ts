/** Settings of terminals. */
import type { Decoding } from "../context.ts";
import type { Show } from "../piece.ts";
import { pointerTo, readNumber } from "./form.ts";
import { formatHex } from "./number.ts";
import { showChoice, showFlags } from "./symbol.ts";

const showInput = showFlags(
  `IGNBRK BRKINT IGNPAR PARMRK INPCK ISTRIP INLCR IGNCR ICRNL IUCLC IXON IXANY IXOFF IMAXBEL IUTF8`,
  "",
  { isBlank: true },
);
const showLocal = showFlags(
  `ISIG ICANON XCASE ECHO ECHOE ECHOK ECHONL NOFLSH TOSTOP ECHOCTL ECHOPRT ECHOKE FLUSHO PENDIN IEXTEN EXTPROC`,
  "",
  { isBlank: true },
);
const showOutput = showFlags("OPOST OLCUC ONLCR OCRNL ONOCR ONLRET OFILL OFDEL", "", {
  isBlank: true,
});
const showControl = showFlags("CSTOPB CREAD PARENB PARODD HUPCL CLOCAL CMSPAR CRTSCTS", "", {
  isBlank: true,
});
const showSize = showChoice("CS5 CS6 CS7 CS8", "CS?");
const showBaud = showChoice(
  `B0 B50 B75 B110 B134 B150 B200 B300 B600 B1200 B1800 B2400 B4800 B9600 B19200 B38400 BOTHER B57600 B115200 B230400
  B460800 B500000 B576000 B921600 B1000000 B1152000 B1500000 B2000000 B2500000 B3000000 B3500000 B4000000`,
  "B???",
);
const showLine = showChoice("N_TTY N_SLIP N_MOUSE N_PPP N_STRIP N_AX25 N_X25 N_6PACK", "N_???");

/** Delays: some bits are one of several names. */
const DELAYS: readonly (readonly [mask: bigint, show: Show])[] = [
  [0o400n, showChoice("NL0 NL1", "NL?")],
  [0o3000n, showChoice("CR0 CR1 CR2 CR3", "CR?")],
  [0o14000n, showChoice("TAB0 TAB1 TAB2 TAB3", "TAB?")],
  [0o20000n, showChoice("BS0 BS1", "BS?")],
  [0o40000n, showChoice("VT0 VT1", "VT?")],
  [0o100000n, showChoice("FF0 FF1", "FF?")],
];
const BAUD = 0o10017n;
const INPUT_BAUD = 0o2003600000n;
const INPUT_SHIFT = 16n;
const SIZE = 0o60n;
const INDEX_NAMES: readonly string[] =
  `VINTR VQUIT VERASE VKILL VEOF VTIME VMIN VSWTC VSTART VSTOP VSUSP VEOL VREPRINT
  VDISCARD VWERASE VLNEXT VEOL2`.split(/\s+/);
function formatOutput(call: Decoding, flags: bigint): string {
  let rest = flags;
  const texts = DELAYS.map(([mask, show]) => {
    const text = show(call, rest & mask);
    rest &= ~mask;
    return text;
  });
  return `${texts.join("|")}|${showOutput(call, rest)}`;
}

function formatControl(call: Decoding, flags: bigint): string {
  const parts = [showBaud(call, flags & BAUD)];
  const inputBaud = (flags & INPUT_BAUD) >> INPUT_SHIFT;
  if (inputBaud !== 0n) parts.push(`${showBaud(call, inputBaud)}<<IBSHIFT`);
  parts.push(showSize(call, flags & SIZE));
  const rest = flags & ~(BAUD | INPUT_BAUD | SIZE);
  return `${parts.join("|")}|${showControl(call, rest)}`;
}

function formatTermios(call: Decoding, bytes: Uint8Array, isSecond: boolean): string {
  const [input = 0n, out = 0n, control = 0n, local = 0n] = [0, 4, 8, 12].map((at) =>
    readNumber(bytes, at, 4),
  );
  const flags = [
    `c_iflag=${showInput(call, input)}`,
    `c_oflag=${formatOutput(call, out)}`,
    `c_cflag=${formatControl(call, control)}`,
    `c_lflag=${showLocal(call, local)}`,
  ].join(", ");
  if (call.options.abbreviate) return `{${flags}, ...}`;
  const characters = [...bytes.subarray(17, 36)].map(
    (byte, i) => `[${INDEX_NAMES[i] ?? i}]=${formatHex(BigInt(byte))}`,
  );
  const speeds = isSecond
    ? `, c_ispeed=${readNumber(bytes, 36, 4)}, c_ospeed=${readNumber(bytes, 40, 4)}`
    : "";
  return `{${flags}, c_line=${showLine(call, BigInt(bytes[16] ?? 0))}, c_cc=[${characters.join(", ")}]${speeds}}`;
}

export const showTermios = pointerTo({
  size: () => 36,
  format: (call, bytes) => formatTermios(call, bytes, false),
});
export const showTermios2 = pointerTo({
  size: () => 44,
  format: (call, bytes) => formatTermios(call, bytes, true),
});
