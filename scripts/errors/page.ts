/** docs/errors.md as text. */
import { sections, shapeOf } from "./catalogue.ts";
import type { Entry, Section } from "./entry.ts";

const HEAD = `# Errors and warnings

This page lists every error and warning of rules and of the configuration file. Each has its
message, a text that causes it, and the cure. Search for the word in brackets behind a message:

\`\`\`
x.conf:2:18: error: Unknown system call \`unlnk\` [unknown_call]
 2 |   syscall_name = unlnk
   |                  ^^^^^
   = hint: did you mean \`unlink\`?
\`\`\`

\`npm run generate:errors\` writes this page. Names in upper case stand for what the message names.
`;

export function errorsPage(): string {
  return `${HEAD}\n${sections.map(sectionText).join("\n")}`;
}

function sectionText({ title, about, entries }: Section): string {
  const parts = Object.entries(entries).map(([code, entry]) => entryText(code, entry));
  return `## ${title}\n${wrapped(about)}\n\n${parts.join("\n")}`;
}

function entryText(code: string, { example, cure }: Entry): string {
  const language = code.startsWith("config_") ? "toml" : "sct";
  return `### \`${code}\`
\`\`\`
${shapeOf(code)}
\`\`\`
${wrapped(`Cure: ${cure}`)}
\`\`\`${language}
${example}
\`\`\`
`;
}

const COLUMNS = 100;

/** Lines of at most 100 columns; pieces of code and links stay whole. */
function wrapped(text: string): string {
  const words = text.match(/(?:`[^`]+`|\[[^\]]*\]\([^)\s]*\)|[^\s`[])+/g) ?? [];
  const lines: string[] = [];
  for (const word of words) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= COLUMNS)
      lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines.join("\n");
}
