/** Addresses of sockets, and the networks that they lie in: as readAddress of language/evaluate/read-field.ts finds them. */
import { AF_INET, AF_INET6 } from "../../base/linux-abi.ts";
import { R0, R1, R2, R3, R10 } from "../../bpf/asm/index.ts";
import { TAIL_ENTRY_HEADER_SIZE } from "../../events/layout.ts";
import type { AddressOf } from "../../language/checked/index.ts";
import type { Presentation } from "../../language/vocabulary.ts";
import type { FieldPlace } from "../plan/block.ts";
import { descriptorSource } from "../plan/descriptors.ts";
import { fieldPlace, lastPart } from "../plan/struct-field.ts";
import type { Context, Outcomes } from "./context.ts";
import { emitKnownMember } from "./descriptor-member.ts";
import type { NetworkTest } from "./merge-tests.ts";
import { eachPlace, loadStruct, type PointerFaults, readPart } from "./struct-field.ts";

/** Two words for the address, one for where the struct is. */
export const ADDRESS_SLOTS = 3;
/** struct sockaddr_in and sockaddr_in6, in include/uapi/linux/in.h and in6.h. */
const V4_OFFSET = 4;
const V6_OFFSET = 8;
/** The second 32 bits of the second word before an IPv4 address in IPv6, as they are read. */
const MAPPED = 0xffff_0000;

interface AddressLabels extends PointerFaults {
  /** r1 = the 4 bytes as they lie in memory. */
  readonly v4: string;
  /** 16 bytes at the slot. */
  readonly v6: string;
}

/** Ends in a jump to one of the labels. `slot`: ADDRESS_SLOTS words of the stack. Clobbers r0 … r5. */
export function emitNetworkAddress(
  c: Context,
  p: Presentation,
  { index, field }: { readonly index: number; readonly field: string },
  slot: number,
  to: AddressLabels,
): void {
  eachPlace(c, fieldPlace(p, index, field), to, (place) => findAddress(c, place, field, slot, to));
}

function findAddress(
  c: Context,
  place: FieldPlace,
  field: string,
  slot: number,
  to: AddressLabels,
): void {
  const { a } = c;
  const { missing } = to;
  const struct = loadStruct(c, place, to);
  if (struct === undefined) return;
  const kept = slot + 16;
  const name = lastPart(field);
  const isV4 = a.newLabel("ipv4");
  a.store("u64", R10, kept, R0);
  readPart(c, struct, { offset: 0, size: 2, to: slot }, to);
  a.load("u16", R1, R10, slot).load("u64", R0, R10, kept);
  if (name !== "sin6_addr") a.jump("eq", R1, AF_INET, isV4);
  if (name === "sin_addr" || name === "s_addr") a.goto(missing);
  else {
    a.jump("ne", R1, AF_INET6, missing);
    readPart(c, struct, { offset: V6_OFFSET, size: 16, to: slot }, to);
    if (name === "addr") {
      a.load("u64", R1, R10, slot).jump("ne", R1, 0, to.v6);
      a.load("u32", R1, R10, slot + 8)
        .loadImm(R2, MAPPED)
        .jump("ne", R1, R2, to.v6);
      a.load("u32", R1, R10, slot + 12).goto(to.v4);
    } else a.goto(to.v6);
  }
  a.label(isV4);
  if (name === "sin6_addr") return;
  readPart(c, struct, { offset: V4_OFFSET, size: 4, to: slot }, to);
  a.load("u32", R1, R10, slot).goto(to.v4);
}

/** Either of them. */
export function emitAnyAddress(
  c: Context,
  p: Presentation,
  of: AddressOf,
  slot: number,
  to: AddressLabels,
): void {
  if (of.kind === "inNetwork") emitNetworkAddress(c, p, of, slot, to);
  else emitPeerAddress(c, p, of.index, slot, to);
}

/** The same for the peer of a socket, whose address was read when the call began. */
function emitPeerAddress(
  c: Context,
  p: Presentation,
  index: number,
  slot: number,
  to: AddressLabels,
): void {
  const { a } = c;
  const at = emitKnownMember(c, descriptorSource(p, index, "addr"), to);
  if (at === undefined) return;
  const long = a.newLabel("long_address");
  a.load("u32", R2, at.base, at.offset + 4).jump("ne", R2, 4, long);
  a.load("u32", R1, at.base, at.offset + TAIL_ENTRY_HEADER_SIZE).goto(to.v4);
  a.label(long);
  for (const half of [0, 8])
    a.load("u64", R3, at.base, at.offset + TAIL_ENTRY_HEADER_SIZE + half).store(
      "u64",
      R10,
      slot + half,
      R3,
    );
  a.goto(to.v6);
}

/** Whether the address lies in any of the networks. */
export function emitNetworks(
  c: Context,
  p: Presentation,
  tests: readonly [NetworkTest, ...NetworkTest[]],
  to: Outcomes,
): void {
  const { a } = c;
  c.stack.with(ADDRESS_SLOTS, (slot) => {
    const [v4, v6] = [a.newLabel("address_ipv4"), a.newLabel("address_ipv6")];
    const [first] = tests;
    const labels = { missing: to.no, unreadable: to.unreadable, v4, v6 };
    emitAnyAddress(c, p, first, slot, labels);
    a.label(v4);
    for (const { address, prefixBits } of tests) {
      if (address.length !== 4) continue;
      const mask = maskOf(prefixBits, 4);
      if (mask === 0n) a.goto(to.yes);
      else {
        const wanted = littleEndian(address) & mask;
        // the upper half is 0, whatever the mask has there
        a.mov(R2, R1).and(R2, Number(BigInt.asIntN(32, mask)));
        if (wanted < 1n << 31n) a.jump("eq", R2, Number(wanted), to.yes);
        else a.loadImm(R3, wanted).jump("eq", R2, R3, to.yes);
      }
    }
    a.goto(to.no).label(v6);
    for (const { address, prefixBits } of tests)
      if (address.length === 16) compareLong(c, address, prefixBits, slot, to.yes);
    a.goto(to.no);
  });
}

/** Goes to `yes` where the 16 bytes at the slot are in the network. */
function compareLong(
  { a }: Context,
  address: Uint8Array,
  prefixBits: number,
  slot: number,
  yes: string,
): void {
  const other = a.newLabel("other_network");
  for (const half of [0, 8]) {
    const mask = maskOf(prefixBits - half * 8, 8);
    if (mask === 0n) continue;
    const wanted = littleEndian(address.subarray(half, half + 8)) & mask;
    a.load("u64", R1, R10, slot + half)
      .loadImm(R2, mask)
      .and(R1, R2);
    a.loadImm(R2, wanted).jump("ne", R1, R2, other);
  }
  a.goto(yes).label(other);
}

/** The first bits of so many bytes, as a number that is read from them. */
function maskOf(bits: number, size: 4 | 8): bigint {
  const bytes = Uint8Array.from({ length: size }, (_, i) => {
    const ofByte = Math.min(8, Math.max(0, bits - i * 8));
    return (0xff00 >> ofByte) & 0xff;
  });
  return littleEndian(bytes);
}

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
