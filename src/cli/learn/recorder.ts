/** Takes the records of policies: what was used, under the list that lacks it. */
import { endpointText } from "../../base/endpoint.ts";
import type { RecordSink } from "../../engines/engine.ts";
import { RecordReader, type Site } from "../../events/index.ts";
import { RecordOffset } from "../../events/layout.ts";
import { UseTable } from "../../learning/index.ts";
import type { NamedConnection } from "../../proxy/index.ts";
import { programFiles } from "./program-files.ts";
import { latin1, usedNames } from "./used-names.ts";

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

  /** A connection by name that a policy does not allow. Nothing of others. */
  connection({ verdict, policy, port, host, way, reason, add, comm }: NamedConnection): void {
    if (verdict === "allowed" || policy === undefined || port === 0) return;
    const table = this.#tableOf(policy);
    const by = {
      right: "connect",
      call: way,
      program: comm ?? "a process that is not known",
    } as const;
    if (add === undefined)
      table.add({ ...by, name: endpointText(host, port), refusal: reason ?? "" });
    else for (const name of add) table.add({ ...by, name });
  }

  #tableOf(policy: string): UseTable {
    const table = this.#tables.get(policy) ?? new UseTable();
    this.#tables.set(policy, table);
    return table;
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
    const table = this.#tableOf(policy.policy);
    const names = usedNames(reader, site, policy.right);
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

  #program(): string {
    const reader = this.#reader;
    const { comm } = RecordOffset;
    return latin1(reader.memory.subarray(reader.nameStart(comm), reader.nameEnd(comm)));
  }
}
