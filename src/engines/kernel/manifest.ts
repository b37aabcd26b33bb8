/**
 * What a process that takes over pinned rules must know of them and the kernel does not keep: a file for each
 * generation, in a directory that, like the pins, does not outlive the boot.
 */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import type { Attachment, CompiledMap, KernelFacts, TestSet } from "../../compiler/index.ts";
import type { Site } from "../../events/site.ts";
import type { CheckedRule } from "../../language/index.ts";
import { isPassing, MachineError } from "../../sys/index.ts";

/** Grows when records, counters or manifests change their layout: older ones are then not taken over. */
export const MANIFEST_FORMAT = 4;

/** A rule set that was loaded. */
export interface Generation {
  /** From 1 on; begins again when nothing is pinned. */
  readonly generation: number;
  /** Wall clock, ms. */
  readonly loadedAtMs: number;
  /** Text of the rules, for people and for `download`. */
  readonly source: string;
  readonly rules: readonly CheckedRule[];
  /** Records of this generation name their site by firstSite + index into `sites`. No other one of the ring has this number. */
  readonly firstSite: number;
  readonly sites: readonly Site[];
  /** What was said at load. */
  readonly notices: readonly string[];
}

export interface Manifest {
  readonly format: number;
  readonly generation: Generation;
  /** Reading them takes ten megabytes, which a service that takes rules over need not have; earlier versions left them out. */
  readonly kernel?: KernelFacts;
  /** Files whose identity a process keeps up to date. */
  readonly identifiedPaths: readonly string[];
  /** Tests whose other names a process keeps up to date; absent before there were any. */
  readonly testSets?: readonly TestSet[];
  /** Its own maps, without content. */
  readonly maps: readonly CompiledMap[];
  /** In the order of their pins. */
  readonly programs: readonly {
    readonly name: string;
    readonly attachment: Attachment;
    /** Indexes of the rules that it works for. */
    readonly rules: readonly number[];
  }[];
}

const OWNER_ONLY_DIR = 0o700;
const OWNER_ONLY_FILE = 0o600;
const fileOf = (dir: string, generation: number): string => join(dir, `generation-${generation}`);

/** What must be known of rules has no place, or cannot be had now: their events could not be read. */
export class ManifestError extends MachineError {
  readonly code = "manifest";

  constructor(what: "read" | "write", file: string, cause: NodeJS.ErrnoException) {
    super(
      `Cannot ${what} ${file}: ${cause.code}`,
      cause.code === "ENOSPC" ? "Make room in its file system" : undefined,
      cause,
    );
  }
}

/** Throws ManifestError for lack of descriptors or memory, and what reading throws else. */
export function readNow(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    if (isPassing(error)) throw new ManifestError("read", file, error as NodeJS.ErrnoException);
    throw error;
  }
}

/** Whole or not at all. Throws ManifestError. */
export function writeManifest(dir: string, manifest: Manifest): void {
  const file = fileOf(dir, manifest.generation.generation);
  const bytes = serialize(manifest);
  try {
    mkdirSync(dir, { recursive: true, mode: OWNER_ONLY_DIR });
    writeFileSync(`${file}.new`, bytes, { mode: OWNER_ONLY_FILE });
    renameSync(`${file}.new`, file);
  } catch (error) {
    rmSync(`${file}.new`, { force: true });
    throw new ManifestError("write", file, error as NodeJS.ErrnoException);
  }
}

export function hasManifest(dir: string, generation: number): boolean {
  return existsSync(fileOf(dir, generation));
}

export function removeManifest(dir: string, generation: number): void {
  rmSync(fileOf(dir, generation), { force: true });
}

/** All by generation, ascending; files of other formats and damaged ones are left out. Throws ManifestError. */
export function readManifests(dir: string): Manifest[] {
  let names: string[];
  try {
    names = readdirSync(dir);
  } catch (error) {
    if (isPassing(error)) throw new ManifestError("read", dir, error as NodeJS.ErrnoException);
    return [];
  }
  return names
    .filter((name) => /^generation-\d+$/.test(name))
    .flatMap((name) => readManifest(join(dir, name)))
    .sort((x, y) => x.generation.generation - y.generation.generation);
}

function readManifest(file: string): Manifest[] {
  try {
    const manifest = deserialize(readNow(file)) as Manifest;
    return manifest.format === MANIFEST_FORMAT ? [manifest] : [];
  } catch (error) {
    if (isPassing(error)) throw error;
    return [];
  }
}
