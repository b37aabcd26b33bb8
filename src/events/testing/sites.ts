/** Sites and contexts that the tests of this room share. */
import type { Span } from "../../base/span.ts";
import type { CheckedAction, CheckedRule, FormatPiece } from "../../language/checked/index.ts";
import type {
  ParamType,
  Presentation,
  PresentedParam,
  ValueSource,
} from "../../language/vocabulary.ts";
import type { FormatContext } from "../format/context.ts";
import type { Site } from "../site.ts";
import { WallClock } from "../wall-clock.ts";

export const span: Span = { file: { name: "test.conf", text: "" }, start: 0, end: 0 };

export const path: ParamType = { c: "const char *", kind: "path", size: 8, signed: false };
export const int: ParamType = { c: "int", kind: "int", size: 4, signed: true };
export const uint: ParamType = { c: "unsigned int", kind: "int", size: 4, signed: false };
export const long: ParamType = { c: "unsigned long", kind: "int", size: 8, signed: false };
export const pointer: ParamType = { c: "void *", kind: "pointer", size: 8, signed: false };

export function param(name: string, type: ParamType, source: ValueSource): PresentedParam {
  return { name, type, source };
}

/** unlinkat(2) under the name unlink. */
export const unlinkat: Presentation = {
  as: "unlink",
  call: "unlinkat",
  abi: "x86_64",
  nr: 263,
  guards: [],
  params: [param("pathname", path, { kind: "arg", index: 1 })],
};

/** A call with one parameter of the type in each register. */
export function callWith(...types: ParamType[]): Presentation {
  const params = types.map((type, i) => param(`p${i + 1}`, type, { kind: "arg", index: i }));
  return { as: "call", call: "call", abi: "x86_64", nr: 1, guards: [], params };
}

export function siteOf(
  presentation: Presentation,
  format?: string,
  overrides: Partial<CheckedRule> = {},
): Site {
  const log: CheckedAction =
    format === undefined
      ? { type: "LOG", span }
      : { type: "LOG", format: parseFormat(format), span };
  const rule: CheckedRule = {
    name: "unlink_rule1",
    tags: [],
    when: "before",
    targets: [{ name: presentation.as, presentations: [presentation], span }],
    actions: [log],
    continue: false,
    onUnreadable: "match",
    span,
    ...overrides,
  };
  return { ruleIndex: 0, rule, presentation };
}

/** Enough of log_format's syntax for tests; the real one is in src/language. */
export function parseFormat(format: string): readonly FormatPiece[] {
  return format
    .split(/(%%|%[a-z]+\d?(?:\{[^}]*\})?)/)
    .filter((part) => part !== "")
    .map((part) => {
      const [, name, index, argument] = /^%([a-z]+)(\d?)(?:\{([^}]*)\})?$/.exec(part) ?? [];
      if (name === undefined) return { kind: "text", text: part === "%%" ? "%" : part };
      return {
        kind: "macro",
        name,
        span,
        ...(index ? { index: Number(index) } : {}),
        ...(argument === undefined ? {} : { argument }),
      };
    });
}

export const context: FormatContext = {
  clock: new WallClock(1_795_446_000_000_000_000n),
  generation: 3,
  names: {
    errnoName: (errno) => ({ 2: "ENOENT", 1: "EPERM" })[errno],
    registers: () => ["int", "word", "word"],
    userName: (uid) => ({ 0: "root" })[uid],
    writeSymbolic: (out, semantic, low) => {
      if (semantic !== "dirfd" || low !== -100) return false;
      out.string("AT_FDCWD");
      return true;
    },
    dependence: () => undefined,
  },
};
