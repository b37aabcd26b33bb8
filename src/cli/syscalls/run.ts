/** What `sct syscalls` does. */
import { nearest } from "../../language/index.ts";
import {
  callInfo,
  formatCallInfo,
  formatCallTable,
  formatClass,
  vocabulary,
} from "../../linux/index.ts";
import type { CommandArguments } from "../command.ts";
import { UsageError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { callJson, classJson } from "./json.ts";

export async function runSyscalls(args: CommandArguments): Promise<ExitCode> {
  const isJson = args.has("json");
  const names = args.operands;
  const parts =
    names.length > 0
      ? names.map((name) => describe(name, isJson))
      : isJson
        ? [...vocabulary.callNames, ...vocabulary.classNames].map((name) => describe(name, true))
        : [
            formatCallTable(),
            `classes\n${vocabulary.classNames.map((name) => `  ${name}\n`).join("")}`,
          ];
  process.stdout.write(parts.join(isJson ? "" : "\n"));
  return ExitCode.good;
}

function describe(name: string, isJson: boolean): string {
  if (name.startsWith("@")) {
    const members = vocabulary.classMembers(name);
    const text = members && (isJson ? classJson(name, members) : formatClass(name));
    if (text === undefined)
      throw new UsageError(`no class '${name}'${meant(name, vocabulary.classNames)}`);
    return text;
  }
  const info = callInfo(name);
  const text = info && (isJson ? callJson(info) : formatCallInfo(name));
  if (text === undefined) {
    const hint = meant(name, vocabulary.callNames);
    throw new UsageError(`no system call '${name}' on x86_64 or i386${hint}`);
  }
  return text;
}

function meant(name: string, names: Iterable<string>): string {
  const found = nearest(name, names);
  return found === undefined ? "" : `, did you mean '${found}'?`;
}
