/** COUNT: adds a call to the counts of its rule, in maps that user space reads (layout/counts.ts). */
import { BPF_NOEXIST } from "../../base/linux-abi.ts";
import { R0, R1, R2, R3, R4, R9, R10, type Register } from "../../bpf/asm/index.ts";
import { RecordOffset, TAIL_ENTRY_HEADER_SIZE, TailStatus } from "../../events/layout.ts";
import {
  type AddressOf,
  type CheckedRule,
  type CountAction,
  type Counted,
  countOf,
  type IntExpr,
} from "../../language/checked/index.ts";
import { FIXED_SIZES, factsOf, lookedAt, visit } from "../../language/index.ts";
import type { Presentation } from "../../language/vocabulary.ts";
import { groupOf, variable } from "../../variables/index.ts";
import { CountKeyOffset, type CountPlace, KeyStatus } from "../layout/counts.ts";
import { MapName } from "../layout/map-names.ts";
import type { Candidate } from "../plan/block.ts";
import type { Context } from "./context.ts";
import { fillFields } from "./fields.ts";
import { emitInt } from "./ints.ts";
import { addMeasure } from "./measures.ts";
import { ADDRESS_SLOTS, emitAnyAddress } from "./networks.ts";
import { entryPlace } from "./place.ts";
import { subjectOf } from "./string-tests.ts";

const NONE: Counted = { is: "absent" };

/** Goes to `defer` (nothing done yet) when something to count by is not in memory yet. */
export function deferCounted(c: Context, { target, presentation }: Candidate, defer: string): void {
  const { by = [], measures = [] } = target.counted ?? {};
  for (const one of [...by, ...measures]) {
    if (one.is === "text") {
      const subject = subjectOf(c, presentation, one.value);
      if (subject.kind !== "entry") continue;
      const at = entryPlace(c, subject.k);
      c.a.load("u16", R1, at.base, at.offset + 2);
      c.a.jump("eq", R1, TailStatus.unreadable, defer);
    } else if (one.is === "int" && isInMemory(one.value, presentation)) {
      const there = c.a.newLabel("number_there");
      emitInt(c, presentation, one.value, { missing: there, unreadable: defer });
      c.a.label(there);
    } else if (one.is === "address" && one.value.kind === "inNetwork")
      deferAddress(c, presentation, one.value, defer);
  }
}

function deferAddress(c: Context, p: Presentation, of: AddressOf, defer: string): void {
  const there = c.a.newLabel("address_there");
  const to = { missing: there, isNull: there, v4: there, v6: there, unreadable: defer };
  c.stack.with(ADDRESS_SLOTS, (slot) => emitAnyAddress(c, p, of, slot, to));
  c.a.label(there);
}

function isInMemory(value: IntExpr, { params }: Presentation): boolean {
  let found = false;
  visit(value, (node) => {
    found ||= node.kind === "field";
    found ||= node.kind === "param" && params[node.index - 1]?.source.kind !== "arg";
  });
  return found;
}

/** Counts a call that has matched; the index of its rule is in a stack slot. Clobbers r0 … r5. */
export function emitCount(
  c: Context,
  rule: CheckedRule,
  { target, presentation }: Candidate,
  ruleSlot: number,
): void {
  const action = countOf(rule);
  if (action === undefined) return;
  const place = c.counts.of(rule);
  const { by = [], measures = [] } = target.counted ?? {};
  // what is filled here is not filled on ways around it
  const filled = new Set(c.filled);
  for (const name of factsOf(lookedAt(target)).variables) {
    const group = groupOf(name);
    if (group !== undefined) fillFields(c, [group]);
  }
  const end = c.a.newLabel("counted");
  const add = (): void =>
    c.stack.with(1, (value) => {
      c.a.store("u64", R10, value, R0).mov(R1, 1).atomicAdd("u64", R0, 0, R1);
      action.measures.forEach((measure, i) => {
        const at = place.measures[i];
        if (at !== undefined)
          addMeasure(c, presentation, measure, measures[i] ?? { is: "absent" }, at, value);
      });
    });
  if (place.map === undefined) {
    findByRule(c, ruleSlot, end);
    add();
  } else if (place.isLong) {
    const key = { base: R9, offset: -c.areaStart } as const;
    emitRow(c, { action, place, by, presentation, ruleSlot, key }, end);
    add();
  } else
    c.stack.with(place.keySize / 8, (slot) => {
      const key = { base: R10, offset: slot } as const;
      emitRow(c, { action, place, by, presentation, ruleSlot, key }, end);
      add();
    });
  c.a.label(end);
  c.filled.clear();
  for (const group of filled) c.filled.add(group);
}

interface Row {
  readonly action: CountAction;
  readonly place: CountPlace;
  readonly by: readonly Counted[];
  readonly presentation: Presentation;
  readonly ruleSlot: number;
  readonly key: { readonly base: Register; readonly offset: number };
}

/** r0 = the value of the key's row: a new one if there is none, that of the rule if there is no room. */
function emitRow(c: Context, row: Row, end: string): void {
  const { a } = c;
  const { place, key, ruleSlot } = row;
  const map = place.map ?? "";
  a.load("u32", R1, R10, ruleSlot).store("u64", key.base, key.offset, R1);
  row.place.parts.forEach((offset, i) => {
    emitPart(c, row, i, offset);
  });
  const found = a.newLabel("counted_before");
  const loadKey = (register: Register): void => {
    a.mov(register, key.base).add(register, key.offset);
  };
  const lookUp = (): void => {
    a.loadMap(R1, map);
    loadKey(R2);
    a.call("bpf_map_lookup_elem").jump("ne", R0, 0, found);
  };
  lookUp();
  a.loadMap(R1, map);
  loadKey(R2);
  // another processor may be first
  a.loadMapValue(R3, MapName.noCounts).mov(R4, BPF_NOEXIST).call("bpf_map_update_elem");
  lookUp();
  findByRule(c, ruleSlot, end);
  a.label(found);
}

