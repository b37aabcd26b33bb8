/** Which addresses are public: names of policies lead nowhere else, unless an entry allows the address itself. */
import { BlockList, isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";

/** IANA's registry of special addresses, what clouds answer metadata on, and multicast. */
const SPECIAL_IPV4: readonly [address: string, prefix: number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["168.63.129.16", 32], // of Azure, for its guests
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];
/** Of 2000::/3, which is all that is public. */
const SPECIAL_IPV6: readonly [address: string, prefix: number][] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["3fff::", 20],
];

const special = new BlockList();
for (const [address, prefix] of SPECIAL_IPV4) special.addSubnet(address, prefix, "ipv4");
for (const [address, prefix] of SPECIAL_IPV6) special.addSubnet(address, prefix, "ipv6");
const global = new BlockList();
global.addSubnet("2000::", 3, "ipv6");

/** By which an address of IPv4 stands in one of IPv6, and at which of its eight parts. */
const EMBEDDING: readonly [prefix: readonly number[], at: number][] = [
  [[0, 0, 0, 0, 0, 0xffff], 6], // ::ffff:0:0/96
  [[0x64, 0xff9b, 0, 0, 0, 0], 6], // NAT64
  [[0x2002], 1], // 6to4
];

/** Whether everybody reaches the same host by it: not this machine, and nothing near it. */
export function isPublic(address: string): boolean {
  const inner = isIPv4(address) ? address : embedded(partsOf(address));
  if (inner !== undefined) return !special.check(inner, "ipv4") && !isOwn(inner, address);
  return global.check(address, "ipv6") && !special.check(address, "ipv6") && !isOwn(address);
}

/** They change while a machine runs. */
function isOwn(...addresses: readonly string[]): boolean {
  return Object.values(networkInterfaces()).some((list) =>
    list?.some(({ address }) => addresses.includes(address)),
  );
}

function embedded(parts: readonly number[]): string | undefined {
  for (const [prefix, at] of EMBEDDING)
    if (prefix.every((part, i) => parts[i] === part))
      return [parts[at] ?? 0, parts[at + 1] ?? 0]
        .flatMap((part) => [part >> 8, part & 255])
        .join(".");
  return undefined;
}

/** The eight numbers of an address of IPv6 in any form but with dots. */
function partsOf(address: string): readonly number[] {
  const [front = "", back] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const numbers = (text: string): number[] =>
    text === "" ? [] : text.split(":").map((part) => Number.parseInt(part, 16));
  const first = numbers(front);
  const last = numbers(back ?? "");
  return [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
}
