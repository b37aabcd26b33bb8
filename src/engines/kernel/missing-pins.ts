/** Pins that somebody has removed under a living process, which has what they kept alive. */
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import type { BpfMap } from "../../bpf/index.ts";
import type { KernelNote } from "./note.ts";
import { makePinDir, mapPin, notePin } from "./pins.ts";
import type { LiveRules, Pin } from "./resident-rules.ts";

export interface Pinned {
  readonly pinDir: string;
  readonly shared: ReadonlyMap<string, BpfMap>;
  readonly note: KernelNote;
  /** Rules in force. */
  readonly live: LiveRules | undefined;
}

/** Of which generation ever; what was removed of one goes with it. Throws MachineError. */
export function pinAgain(pinned: Pinned): void {
  makePinDir(pinned.pinDir);
  for (const { path, object } of ofAll(pinned)) if (!existsSync(path)) object.pin(path);
}

/** A problem with its cure; undefined: nothing is missing. */
export function describeMissing({ pinDir, shared, note, live }: Pinned): string | undefined {
  if (live === undefined) return undefined;
  const rules = missing([...live.pins(pinDir).toReversed(), ...ofAll({ pinDir, shared })]);
  const [first, ...others] = rules.length > 0 ? rules : missing([notePinOf(pinDir, note)]);
  if (first === undefined) return undefined;
  const effect =
    rules.length > 0
      ? "rules in force end with the service"
      : "the next service does not learn of events that this one could not store";
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  return `${effect}: ${first}${more} was removed; the next 'sct config upload' or 'replace' makes it again`;
}

const notePinOf = (pinDir: string, note: KernelNote): Pin => ({
  path: notePin(pinDir),
  object: note,
});

/** Those of no generation. */
function ofAll({ pinDir, shared, note }: Omit<Pinned, "live" | "note"> & Partial<Pinned>): Pin[] {
  const maps = [...shared.values()].map((object) => ({
    path: mapPin(pinDir, object.name),
    object,
  }));
  return note === undefined ? maps : [...maps, notePinOf(pinDir, note)];
}

/** Directories are read once: there may be hundreds of pins in one. */
function missing(pins: readonly Pin[]): string[] {
  const names = new Map<string, ReadonlySet<string>>();
  return pins.flatMap(({ path }) => {
    const dir = dirname(path);
    const known = names.get(dir) ?? namesIn(dir);
    names.set(dir, known);
    return known.has(basename(path)) ? [] : [path];
  });
}

function namesIn(dir: string): ReadonlySet<string> {
  try {
    return new Set(readdirSync(dir));
  } catch {
    return new Set();
  }
}
