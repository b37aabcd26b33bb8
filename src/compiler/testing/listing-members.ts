/** Filters on what lies behind parameters: structs, open files, buffers. */
import type { ListingSample } from "./listing-sample.ts";
import { OpenFileMode, type SimulatedFile } from "./open-files.ts";
import { inet6Address, inetAddress, unixAddress, words } from "./structs.ts";

const connect = { call: "connect", nr: 42 };
const write = { call: "write", nr: 1 };
const LOCAL = { family: 2, state: 1, address: "7f000001" };
const OPEN_FILES: ReadonlyMap<number, SimulatedFile> = new Map<number, SimulatedFile>([
  [3, { name: "socket:[1]", mode: OpenFileMode.socket, socket: { ...LOCAL, port: 8080 } }],
  [4, { name: "socket:[2]", mode: OpenFileMode.socket, socket: { ...LOCAL, port: 8081 } }],
  [5, { name: "/tmp/x" }],
]);

export const MEMBER_SAMPLES: readonly ListingSample[] = [
  {
    ...connect,
    name: "member",
    filter: "PARAMS[2].sin_port == 443",
    denied: [[3, inetAddress("0a000001", 443), 16]],
    made: [
      [3, inetAddress("0a000001", 80), 16],
      [3, inetAddress("0a000001", 0xbb01), 16],
    ],
  },
  {
    call: "openat2",
    nr: 437,
    name: "member-wide",
    filter: "PARAMS[3].flags & O_CREAT",
    denied: [[-100, "/x", words([0o101, 0, 0]), 24]],
    made: [[-100, "/x", words([0o1, 0o100, 0o100]), 24]],
  },
  {
    call: "poll",
    nr: 7,
    name: "member-signed",
    filter: "PARAMS[1].events < 0",
    denied: [[words([0x8000n << 32n]), 1, 0]],
    made: [[words([(0x7fffn << 32n) | (0x8000n << 48n)]), 1, 0]],
  },
  {
    call: "fcntl",
    nr: 72,
    name: "member-by-command",
    filter: "PARAMS[3].l_type == F_WRLCK",
    denied: [
      [3, 6, words([1])],
      [3, 37, words([1])],
    ],
    made: [
      [3, 6, words([0])],
      [3, 4, words([1])],
      [3, 1030, 1],
    ],
  },
  {
    ...connect,
    name: "network",
    filter: "PARAMS[2].addr in 10.0.0.0/8",
    to: "undecided",
    denied: [
      [3, inetAddress("0aff0001", 80), 16],
      [3, inet6Address("00000000000000000000ffff0a000001", 80), 28],
    ],
    made: [
      [3, inetAddress("0b000001", 80), 16],
      [3, inet6Address("00000000000000000000ffff0b000001", 80), 28],
      [3, inet6Address("00000000000000000000fffe0a000001", 80), 28],
      [3, unixAddress("\n\n\n\n"), 110],
    ],
  },
  {
    ...connect,
    name: "network-ipv6",
    filter: "PARAMS[2].sin6_addr in fe80::/10",
    denied: [[3, inet6Address("febf0000000000000000000000000001", 80), 28]],
    made: [
      [3, inet6Address("fec00000000000000000000000000001", 80), 28],
      [3, inetAddress("fe800000", 80), 16],
    ],
  },
  {
    ...write,
    name: "descriptor-port",
    filter: "FD[1].port == 8080",
    files: OPEN_FILES,
    denied: [[3, "x", 1]],
    made: [
      [4, "x", 1],
      [5, "x", 1],
      [6, "x", 1],
    ],
  },
  {
    ...write,
    name: "descriptor-address",
    filter: "FD[1].addr in 127.0.0.0/8",
    files: OPEN_FILES,
    denied: [
      [3, "x", 1],
      [4, "x", 1],
    ],
    made: [
      [5, "x", 1],
      [6, "x", 1],
    ],
  },
  {
    ...connect,
    name: "networks",
    filter: "PARAMS[2].sin_addr in (10.0.0.0/8, 192.168.1.1)",
    denied: [
      [3, inetAddress("0a000001", 80), 16],
      [3, inetAddress("c0a80101", 80), 16],
    ],
    made: [[3, inetAddress("c0a80102", 80), 16]],
  },
  {
    ...connect,
    name: "member-text",
    filter: 'PARAMS[2].sun_path == "/x"',
    from: "area",
    to: "string_counted",
    denied: [[3, unixAddress("/x"), 110]],
    made: [
      [3, unixAddress("/xx"), 110],
      [3, unixAddress(""), 110],
    ],
  },
  {
    call: "write",
    nr: 1,
    name: "buffer",
    filter: 'PARAMS[2] startswith "key"',
    from: "area",
    to: "buffer_empty",
    denied: [
      [1, "key", 3],
      [1, "keys", 4],
    ],
    made: [
      [1, "key", 2],
      [1, "xkey", 4],
    ],
  },
  {
    call: "execve",
    nr: 59,
    name: "list",
    filter: 'ARGV[1] == "-x"',
    from: "list_take",
    to: "list_full",
    denied: [["/bin/x", { list: ["x", "-x"] }, 0]],
    made: [
      ["/bin/x", { list: ["x"] }, 0],
      ["/bin/x", { list: ["-x", "x"] }, 0],
    ],
  },
];
