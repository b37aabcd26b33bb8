import assert from "node:assert/strict";
import { test } from "node:test";
import { printCall, u32, u64 } from "./testing.ts";

const CONNECT = 42;
const ACCEPT4 = 288;
const SENDMSG = 46;
const RECVMSG = 47;
const loopback = Uint8Array.of(2, 0, 0, 80, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);

function expectAddress(bytes: Uint8Array, text: string): void {
  const args = [3, 0x1000, bytes.length];
  const line = printCall({ nr: CONNECT, args, ret: 0, memory: { 4096: bytes } });
  assert.equal(line, `connect(3, ${text}, ${bytes.length}) = 0`);
}

test("sockaddr: families in their own words, others as data", () => {
  expectAddress(
    loopback,
    '{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}',
  );
  const v6 = new Uint8Array(28);
  v6.set([10, 0, 0x1f, 0x90]);
  v6[23] = 1;
  expectAddress(
    v6,
    '{sa_family=AF_INET6, sin6_port=htons(8080), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=0}',
  );
  expectAddress(Uint8Array.of(1, 0, 47, 97, 0), '{sa_family=AF_UNIX, sun_path="/a"}');
  expectAddress(Uint8Array.of(1, 0, 0, 97), '{sa_family=AF_UNIX, sun_path=@"a"}');
  expectAddress(
    Uint8Array.of(16, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0),
    "{sa_family=AF_NETLINK, nl_pid=7, nl_groups=0x000001}",
  );
  expectAddress(Uint8Array.of(2, 0, 1, 2), '{sa_family=AF_INET, sa_data="\\1\\2"}');
  expectAddress(Uint8Array.of(99, 0), "{sa_family=0x63 /* AF_??? */}");
});

test("accept4: the address as long as it is, with the room there was", () => {
  const line = printCall({
    nr: ACCEPT4,
    args: [3, 0x1000, 0x2000, 0x80000],
    ret: 4,
    memory: { 8192: u32(128) },
    after: { 4096: loopback, 8192: u32(16) },
  });
  assert.equal(
    line,
    'accept4(3, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("127.0.0.1")}, [128 => 16], SOCK_CLOEXEC) = 4',
  );
  const failed = printCall({
    nr: ACCEPT4,
    args: [3, 0x1000, 0x2000, 0],
    ret: -11,
    memory: { 8192: u32(16) },
  });
  assert.equal(
    failed,
    "accept4(3, 0x1000, [16], 0) = -1 EAGAIN (Resource temporarily unavailable)",
  );
});

/** A message with one buffer, and a control message with a descriptor. */
const memory = {
  4096: Buffer.concat([u64(0, 0, 0x2000, 1, 0x3000, 24), u32(0, 0)]),
  8192: u64(0x4000, 3),
  12288: Buffer.concat([u64(20), u32(1, 1, 7, 0)]),
  16384: "abc",
};
const MESSAGE =
  '{msg_name=NULL, msg_namelen=0, msg_iov=[{iov_base="abc", iov_len=3}], msg_iovlen=1, msg_control=[{cmsg_len=20, cmsg_level=SOL_SOCKET, cmsg_type=SCM_RIGHTS, cmsg_data=[7]}], msg_controllen=24, msg_flags=0}';

test("sendmsg and recvmsg: names, vectors and control messages", () => {
  const args = [3, 0x1000, 0];
  assert.equal(printCall({ nr: SENDMSG, args, ret: 3, memory }), `sendmsg(3, ${MESSAGE}, 0) = 3`);
  assert.equal(printCall({ nr: RECVMSG, args, ret: 3, memory }), `recvmsg(3, ${MESSAGE}, 0) = 3`);
  const failed = printCall({ nr: RECVMSG, args, ret: -9, memory });
  assert.equal(failed, "recvmsg(3, {msg_namelen=0}, 0) = -1 EBADF (Bad file descriptor)");
});

test("a control message that says it is huge ends the list", () => {
  const huge = { ...memory, 12288: Buffer.concat([u64(1n << 60n), u32(1, 1, 7, 0)]) };
  const line = printCall({ nr: SENDMSG, args: [3, 0x1000, 0], ret: 3, memory: huge });
  assert.match(line, /cmsg_len=1152921504606846976, .* cmsg_data=\[7, 0\]\}\]/);
});
