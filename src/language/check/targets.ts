/** syscall_name → the calls it stands for. */
import type { Name } from "../ast.ts";
import { didYouMean } from "../suggest.ts";
import type { Presentation } from "../vocabulary.ts";
import type { RuleProgram, Scope } from "./context.ts";

/** A named call, with how it was named. */
export interface NamedCall {
  readonly scope: Scope;
  readonly presentations: readonly Presentation[];
  readonly source: Name;
}

/** Resolves names and classes; a call that is named twice counts once. */
export function resolveCalls(
  program: RuleProgram,
  names: readonly Name[],
  match: "variants" | "exact",
  when: "before" | "after",
): NamedCall[] {
  const calls = new Map<string, NamedCall>();
  const add = (
    call: string,
    source: Name,
    fromClass: boolean,
    presentations = program.vocabulary.presentations(call, match),
  ): boolean => {
    const [prototype] = presentations ?? [];
    if (!presentations || !prototype) return false;
    const known = calls.get(call);
    if (known && !fromClass && !known.scope.fromClass) {
      program.report.add("duplicate_call", source.span, [call]);
    }
    // Named by itself weighs more than through a class: mistakes are reported.
    if (!known || (known.scope.fromClass && !fromClass)) {
      calls.set(call, { scope: { when, name: call, prototype, fromClass }, presentations, source });
    }
    return true;
  };
  for (const source of names) {
    const { text, span } = source;
    if (text.startsWith("@")) {
      const members = program.vocabulary.classMembers(text);
      if (members && match === "exact")
        for (const [call, presentations] of membersExactly(program, members))
          add(call, source, true, presentations);
      else if (members) for (const member of members) add(member, source, true);
      else {
        program.report.add("unknown_class", span, [text], {
          expected: program.vocabulary.classNames.map((name) => `\`${name}\``).join(", "),
          ...didYouMean(text, program.vocabulary.classNames),
        });
      }
    } else if (!add(text, source, false)) {
      const isClass = program.vocabulary.classMembers(`@${text}`) !== undefined;
      program.report.add("unknown_call", span, [text], {
        ...(isClass
          ? { hint: `did you mean the class \`@${text}\`?` }
          : didYouMean(text, program.vocabulary.callNames)),
      });
    }
  }
  const all = [...calls.values()];
  const siblings = all.map(({ scope }) => scope.prototype);
  return all.map((call) => ({ ...call, scope: { ...call.scope, siblings } }));
}

/**
 * A class by the calls that are really made: its names stand for their variants, each of which is shown as itself here. What a
 * name covers of a call only under conditions (unlinkat without AT_REMOVEDIR) the class covers under the same.
 */
function membersExactly(
  { vocabulary }: RuleProgram,
  members: readonly string[],
): ReadonlyMap<string, readonly Presentation[]> {
  const found = new Map<string, Presentation[]>();
  for (const member of members)
    for (const { call, abi, guards } of vocabulary.presentations(member, "variants") ?? []) {
      const known = found.get(call) ?? [];
      found.set(call, known);
      const own = vocabulary.presentations(call, "exact")?.find((one) => one.abi === abi);
      if (own !== undefined) known.push({ ...own, guards });
    }
  for (const [call, presentations] of found) found.set(call, withoutRepeats(presentations));
  return found;
}

/** Of presentations of one call that differ in guards: all that are needed, the unconditional one first. */
function withoutRepeats(presentations: readonly Presentation[]): Presentation[] {
  const abis = new Set(presentations.map(({ abi }) => abi));
  return [...abis].flatMap((abi) => {
    const own = presentations.filter((one) => one.abi === abi);
    const always = own.find(({ guards }) => guards.length === 0);
    if (always !== undefined) return [always];
    const key = ({ guards }: Presentation): string =>
      guards
        .map(({ source, mask, value }) => JSON.stringify([source, `${mask}`, `${value}`], jsonSafe))
        .join();
    return [...new Map(own.map((one) => [key(one), one])).values()];
  });
}

const jsonSafe = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? `${value}` : value;

/** Calls with the same signature are typed alike. */
export function signatureOf({ prototype, fromClass }: Scope): string {
  const params = prototype.params.map(({ type, address, data }) =>
    [
      ...[type.kind, type.size, type.signed, type.struct, type.lengthParam, type.semantic],
      address?.in,
      data && (data.count === undefined ? "message" : "vector"),
    ].join(" "),
  );
  return `${fromClass} ${prototype.abi} ${params.join(",")}`;
}
