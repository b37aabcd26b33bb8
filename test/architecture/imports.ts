/** Every import of src, in every form that the language has. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const source = fileURLToPath(new URL("../../src", import.meta.url));

export interface Import {
  /** As it is written: "./x.ts", "node:fs", a package. */
  readonly specifier: string;
  /** Erased when the program runs. */
  readonly types: boolean;
}

/** Files of src, tests left out. Paths are relative to src. */
export function sourceFiles(): readonly string[] {
  return globSync("**/*.ts", { cwd: source }).filter((path) => !path.endsWith(".test.ts"));
}

const allTypes = (names: string): boolean => {
  const listed = /^\s*\{([^}]*)\}\s*$/.exec(names)?.[1];
  if (listed === undefined) return false;
  const words = listed.split(",").map((name) => name.trim());
  return words.every((name) => name === "" || name.startsWith("type "));
};

/** Comments may speak of an import. A slash inside of a string is no comment: "//" follows a space or begins a line. */
const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "$1");

/**
 * The imports that a text has: `import … from`, `export … from`, `import "x"`, `import("x")` with quotes of every kind,
 * `require("x")`, `getBuiltinModule("x")`. A place that is computed comes as "(computed)": no wall can judge it.
 */
export function importsIn(text: string): readonly Import[] {
  const code = withoutComments(text);
  const found: Import[] = [];
  for (const [, type, names, specifier] of code.matchAll(
    /^\s*(?:import|export)\b(\s+type\b)?([^;"'`]*?)\bfrom\s*["']([^"']+)["']/gm,
  )) {
    found.push({
      specifier: specifier ?? "",
      types: type !== undefined || allTypes(names ?? ""),
    });
  }
  for (const [, specifier] of code.matchAll(/^\s*import\s*["']([^"']+)["']/gm)) {
    found.push({ specifier: specifier ?? "", types: false });
  }
  for (const [, before, place] of code.matchAll(
    /(\btypeof\s+|[<:|&(]\s*)?\b(?:import|require|getBuiltinModule)\s*\(\s*([^)]*?)[\s,]*\)/g,
  )) {
    const literal = /^(["'`])([^"'`$]+)\1/.exec(place ?? "")?.[2];
    if (before?.startsWith("typeof") && literal === undefined) continue;
    found.push({
      specifier: literal ?? "(computed)",
      types: before?.startsWith("typeof") ?? false,
    });
  }
  return found;
}

export function importsOf(path: string): readonly Import[] {
  return importsIn(readFileSync(join(source, path), "utf8"));
}

/** The file of src that an import of `path` names; undefined: something outside of src. */
export function target(path: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  return relative(source, join(source, dirname(path), specifier));
}
