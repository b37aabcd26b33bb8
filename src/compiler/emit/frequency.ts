/**
 * `occurrence`, `threshold` and `chance`: which of the calls that match a rule it takes for its own. Calls on several
 * processors at once get different numbers, so exactly the n-th is the n-th. See layout/frequencies.ts for the maps.
 */
import { BPF_NOEXIST } from "../../base/linux-abi.ts";
import { type Assembler, R0, R1, R2, R3, R4, R5, R10 } from "../../bpf/asm/index.ts";
import type { Frequency, Limit, Occurrence } from "../../language/checked/index.ts";
import type { VariableName } from "../../variables/index.ts";
import {
  COUNTED,
  type CountedFrequency,
  countOffset,
  FrequencyOffset,
  thresholdWord,
} from "../layout/frequencies.ts";
import { EARLY_NS, LIMIT_KEY_SIZE } from "../layout/limits.ts";
import { MapName } from "../layout/map-names.ts";
import type { Context } from "./context.ts";
import { countRare } from "./counters.ts";
import { emitValueKey } from "./value-key.ts";

/** Tries to write a word that other processors write, too: each that fails is one of theirs that did not. */
const ATTEMPTS = 64;

/** Goes to `passed` if the rule does not take the call; all calls that come here count. Clobbers r0 … r5. */
export function emitFrequency(
  c: Context,
  ruleIndex: number,
  { occurrence, threshold, chance }: Frequency,
  passed: string,
): void {
  c.a.label(c.a.newLabel("frequency"));
  if (occurrence !== undefined) emitOccurrence(c, ruleIndex, occurrence, passed);
  if (threshold !== undefined) emitThreshold(c, ruleIndex, threshold, passed);
  if (chance !== undefined) emitChance(c, chance, passed);
  c.a.label(c.a.newLabel("takes"));
}

function emitOccurrence(
  c: Context,
  ruleIndex: number,
  { first, last, step, per }: Occurrence,
  passed: string,
): void {
  const { a } = c;
  findCount(c, { ruleIndex, what: "occurrence", per }, passed);
  a.mov(R1, 1).atomicFetch("add", "u64", R0, 0, R1);
  a.comment("calls before this one");
  if (first > 1) a.loadImm(R2, first - 1).jump("lt", R1, R2, passed);
  if (last !== undefined) a.loadImm(R2, last).jump("ge", R1, R2, passed);
  if (step === 1 || last === first) return;
  if (first > 1) a.loadImm(R2, first - 1).sub(R1, R2);
  a.loadImm(R2, step).mod(R1, R2).jump("ne", R1, 0, passed);
}

function emitThreshold(c: Context, ruleIndex: number, threshold: Limit, passed: string): void {
  const { a } = c;
  const { countBits, shift } = thresholdWord(threshold);
  const loop = a.newLabel("threshold_count");
  const fresh = a.newLabel("threshold_fresh");
  const write = a.newLabel("threshold_write");
  const written = a.newLabel("threshold_written");
  const taken = a.newLabel("threshold_reached");
  c.stack.with(1, (now) => {
    a.call("bpf_ktime_get_ns");
    if (shift > 0n) a.rsh(R0, Number(shift));
    a.store("u64", R10, now, R0);
    findCount(c, { ruleIndex, what: "threshold", per: threshold.per }, passed);
    // r3: where the word is; r4: now; r0: the word
    a.mov(R3, R0).load("u64", R4, R10, now).load("u64", R0, R3, 0).mov(R5, ATTEMPTS);
  });
  a.label(loop);
  loadCalls(a, countBits, R0);
  a.jump("eq", R1, 0, fresh);
  a.comment("time since the period began");
  const unit = 1n << shift;
  const early = BigInt(EARLY_NS) / unit;
  a.mov(R2, R0).rsh(R2, countBits).mov(R1, R4).sub(R1, R2).add(R1, Number(early));
  a.lsh(R1, countBits).rsh(R1, countBits);
  a.loadImm(R2, (threshold.periodNs + unit - 1n) / unit + early).jump("ge", R1, R2, fresh);
  loadCalls(a, countBits, R0);
  a.loadImm(R2, threshold.count).jump("ge", R1, R2, taken);
  a.mov(R2, R0).add(R2, 1).goto(write);
  a.label(fresh).mov(R2, R4).lsh(R2, countBits).or(R2, 1);
  a.label(write).mov(R1, R0).atomicCompareExchange("u64", R3, 0, R2).jump("eq", R0, R1, written);
  a.sub(R5, 1).jump("ne", R5, 0, loop);
  countRare(c, ruleIndex, "missed");
  a.goto(passed);
  a.label(written);
  loadCalls(a, countBits, R2);
  a.loadImm(R2, threshold.count).jump("lt", R1, R2, passed);
  a.label(taken);
}

