/** `sct syscalls --json`: one object a line. */
import type { ValueSource } from "../../language/index.ts";
import { type CallInfo, membersOf, vocabulary } from "../../linux/index.ts";

export function classJson(name: string, members: readonly string[]): string {
  return `${JSON.stringify({ class: name, members })}\n`;
}

/** The call with its parameters as rules see them, and all real calls that its name covers. */
export function callJson({ name, params, classes }: CallInfo): string {
  const covers = (vocabulary.presentations(name, "variants") ?? []).map(
    ({ call, abi, nr, guards }) => ({
      call,
      abi,
      nr,
      conditions: guards.map(({ source, mask, value }) => ({
        source: sourceJson(source),
        mask: hex(mask),
        value: hex(value),
      })),
    }),
  );
  const described = params.map((param) => {
    const members = membersJson(name, param);
    return { name: param.name, ...param.type, ...(members.length > 0 ? { members } : {}) };
  });
  return `${JSON.stringify({ name, params: described, covers, classes })}\n`;
}

/** What `PARAMS[n].member` can name; `where`: with which commands. */
function membersJson(call: string, param: CallInfo["params"][number]) {
  return membersOf(call, param)
    .filter(({ names }) => names.length > 0)
    .map(({ where, names }) => ({ ...(where === "" ? {} : { where }), names }));
}

function sourceJson(source: ValueSource): unknown {
  return source.kind === "constant" ? { ...source, value: hex(source.value) } : source;
}

function hex(value: bigint): string {
  return `0x${BigInt.asUintN(64, value).toString(16)}`;
}
