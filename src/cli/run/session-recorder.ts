/**
 * Takes all records of a run for its report. Several rules may have one call: their records come one behind the other, and are
 * put together, so that a use that one of them denies is not one that was made.
 */
import { endpointText } from "../../base/endpoint.ts";
import type { RecordSink } from "../../engines/engine.ts";
import { decodeText, RecordReader, type Site } from "../../events/index.ts";
import { RecordOffset } from "../../events/layout.ts";
import type { CheckedRule } from "../../language/index.ts";
import type { NamedConnection } from "../../proxy/index.ts";
import { type Addressee, SessionTable, type UseKind } from "../../report/index.ts";
import { usedNames } from "../learn/used-names.ts";
import { ancestors, processFacts } from "./process-facts.ts";
import { isOfReport } from "./session-rules.ts";

const ARGUMENT_BYTES = 6 * 8;
const NS_PER_MS = 1e6;
const EXIT = "exit_group";
const EXECUTES = /^execve/;

/** One call, as far as rules have reported it. */
interface OneCall {
  readonly tid: number;
  readonly pid: number;
  readonly args: Uint8Array;
  readonly call: string;
  readonly rules: Set<CheckedRule>;
  readonly uses: Map<string, Addressee>;
  /** Rules that deny it, and policies that would. */
  readonly deniedBy: string[];
  readonly wouldDenyBy: string[];
}

export class SessionRecorder implements RecordSink {
  readonly table = new SessionTable();
  readonly #sites: readonly Site[];
  readonly #silences: (rule: CheckedRule) => boolean;
  readonly #rootPid: () => number | undefined;
  readonly #reader = new RecordReader();
  /** May have executed a program: what they run now is read when they are seen again. */
  readonly #executed = new Set<number>();
  #pending: OneCall | undefined;
  #firstNs: number | undefined;
  #unclear = 0;
  /** The last record is for the report alone. */
  isSilent = false;

  /** `silences`: rules whose records are for the report alone; `rootPid`: of the command, while it runs. */
  constructor(
    sites: readonly Site[],
    silences: (rule: CheckedRule) => boolean,
    rootPid: () => number | undefined,
  ) {
    this.#sites = sites;
    this.#silences = silences;
    this.#rootPid = rootPid;
  }

  /** Calls without a name or address that could be read. */
  get unclear(): number {
    return this.#unclear;
  }

  record(memory: Uint8Array, offset: number, length: number): void {
    const reader = this.#reader;
    reader.open(memory, offset, length);
    const site = this.#sites[reader.site];
    if (site === undefined) return;
    this.isSilent = this.#silences(site.rule);
    const pid = reader.u32(RecordOffset.pid);
    const atMs = this.#sinceFirstMs();
    if (!this.table.isAlive(pid)) this.#begin(pid, atMs);
    const { rule, presentation } = site;
    if (EXECUTES.test(presentation.call)) this.#executed.add(pid);
    else if (this.#executed.delete(pid)) this.table.executed(pid, processFacts(pid));
    if (presentation.call === EXIT) {
      this.flush();
      // exit(2): the lowest eight bits
      if (!denies(rule)) this.table.end(pid, reader.u32(RecordOffset.args) & 0xff, atMs);
      if (isOfReport(rule)) return;
    }
    this.#add(this.#callOf(pid, site), site);
  }

  /** A connection by name, which the proxy has decided about. */
  connection({ verdict, host, port, pid, policy }: NamedConnection): void {
    if (port === 0) return;
    const by = verdict === "allowed" || policy === undefined ? [] : [`${policy}.connect`];
    const known = pid !== undefined && this.table.isKnown(pid) ? pid : undefined;
    const use = { kind: "connected", name: endpointText(host, port) } as const;
    this.table.use(known, use, { verdict, by });
  }