/** r1 = the calls in the word of a threshold. */
function loadCalls(a: Assembler, countBits: number, word: typeof R0 | typeof R2): void {
  a.mov(R1, word)
    .lsh(R1, 64 - countBits)
    .rsh(R1, 64 - countBits);
}

interface Count {
  readonly ruleIndex: number;
  readonly what: CountedFrequency;
  readonly per: VariableName | undefined;
}

/** r0 = address of the count. Goes to `none` where the kernel has no memory for it, and says that the call was missed. */
function findCount(c: Context, { ruleIndex, what, per }: Count, none: string): void {
  const { a } = c;
  if (per === undefined) {
    a.loadMapValue(R0, MapName.frequency, countOffset(ruleIndex, what));
    return;
  }
  const found = a.newLabel("count_found");
  c.stack.with(1 + LIMIT_KEY_SIZE / 8, (key) => {
    const zero = key + LIMIT_KEY_SIZE;
    const lookUp = (): void => {
      a.loadMap(R1, MapName.counts).mov(R2, R10).add(R2, key).call("bpf_map_lookup_elem");
      a.jump("ne", R0, 0, found);
    };
    a.store("u32", R10, key, ruleIndex).store("u32", R10, key + 4, COUNTED.indexOf(what));
    emitValueKey(c, key + 8, per);
    lookUp();
    const known = a.newLabel("count_known");
    a.store("u64", R10, zero, 0).loadMap(R1, MapName.counts).mov(R2, R10).add(R2, key);
    a.mov(R3, R10).add(R3, zero).mov(R4, BPF_NOEXIST).call("bpf_map_update_elem");
    // else another processor was first
    a.jump("ne", R0, 0, known);
    a.loadMapValue(R1, MapName.frequency, FrequencyOffset.begun).mov(R2, 1);
    a.atomicAdd("u64", R1, 0, R2).label(known);
    lookUp();
    countRare(c, ruleIndex, "missed");
    a.goto(none);
  });
  a.label(found);
}

/** A seed gives the n-th choice the same number as under `sct run`. */
function emitChance(c: Context, chance: number, passed: string): void {
  const { a, seed } = c;
  if (seed === undefined) a.call("bpf_get_prandom_u32").mov32(R0, R0);
  else emitSeeded(a, seed);
  a.loadImm(R1, BigInt(Math.ceil(chance * 2 ** 32))).jump("ge", R0, R1, passed);
}

/** r0 = the next number of the sequence of the seed, a u32: `randomFrom` of the supervised engine. */
function emitSeeded(a: Assembler, seed: number): void {
  a.loadMapValue(R1, MapName.frequency, FrequencyOffset.choices);
  a.mov(R0, 1).atomicFetch("add", "u64", R1, 0, R0).add(R0, 1);
  a.alu32("mul", R0, 0x6d2b79f5).alu32("add", R0, seed | 0);
  const shifted = (target: typeof R1 | typeof R2, bits: number): void => {
    a.mov32(target, R0).alu32("rsh", target, bits).alu32("xor", target, R0);
  };
  shifted(R1, 15);
  a.mov32(R2, R0).alu32("or", R2, 1).alu32("mul", R1, R2).mov32(R0, R1);
  shifted(R1, 7);
  a.mov32(R2, R0).alu32("or", R2, 61).alu32("mul", R1, R2).alu32("add", R1, R0);
  a.alu32("xor", R0, R1);
  shifted(R1, 14);
  a.mov32(R0, R1);
}
