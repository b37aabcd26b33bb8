/**
 * The directory in bpffs that keeps programs, links and maps alive without a process:
 *
 *   DIR/map-NAME          maps that all generations share
 *   DIR/note              what a process leaves to the next, of whichever version
 *   DIR/generation-N/…    map-NAME, program-I and link-I of one rule set
 *   DIR/earlier/…         the same of a version that had other maps, while its rules act
 *
 * Removing the pin of a link detaches its program, once no descriptor of it is left.
 */
import {
  type Dirent,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from "node:fs";
import { join } from "node:path";
import { isPassing, MachineError, mount } from "../../sys/index.ts";

const BPFFS = "/sys/fs/bpf";
const OWNER_ONLY = 0o700;

/** Nothing can be pinned here. */
export class PinError extends MachineError {
  readonly code = "cannot_pin";

  constructor(what: string, cause: unknown) {
    const hint = `The file system of BPF must be there: mount -t bpf bpf ${BPFFS}`;
    super(`${what}: ${(cause as Error).message}`, isPassing(cause) ? undefined : hint, cause);
  }
}

export const mapPin = (dir: string, name: string): string => join(dir, `map-${name}`);
export const notePin = (dir: string): string => join(dir, "note");
export const programPin = (dir: string, index: number): string => join(dir, `program-${index}`);
export const linkPin = (dir: string, index: number): string => join(dir, `link-${index}`);
export const generationDir = (dir: string, generation: number): string =>
  join(dir, `generation-${generation}`);

const EARLIER = "earlier";
const earlierDir = (dir: string): string => join(dir, EARLIER);

/** Makes the directory, and mounts bpffs if it is not there. Throws PinError. */
export function makePinDir(dir: string): void {
  try {
    if (dir.startsWith(BPFFS) && !isMounted()) mount("bpf", BPFFS);
    mkdirSync(dir, { recursive: true, mode: OWNER_ONLY });
  } catch (error) {
    throw new PinError(`Cannot make ${dir}`, error);
  }
}

function isMounted(): boolean {
  return readFileSync("/proc/self/mounts", "latin1")
    .split("\n")
    .some((line) => line.startsWith(`bpf ${BPFFS} `) || line.split(" ")[1] === BPFFS);
}

/** Numbers of the generations that have a directory, ascending. */
export function pinnedGenerations(dir: string): number[] {
  return entries(dir)
    .flatMap(({ name }) => /^generation-(\d+)$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((x, y) => x - y);
}

/** Pins of programs of a generation. */
export function pinnedPrograms(dir: string, generation: number): string[] {
  const own = generationDir(dir, generation);
  return entries(own).flatMap(({ name }) => (/^program-\d+$/.test(name) ? join(own, name) : []));
}

/** Whether rules act that another version pinned. */
export function hasEarlier(dir: string): boolean {
  return pinnedGenerations(earlierDir(dir)).length > 0;
}

/** What is pinned keeps acting, and makes way for others. What is moved when this is interrupted stays moved. */
export function setAside(dir: string): void {
  try {
    const earlier = earlierDir(dir);
    mkdirSync(earlier, { recursive: true, mode: OWNER_ONLY });
    for (const number of pinnedGenerations(dir))
      renameSync(generationDir(dir, number), generationDir(earlier, number));
  } catch (error) {
    throw new PinError(`Cannot keep the rules of an earlier version in ${dir}`, error);
  }
  // programs hold them
  removeSharedPins(dir);
}

function unpinEarlier(dir: string): void {
  removePins(earlierDir(dir));
}

/** Those of no generation. */
export function removeSharedPins(dir: string): void {
  for (const { name } of entries(dir))
    if (name.startsWith("map-")) ignoring(["ENOENT"], () => unlinkSync(join(dir, name)));
}

/** Removes the pins of a generation: links in the order given by their numbers, then the rest. */
export function unpinGeneration(dir: string, generation: number): void {
  removePins(generationDir(dir, generation));
}

/** What is not in force: the rule set before, or what a process left that died while it swapped. */
export function unpinOthers(dir: string, inForce: number): void {
  for (const number of pinnedGenerations(dir)) if (number !== inForce) unpinGeneration(dir, number);
  // those of another version act until others do
  if (inForce > 0 && hasEarlier(dir)) unpinEarlier(dir);
}

/**
 * Removes the directory and all pins in it. What is gone already is no failure; directories that somebody else has made in
 * it are not ours to remove, and keep it.
 */
export function removePins(dir: string): void {
  // also an empty one: a start that was interrupted makes it first
  if (entries(dir).some(({ name }) => name === EARLIER)) unpinEarlier(dir);
  for (const generation of pinnedGenerations(dir)) unpinGeneration(dir, generation);
  const isLink = (name: string): boolean => name.startsWith("link-");
  const names = entries(dir).flatMap((entry) => (entry.isDirectory() ? [] : [entry.name]));
  for (const name of [...names.filter(isLink), ...names.filter((name) => !isLink(name))])
    ignoring(["ENOENT"], () => unlinkSync(join(dir, name)));
  ignoring(["ENOENT", "ENOTEMPTY"], () => rmdirSync(dir));
}

function entries(dir: string): Dirent[] {
  try {
    return ignoring(["ENOENT"], () => readdirSync(dir, { withFileTypes: true })) ?? [];
  } catch (error) {
    throw new PinError(`Cannot read ${dir}`, error);
  }
}

function ignoring<T>(codes: readonly string[], act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (!codes.includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
    return undefined;
  }
}
