/** Names that differ from run to run: those of temporary files, of processes, of moments. A policy has patterns for them. */
import { literalGlob } from "../language/index.ts";

interface Varying {
  readonly about: string;
  /** What differs is the last group, or else all that fits. */
  readonly shape: RegExp;
}

/** The first that fits is taken. */
const VARYING: readonly Varying[] = [
  { about: "date and time", shape: /\d{4}-\d\d-\d\dT\d\d[_:.-]\d\d[_:.-]\d\d(?:[_.]\d+)?Z?/ },
  { about: "gcc", shape: /^cc([A-Za-z0-9]{6})(?=\.|$)/ },
  { about: "mktemp", shape: /^tmp\.([A-Za-z0-9]{6,12})$/ },
  { about: "tempfile of Python", shape: /^tmp([a-z0-9_]{8})(?![a-z0-9])/ },
  { about: "pytest, pip and other users of mkdtemp", shape: /^pip-[a-z-]*([a-z0-9_]{8})$/ },
  { about: "git", shape: /^tmp_(?:obj|pack|idx|rev|mtimes|bitmap)_([A-Za-z0-9]{6})$/ },
  { about: "npm, when it puts folders aside", shape: /^\..+-([A-Za-z0-9]{8})$/ },
  {
    about: "bytes in hexadecimal",
    shape: /(?<![0-9a-z])(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,31}(?![0-9a-z])/,
  },
  { about: "number of a process, a clock, memory", shape: /\d{4,}/ },
  { about: "mkstemp", shape: /[.-](?=\w*\d|\w*[A-Z])([A-Za-z0-9]{6})$/ },
];

/** A digest: it differs with the content alone. */
const DIGEST = /^[0-9a-f]{32,}$/;
/** What Python tries in folders for temporary files: a name of nothing else. */
const TRIED = /^[a-z0-9_]{8}$/;

/** A part of a name between slashes as a pattern, with `*` for what differs from run to run. */
export function varyingPart(part: string): string {
  if (DIGEST.test(part)) return literalGlob(part);
  for (const { shape } of VARYING) {
    const found = shape.exec(part);
    if (found === null) continue;
    const differs = found[1] ?? found[0];
    const start = found.index + (found[1] === undefined ? 0 : found[0].lastIndexOf(differs));
    const before = part.slice(0, start);
    const after = part.slice(start + differs.length);
    // what is left must say something of the name
    if (before.length + after.length < 2) return literalGlob(part);
    return `${literalGlob(before)}*${varyingRest(after)}`;
  }
  return literalGlob(part);
}

/** Numbers behind the first that differs, such as `-debug-0.log`, stay. */
function varyingRest(after: string): string {
  return literalGlob(after).replace(/\d{4,}/g, "*");
}

const NUMBERED = /^\/(?:proc|dev\/pts)\//;
const NUMBER = /^\d+$/;
/** The group of a process has another name in each session. */
const CGROUP = /^\/sys\/fs\/cgroup\/.*\/([^/]+)$/s;
const TEMPORARY = /^\/(?:tmp|var\/tmp|dev\/shm)\//;

export interface Differs {
  /** The command has written it: names below any folder may differ from run to run. */
  readonly isWritten: boolean;
  /** It was made and removed again, or moved away. */
  readonly isFleeting: boolean;
}

/** The parts of a name as patterns. */
export function shapeOf(name: string, { isWritten, isFleeting }: Differs): readonly string[] {
  const parts = name.split("/").slice(1);
  if (NUMBERED.test(name))
    return parts.map((part) => (NUMBER.test(part) ? "[0-9]*" : literalGlob(part)));
  const file = CGROUP.exec(name)?.[1];
  if (file !== undefined) return ["sys", "fs", "cgroup", "**", literalGlob(file)];
  // right in a folder for temporary files; -1: it is in none
  const first = TEMPORARY.test(name) ? (name.startsWith("/tmp/") ? 1 : 2) : -1;
  return parts.map((part, i) => {
    if (!isWritten && i !== first) return literalGlob(part);
    const isTried = isFleeting && i === parts.length - 1 && TRIED.test(part);
    return isTried ? "?".repeat(part.length) : varyingPart(part);
  });
}
