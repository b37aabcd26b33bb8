import { escapeControls } from "../../base/escape.ts";
import { wrapWords } from "../../base/wrap.ts";
import type { Explanation } from "./explanation.ts";

/** A block of lines for people. */
export function explanationText(explanation: Explanation, columns?: number): string {
  const {
    rule,
    at,
    when,
    covers,
    elsewhere,
    leftOut,
    programs,
    counts,
    compat,
    ioUring,
    actions,
    race,
    leftOpen,
    refused,
    untried,
    run,
  } = explanation;
  const rows: [string, string][] = [
    ...covers.map(({ name, calls }): [string, string] => [
      name,
      calls.map(({ call, abi, nr }) => `${call} ${abi} ${nr}`).join(", "),
    ]),
    ...elsewhere.map(({ what, how }, i): [string, string] => [
      i === 0 ? "elsewhere" : "",
      `${what}: ${how}`,
    ]),
    ...leftOut.map(({ calls, why }, i): [string, string] => [
      i === 0 ? "left out" : "",
      `${calls.join(", ")}: ${why}`,
    ]),
    ...programs.map(({ kinds, at }, i): [string, string] => [
      i === 0 ? "programs" : "",
      `${kinds.join(" and ")} at ${at.join(", ")}`,
    ]),
    ...actions.flatMap(({ type, how }, i): [string, string][] =>
      how.length === 0
        ? [[i === 0 ? "actions" : "", type]]
        : how.map((line, j): [string, string] => [
            i + j === 0 ? "actions" : "",
            `${type}: ${line}`,
          ]),
    ),
    ...counts.map((line, i): [string, string] => [i === 0 ? "counts" : "", line]),
    ["32-bit", compat],
    ["io_uring", ioUring],
    ["race", race],
    ...leftOpen.flatMap(({ way, rules }, i): [string, string][] => [
      [i === 0 ? "left open" : "", `${way}; closed by`],
      ...rules.map((text): [string, string] => ["", text]),
    ]),
    ...(untried === null ? [] : [["here", untried] as [string, string]]),
    ...refused.map((reason): [string, string] => ["refused", reason]),
    ["sct run", run],
  ];
  const width = Math.max(...rows.map(([left]) => left.length));
  const lines = rows.map(([left, right]) =>
    wrapWords(`  ${left.padEnd(width)}  `, escapeControls(right), columns),
  );
  const title = `${escapeControls(rule)} (${escapeControls(at)}), ${when}`;
  return ["", wrapWords("", title, columns, 2), ...lines].join("\n");
}
