import { readFileSync } from "node:fs";

/** Of the package; the file is as far up from src/cli as it is from dist/cli. */
export function version(): string {
  const text = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
