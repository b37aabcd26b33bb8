/** Modes with the kind of file, and numbers of devices. */
import { deviceNumbers } from "../../base/device-number.ts";
import type { Show } from "../piece.ts";
import { formatHex, formatOctal } from "./number.ts";

const KIND = 0o170000;
const kinds: ReadonlyMap<number, string> = new Map([
  [0o140000, "S_IFSOCK"],
  [0o120000, "S_IFLNK"],
  [0o100000, "S_IFREG"],
  [0o060000, "S_IFBLK"],
  [0o040000, "S_IFDIR"],
  [0o020000, "S_IFCHR"],
  [0o010000, "S_IFIFO"],
]);
const SPECIAL_BITS: readonly (readonly [number, string])[] = [
  [0o4000, "S_ISUID"],
  [0o2000, "S_ISGID"],
  [0o1000, "S_ISVTX"],
];

/** `S_IFREG|S_ISUID|0755`. */
export const showFileMode: Show = ({ options }, value) => {
  const mode = Number(BigInt.asUintN(32, value));
  const kind = kinds.get(mode & KIND);
  const isPlain = (kind === undefined && (mode & KIND) !== 0) || options.constants === "raw";
  if (isPlain) return formatOctal(BigInt(mode));
  const names = kind === undefined ? [] : [kind];
  for (const [bit, name] of SPECIAL_BITS) if ((mode & bit) !== 0) names.push(name);
  const rest = mode & ~(KIND | 0o7000);
  const text = [...names, formatOctal(BigInt(rest))].join("|");
  return options.constants === "verbose" ? `${formatOctal(BigInt(mode))} /* ${text} */` : text;
};

/** `makedev(0x8, 0x1)` */
export const showDevice: Show = ({ options }, value) => {
  const { major, minor } = deviceNumbers(value);
  const text = `makedev(${formatHex(major)}, ${formatHex(minor)})`;
  if (options.constants === "abbrev") return text;
  return options.constants === "raw" ? formatHex(value) : `${formatHex(value)} /* ${text} */`;
};
