/** Meanings of numbers that follow from another parameter of the same call. */
import { table } from "../base/table.ts";
import { findConstant } from "./constants.ts";

export interface Dependence {
  /** Meaning of the parameter that decides. */
  readonly on: string;
  /** Meaning by the value of that one; undefined: a plain number. UNUSED: the call does not look at it. */
  choose(value: bigint): string | undefined;
}

export const UNUSED = "unused";

const tables = table<readonly [on: string, Readonly<Record<string, string>>]>({
  socket_protocol: [
    "address_family",
    {
      AF_INET: "ip_protocol",
      AF_INET6: "ip_protocol",
      AF_NETLINK: "netlink_protocol",
      AF_PACKET: "network_protocol",
    },
  ],
  sockopt_name: [
    "sockopt_level",
    {
      SOL_SOCKET: "socket_option",
      SOL_IP: "ip_option",
      SOL_IPV6: "ipv6_option",
      SOL_TCP: "tcp_option",
      SOL_UDP: "udp_option",
      SOL_PACKET: "packet_option",
      SOL_NETLINK: "netlink_option",
    },
  ],
  fcntl_arg: [
    "fcntl_cmd",
    {
      F_SETFD: "fd_flags",
      F_SETFL: "open_flags",
      F_SETSIG: "signal",
      F_ADD_SEALS: "seals",
      ...all("F_GETFD F_GETFL F_GETOWN F_GETSIG F_GETLEASE F_GETPIPE_SZ F_GET_SEALS", UNUSED),
      ...all("F_GETLK F_SETLK F_SETLKW F_OFD_GETLK F_OFD_SETLK F_OFD_SETLKW", "address"),
      ...all("F_GETOWN_EX F_SETOWN_EX F_GETOWNER_UIDS", "address"),
      ...all("F_GET_RW_HINT F_SET_RW_HINT F_GET_FILE_RW_HINT F_SET_FILE_RW_HINT", "address"),
    },
  ],
});

const known = new Map<string, Dependence | undefined>();

/** Undefined: the meaning is the parameter's own. */
export function dependenceOf(semantic: string): Dependence | undefined {
  if (!known.has(semantic)) known.set(semantic, makeDependence(semantic));
  return known.get(semantic);
}

function makeDependence(semantic: string): Dependence | undefined {
  const [on, names] = tables[semantic] ?? [];
  if (on === undefined || names === undefined) return undefined;
  const byValue = new Map(Object.entries(names).map(([name, set]) => [findConstant(name), set]));
  return { on, choose: (value) => byValue.get(value) };
}

function all(names: string, meaning: string): Record<string, string> {
  return Object.fromEntries(names.split(" ").map((name) => [name, meaning]));
}
