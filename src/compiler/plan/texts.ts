/** Text of a call: where it comes from, and which parameters are text. */
import type { Presentation, ValueSource } from "../../language/vocabulary.ts";
import type { TextSource } from "./block.ts";

export function sourceKey(source: TextSource): string {
  switch (source.kind) {
    case "arg":
      return `arg${source.index}`;
    case "memory":
      return `mem${source.pointerArg}+${source.offset}:${source.size}${source.isTimespec === true ? "ms" : ""}`;
    case "process":
      return `process${source.arg}`;
    case "constant":
      return `const${source.value}`;
    case "absent":
    case "unknown":
      return source.kind;
    case "path":
      return `path${source.nth}`;
    case "dir":
      return `dir${source.nth}:${sourceKey(source.dirfd)}`;
    case "buffer":
      return `buffer${source.isFilled ? ".filled" : ""}:${JSON.stringify([source.pointer.source, source.pointer.type.size, source.length?.source, source.length?.type, source.pointer.data], digits)}`;
    case "list":
      return `list:${sourceKey(source.pointer)}${JSON.stringify(source.part)}`;
    case "fd":
      return `fd.${source.member}${source.isDirectory ? "." : ""}${source.copy ?? ""}:${sourceKey(source.fd)}`;
    case "exe":
    case "cwd":
    case "cmdline":
    case "container":
      return source.kind;
    case "field": {
      const { pointer, field, atExit } = source;
      const place = field === undefined ? "" : `${field.offset}:${field.type.c}${field.type.size}`;
      const { only, otherwise } = source;
      const choice =
        only === undefined && field?.behind === undefined
          ? ""
          : JSON.stringify([only, otherwise, field?.behind], digits);
      const optional = source.isOptional === true ? "?" : "";
      return `field${atExit ? "+" : ""}${optional} ${sourceKey(pointer)}:${place}${choice}`;
    }
  }
}

function digits(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? `${value}n` : value;
}

/** The call has no such thing, or none that can be found. */
export function isMissing({ kind }: ValueSource): boolean {
  return kind === "absent" || kind === "unknown";
}

/** Of the kernel's objects, not of what the caller gave. */
export function isObject({ kind }: TextSource): boolean {
  return ["exe", "cwd", "cmdline", "container", "dir", "path", "fd"].includes(kind);
}

export function isString(presentation: Presentation, index: number): boolean {
  const param = presentation.params[index - 1];
  if (param === undefined || isMissing(param.source)) return false;
  return param.type.kind === "string" || param.type.kind === "path";
}

/** Strings that the report of a rule shows, whether or not it prints a line. */
export function reportedStrings(presentation: Presentation): ValueSource[] {
  return presentation.params
    .filter((_, i) => isString(presentation, i + 1))
    .map((param) => param.source);
}