  /** To be called at the end: the last call is complete. */
  flush(): void {
    const call = this.#pending;
    this.#pending = undefined;
    if (call === undefined) return;
    const { pid, uses, deniedBy, wouldDenyBy } = call;
    const isDenied = deniedBy.length > 0;
    // a call that no list knows: it is named if a rule denied it
    if (uses.size === 0 && isDenied) add(uses, { kind: "other", name: call.call });
    const verdict = isDenied ? "denied" : wouldDenyBy.length > 0 ? "would deny" : "allowed";
    const by = isDenied ? deniedBy : wouldDenyBy;
    for (const use of uses.values()) this.table.use(pid, use, { verdict, by });
  }

  #sinceFirstMs(): number {
    const ns = this.#reader.double(RecordOffset.time);
    this.#firstNs ??= ns;
    return Math.round((ns - this.#firstNs) / NS_PER_MS);
  }

  #begin(pid: number, atMs: number): void {
    const root = this.#rootPid();
    const isKnown = (one: number): boolean => one === root || this.table.isKnown(one);
    const chain = pid === root ? [] : ancestors(pid, isKnown);
    for (const [i, one] of [...chain, pid].entries())
      if (one === pid || !this.table.isKnown(one))
        this.table.begin(one, chain[i - 1], processFacts(one), atMs);
  }

  #callOf(pid: number, { rule, presentation }: Site): OneCall {
    const reader = this.#reader;
    const tid = reader.u32(RecordOffset.tid);
    const pending = this.#pending;
    if (
      pending?.tid === tid &&
      !pending.rules.has(rule) &&
      reader.equals(RecordOffset.args, pending.args)
    )
      return pending;
    this.flush();
    const args = new Uint8Array(ARGUMENT_BYTES);
    reader.copy(RecordOffset.args, args);
    const { call } = presentation;
    const made: OneCall = {
      ...{ tid, pid, args, call, rules: new Set(), uses: new Map() },
      ...{ deniedBy: [], wouldDenyBy: [] },
    };
    this.#pending = made;
    return made;
  }

  #add(one: OneCall, site: Site): void {
    const { rule } = site;
    one.rules.add(rule);
    if (denies(rule)) one.deniedBy.push(rule.name);
    else if (rule.policy !== undefined && !isOfReport(rule)) one.wouldDenyBy.push(rule.name);
    const { policy } = rule;
    if (policy === undefined) return;
    const names = usedNames(this.#reader, site, policy.right).map(fromBytes);
    if (names.length === 0 && isOfReport(rule)) this.#unclear++;
    for (const use of usesOf(policy, site.presentation.call, names)) add(one.uses, use);
  }
}

type Policy = NonNullable<CheckedRule["policy"]>;

const fromBytes = (name: string): string => {
  const bytes = Buffer.from(name, "latin1");
  return decodeText(bytes, 0, bytes.length);
};

function add(uses: Map<string, Addressee>, use: Addressee): void {
  uses.set(`${use.kind}\0${use.name}`, use);
}

const denies = ({ actions }: CheckedRule): boolean =>
  actions.some(({ type }) => type === "FAIL" || type === "KILL");

const KIND_OF_RIGHT: Readonly<Record<Policy["right"], UseKind>> = {
  read: "read",
  write: "written",
  execute: "started",
  attributes: "attributes",
  connect: "connected",
  listen: "listened",
  unix: "unix",
};

function usesOf(
  { right, aspect }: Policy,
  call: string,
  names: readonly string[],
): readonly Addressee[] {
  const kind = KIND_OF_RIGHT[right];
  if (aspect !== "names") return names.map((name) => ({ kind, name }));
  const [name, to] = names;
  if (/^(?:rename|link)/.test(call) && name !== undefined && to !== undefined)
    return [{ kind: call.startsWith("rename") ? "renamed" : "linked", name, to }];
  const isGone = /^(?:unlink|rmdir)/.test(call);
  return names.map((one) => ({ kind: isGone ? "deleted" : "made", name: one }));
}
