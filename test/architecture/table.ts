/** The table of rooms as docs/architecture.md shows it. */
import { contracts, type Room, rooms } from "./rooms.ts";

const list = (words: readonly string[]): string => (words.length === 0 ? "–" : words.join(", "));

function allowed(room: Room): string {
  const names = [...room.imports, ...(room.packages ?? [])];
  if (room.node) names.push("node");
  return list(names);
}

/** The page lists the contracts once. */
function files(room: Room): string {
  const own = (room.files ?? []).filter((file) => !contracts.includes(file));
  return list(own.length === (room.files ?? []).length ? own : ["contracts", ...own]);
}

/** Markdown lines, without a line break at the end. */
export function roomsTable(): string {
  const rows = Object.entries(rooms).map(
    ([name, room]) => `| ${name} | ${allowed(room)} | ${files(room)} | ${room.about} |`,
  );
  const head = ["| room | may import | files besides doors | contents |", "|---|---|---|---|"];
  return [...head, ...rows].join("\n");
}
