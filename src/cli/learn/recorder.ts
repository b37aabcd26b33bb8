/** Takes the records of policies: what was used, under the list that lacks it. */
import type { RecordSink } from "../../engines/engine.ts";
import { RecordReader, type Site } from "../../events/index.ts";
import { RecordOffset, TailStatus } from "../../events/layout.ts";
import { fileParameters, type PolicyRight } from "../../language/index.ts";
import { UseTable } from "../../learning/index.ts";
import { programFiles } from "./program-files.ts";

const MOVING = /^(?:rename|link)/;
const LINKING = /^symlink/;
/** The first two macros of rules on addresses are the address and its port. */
const ADDRESS = 0;
const PORT = 1;

export class UseRecorder implements RecordSink {
  readonly #sites: readonly Site[];
  readonly #reader = new RecordReader();
  readonly #tables = new Map<string, UseTable>();
  readonly #others: RecordSink;
  readonly #addsLoaded: boolean;
  #unclear = 0;

  /** `others` gets the records of rules that come from no policy. `addsLoaded`: what programs load is used with them. */
  constructor(sites: readonly Site[], others: RecordSink, addsLoaded = true) {
    this.#addsLoaded = addsLoaded;
    this.#sites = sites;
    this.#others = others;
  }

  /** Calls that no entry can allow: their names or addresses are not known. */
  get unclear(): number {
    return this.#unclear;
  }

  /** By the name of the policy. */
  get tables(): ReadonlyMap<string, UseTable> {
    return this.#tables;
  }

  record(memory: Uint8Array, offset: number, length: number): void {
    const reader = this.#reader;
    reader.open(memory, offset, length);
    const site = this.#sites[reader.site];
    if (site === undefined) return;
    const { policy } = site.rule;
    if (policy === undefined) {
      this.#others.record(memory, offset, length);
      return;
    }
    const table = this.#tables.get(policy.policy) ?? new UseTable();
    this.#tables.set(policy.policy, table);
    const names = this.#namesOf(site, policy.right);
    if (names.length === 0) this.#unclear++;
    const isNamed = policy.aspect === "names";
    const { call } = site.presentation;
    const program = this.#program();
    for (const name of names) {
      table.add({ right: policy.right, name, call, program, isNamed });
      if (this.#addsLoaded && policy.right === "execute")
        this.#addLoaded(table, name, { call, program });
    }
  }

  /** What executing the program opens besides: interpreters are executed, and Landlock wants all of them readable. */
  #addLoaded(table: UseTable, name: string, by: { call: string; program: string }): void {
    const { interpreters, loader } = programFiles(Buffer.from(name, "latin1"));
    const executed = [name, ...interpreters.map((file) => file.toString("latin1"))];
    for (const file of executed.slice(1)) table.add({ right: "execute", name: file, ...by });
    const opened = loader === undefined ? executed : [...executed, loader.toString("latin1")];
    for (const file of opened) table.add({ right: "read", name: file, ...by });
  }

  #namesOf({ presentation }: Site, right: PolicyRight): readonly string[] {
    if (right === "connect" || right === "listen") {
      const address = this.#text(this.#reader.macroSlot(ADDRESS));
      const port = this.#text(this.#reader.macroSlot(PORT));
      if (address === undefined || port === undefined || address === "") return [];
      return [address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`];
    }
    const parameters = fileParameters(presentation);
    const nth = LINKING.test(presentation.call)
      ? [parameters.indexOf(2)]
      : MOVING.test(presentation.call)
        ? [parameters.indexOf(1), parameters.indexOf(2)]
        : [0];
    return nth.flatMap((n) => this.#text(this.#reader.objectSlot("path", n)) ?? []);
  }

  /** A character for each byte; undefined: there is none, or not all of it. */
  #text(slot: number): string | undefined {
    const reader = this.#reader;
    if (reader.objectStatus(slot) !== TailStatus.ok) return undefined;
    return latin1(reader.memory.subarray(reader.objectStart(slot), reader.objectEnd(slot)));
  }

  #program(): string {
    const reader = this.#reader;
    const { comm } = RecordOffset;
    return latin1(reader.memory.subarray(reader.nameStart(comm), reader.nameEnd(comm)));
  }
}

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