/** r0 = the value that the rule has for itself. */
function findByRule({ a }: Context, ruleSlot: number, end: string): void {
  a.loadMap(R1, MapName.uncounted).mov(R2, R10).add(R2, ruleSlot);
  a.call("bpf_map_lookup_elem").jump("eq", R0, 0, end);
}

function emitPart(c: Context, row: Row, i: number, offset: number): void {
  const { a } = c;
  const { action, key, presentation } = row;
  const one = row.by[i] ?? NONE;
  const at = key.offset + offset;
  const store = (to: number, value: Register | number): void => {
    a.store("u64", key.base, at + to, value);
  };
  const is = action.by[i]?.is ?? "int";
  if (is === "site") {
    a.load("u32", R1, R9, RecordOffset.site);
    store(0, R1);
    return;
  }
  if (one.is === "int") {
    const [missing, unreadable, done] = ["key_missing", "key_unreadable", "key_known"].map((name) =>
      a.newLabel(name),
    ) as [string, string, string];
    emitInt(c, presentation, one.value, { missing, unreadable });
    store(0, R0);
    a.goto(done).label(missing);
    store(0, 0);
    setStatus(c, row, i, KeyStatus.none);
    a.goto(done).label(unreadable);
    store(0, 0);
    setStatus(c, row, i, KeyStatus.unreadable);
    a.label(done);
    return;
  }
  const size = is === "text" ? row.place.textBytes + 8 : FIXED_SIZES[is];
  const name = one.is === "text" && is === "name" ? one.value : undefined;
  if (name?.kind === "stringVariable") {
    const { record } = variable(name.name);
    if (record.in !== "name") throw new Error(`${name.name} is no name`);
    for (const half of [0, 8]) {
      a.load("u64", R1, R9, RecordOffset[record.field] + half);
      store(half, R1);
    }
    return;
  }
  for (let word = 0; word < size; word += 8) store(word, 0);
  if (one.is === "text") emitText(c, row, i, at, one);
  else if (one.is === "address") emitAddressPart(c, row, i, at, one.value);
  else setStatus(c, row, i, KeyStatus.none);
}

function setStatus({ a }: Context, { key }: Row, i: number, status: number): void {
  const at = key.offset + CountKeyOffset.statuses;
  a.load("u32", R1, key.base, at)
    .or(R1, status << (2 * i))
    .store("u32", key.base, at, R1);
}

/** Stores the address into zeros, and its length before it. */
function emitAddressPart(c: Context, row: Row, i: number, at: number, of: AddressOf): void {
  const { a } = c;
  const { base } = row.key;
  const [v4, v6, missing, unreadable, done] = ["ipv4", "ipv6", "none", "unreadable", "known"].map(
    (name) => a.newLabel(`address_${name}`),
  ) as [string, string, string, string, string];
  c.stack.with(ADDRESS_SLOTS, (slot) => {
    emitAnyAddress(c, row.presentation, of, slot, { missing, unreadable, v4, v6 });
    a.label(v4).store("u64", base, at + 8, R1);
    a.mov(R1, 4).store("u64", base, at, R1).goto(done).label(v6);
    for (const half of [0, 8])
      a.load("u64", R1, R10, slot + half).store("u64", base, at + 8 + half, R1);
    a.mov(R1, 16).store("u64", base, at, R1).goto(done);
  });
  a.label(missing);
  setStatus(c, row, i, KeyStatus.none);
  a.goto(done).label(unreadable);
  setStatus(c, row, i, KeyStatus.unreadable);
  a.label(done);
}

/** Copies the beginning of a text that was read. */
function emitText(
  c: Context,
  row: Row,
  i: number,
  at: number,
  { value }: Extract<Counted, { is: "text" }>,
): void {
  const { a } = c;
  const { key, place } = row;
  const subject = subjectOf(c, row.presentation, value);
  if (subject.kind !== "entry") {
    setStatus(c, row, i, subject.kind === "unknown" ? KeyStatus.unreadable : KeyStatus.none);
    return;
  }
  const [none, unreadable, cut, copy, done] = ["none", "unreadable", "cut", "copy", "copied"].map(
    (name) => a.newLabel(`text_${name}`),
  ) as [string, string, string, string, string];
  const short = a.newLabel("text_short");
  const entry = entryPlace(c, subject.k);
  a.load("u16", R4, entry.base, entry.offset + 2);
  a.jump("eq", R4, TailStatus.null, none).jump("eq", R4, TailStatus.unreadable, unreadable);
  a.load("u32", R2, entry.base, entry.offset + 4);
  a.mov(R3, entry.base).add(R3, entry.offset + TAIL_ENTRY_HEADER_SIZE);
  // the verifier follows a text of any length first, and then knows that of the largest
  a.jump("ne", R4, TailStatus.ok, cut).jump("gt", R2, place.textBytes, cut).label(copy);
  a.store("u64", key.base, at, R2)
    .mov(R1, key.base)
    .add(R1, at + 8);
  a.call("bpf_probe_read_kernel").goto(done);
  // what is cut where a page ends can be shorter than what counts
  a.label(cut).jump("le", R2, place.textBytes, short).mov(R2, place.textBytes).label(short);
  setStatus(c, row, i, KeyStatus.cut);
  a.goto(copy).label(none);
  setStatus(c, row, i, KeyStatus.none);
  a.goto(done).label(unreadable);
  setStatus(c, row, i, KeyStatus.unreadable);
  a.label(done);
}
