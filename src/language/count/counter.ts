/** Counts in this process, as programs in the kernel do: the supervised engine and tests. */
import type { CallView, StringRead } from "../call-view.ts";
import type { AddressOf, CountAction, Counted, CountedValues } from "../checked/index.ts";
import { evaluateInt } from "../evaluate/evaluate.ts";
import type { Missing } from "../evaluate/read-bytes.ts";
import { readAddress, type Structs } from "../evaluate/read-field.ts";
import { readPeerAddress, readStart } from "../evaluate/read-value.ts";
import { BUCKETS, bucketOf, keyTextBytes, mostRows } from "./limits.ts";
import { type CountRow, type CountTable, type KeyPart, keyText, sortCountRows } from "./table.ts";

interface Totals {
  count: bigint;
  readonly measured: { sum: bigint; readonly buckets: bigint[]; without: bigint }[];
}

export class CallCounter {
  readonly #rule: string;
  readonly #action: CountAction;
  readonly #structs: Structs;
  readonly #textBytes: number;
  readonly #mostRows: number;
  readonly #rows = new Map<string, { readonly key: readonly KeyPart[]; readonly totals: Totals }>();
  #other: Totals | undefined;

  constructor(rule: string, action: CountAction, structs: Structs) {
    this.#rule = rule;
    this.#action = action;
    this.#structs = structs;
    this.#textBytes = keyTextBytes(action);
    this.#mostRows = mostRows(action);
  }

  add(values: CountedValues, call: CallView): void {
    const totals = this.#totalsOf(values.by.map((one) => this.#part(one, call)));
    totals.count++;
    this.#action.measures.forEach(({ kind, unsigned }, i) => {
      const one = values.measures[i];
      const into = totals.measured[i];
      if (into === undefined) return;
      const value =
        one === undefined || one.is === "absent"
          ? "absent"
          : evaluateInt(one.value, call, this.#structs);
      if (typeof value !== "bigint") into.without++;
      else if (kind === "sum") into.sum = wrap(into.sum + value, unsigned);
      else {
        const bucket = bucketOf(value, one?.is === "int" && one.value.unsigned);
        into.buckets[bucket] = (into.buckets[bucket] ?? 0n) + 1n;
      }
    });
  }

  table(): CountTable {
    const { by, measures } = this.#action;
    const rows = [...this.#rows.values()].map(({ key, totals }): CountRow => ({ key, ...totals }));
    const other = this.#other && { key: [], ...this.#other };
    return {
      rule: this.#rule,
      by,
      measures,
      rows: sortCountRows(rows),
      ...(other ? { other } : {}),
    };
  }

  #totalsOf(key: readonly KeyPart[]): Totals {
    const text = keyText(key);
    const known = this.#rows.get(text);
    if (known !== undefined) return known.totals;
    if (this.#rows.size >= this.#mostRows) {
      this.#other ??= this.#newTotals();
      return this.#other;
    }
    const totals = this.#newTotals();
    this.#rows.set(text, { key, totals });
    return totals;
  }

  #newTotals(): Totals {
    return {
      count: 0n,
      measured: this.#action.measures.map(({ kind }) => ({
        sum: 0n,
        buckets: kind === "hist" ? new Array<bigint>(BUCKETS).fill(0n) : [],
        without: 0n,
      })),
    };
  }

  #part(one: Counted, call: CallView): KeyPart {
    if (one.is === "absent") return { is: "none" };
    if (one.is === "int") {
      const value = evaluateInt(one.value, call, this.#structs);
      if (typeof value === "bigint") return { is: "int", value };
      return { is: value === "absent" ? "none" : value };
    }
    if (one.is === "address") {
      const bytes = this.#address(one.value, call);
      if (typeof bytes !== "string") return { is: "address", bytes };
      return { is: bytes === "absent" ? "none" : bytes };
    }
    const text = readStart(call, one.value, this.#structs);
    if (text === "absent") return { is: "none" };
    return text === "unreadable" ? { is: text } : this.#cut(text);
  }

  #address(of: AddressOf, call: CallView): Uint8Array | Missing {
    if (of.kind === "fdInNetwork") return readPeerAddress(call, of.index);
    return readAddress(call, of.index, of.field, this.#structs);
  }

  #cut({ bytes, truncated }: StringRead): KeyPart {
    const cut = truncated || bytes.length > this.#textBytes;
    return { is: "text", bytes: bytes.slice(0, this.#textBytes), cut };
  }
}

function wrap(value: bigint, unsigned: boolean): bigint {
  return unsigned ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value);
}
