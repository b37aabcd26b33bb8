/** All manual pages, by file name. */
import { readFileSync } from "node:fs";
import { classicNames, commands } from "../../src/cli/commands.ts";
import { describeCommands } from "../../src/cli/completion/described.ts";
import { version } from "../../src/cli/version.ts";
import { commandPage, programPage } from "./command-pages.ts";
import { manualOf, partOf } from "./markdown.ts";
import { page } from "./roff.ts";

export async function manualPages(): Promise<ReadonlyMap<string, string>> {
  const described = await describeCommands({ commands, classicNames });
  const now = version();
  const pages = new Map([["sct.1", programPage(described, now)]]);
  for (const one of described) {
    pages.set(`sct-${one.name}.1`, commandPage(one, now, statusColumns));
    for (const classic of one.classic) pages.set(`${classic}.1`, `.so man1/sct-${one.name}.1\n`);
  }
  // the service is that command in the foreground
  pages.set("syscalltrackd.8", ".so man1/sct-load.1\n");
  pages.set(
    "sct-rules.5",
    page("sct-rules", 5, "the language of rules for system calls", now, document("language.md")),
  );
  pages.set(
    "sct-events.5",
    page("sct-events", 5, "lines and JSON that rules give", now, document("events.md")),
  );
  pages.set(
    "syscalltrack.toml.5",
    page("syscalltrack.toml", 5, "configuration of the service", now, document("configuration.md")),
  );
  return pages;
}

/** The table of the service's document, for the page of the command that prints it. */
function statusColumns(): string {
  const text = readFileSync(new URL("../../docs/service.md", import.meta.url), "utf8");
  const [table] = /^\| column \|[\s\S]*?(?=\n\n)/m.exec(text) ?? [];
  if (table === undefined) throw new Error("docs/service.md has no table of columns");
  return partOf(table);
}

function document(name: string): string {
  return manualOf(readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8"));
}
