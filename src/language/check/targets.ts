/** syscall_name → the calls it stands for. */
import type { Name } from "../ast.ts";
import { didYouMean } from "../suggest.ts";
import type { Presentation } from "../vocabulary.ts";
import type { Program, Scope } from "./context.ts";

/** A named call, with how it was named. */
export interface NamedCall {
  readonly scope: Scope;
  readonly presentations: readonly Presentation[];
  readonly source: Name;
}

/** Resolves names and classes; a call that is named twice counts once. */
export function resolveCalls(
  program: Program,
  names: readonly Name[],
  match: "variants" | "exact",
  when: "before" | "after",
): NamedCall[] {
  const calls = new Map<string, NamedCall>();
  const add = (call: string, source: Name, fromClass: boolean): boolean => {
    const presentations = program.vocabulary.presentations(call, match);
    const [prototype] = presentations ?? [];
    if (!presentations || !prototype) return false;
    const known = calls.get(call);
    if (known && !fromClass && !known.scope.fromClass) {
      program.report.add("duplicate_call", source.span, [call]);
    }
    // Named by itself weighs more than through a class: mistakes are told.
    if (!known || (known.scope.fromClass && !fromClass)) {
      calls.set(call, { scope: { when, name: call, prototype, fromClass }, presentations, source });
    }
    return true;
  };
  for (const source of names) {
    const { text, span } = source;
    if (text.startsWith("@")) {
      const members = program.vocabulary.classMembers(text);
      if (members) for (const member of members) add(member, source, true);
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
  return [...calls.values()];
}

/** Calls with the same signature are typed alike. */
export function signatureOf({ prototype, fromClass }: Scope): string {
  const params = prototype.params.map(({ type }) =>
    [type.kind, type.size, type.signed, type.struct, type.lengthParam, type.semantic].join(" "),
  );
  return `${fromClass} ${prototype.abi} ${params.join(",")}`;
}
