/** Parameters by which a call takes the address of a socket, with the parameter that says how many bytes or messages there are. */
export interface AddressRow {
  readonly in: "sockaddr" | "msghdr" | "mmsghdr";
  readonly size?: string;
  /** A unix socket's file is made. */
  readonly creates?: boolean;
}

export const addresses: Readonly<Record<string, AddressRow>> = {
  "connect.uservaddr": { in: "sockaddr", size: "addrlen" },
  "bind.umyaddr": { in: "sockaddr", size: "addrlen", creates: true },
  "sendto.addr": { in: "sockaddr", size: "addr_len" },
  "sendmsg.msg": { in: "msghdr" },
  "sendmmsg.mmsg": { in: "mmsghdr", size: "vlen" },
};
