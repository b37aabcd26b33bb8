/** Rules that are uploaded although they are in force: one message, with the command that was meant, and not one for each. */
import type { Diagnostic } from "../../base/diagnostic.ts";
import type { SourceFile } from "../../base/span.ts";

/** What is reported with a name that is taken already. */
const TAKEN: ReadonlySet<string> = new Set(["duplicate_rule", "duplicate_name"]);
/** A rule that is in force matches what it matches itself, of course. */
const SHADOWED: ReadonlySet<string> = new Set(["shadowed_rule"]);
/** Names that the message shows. */
const SHOWN = 3;
const HINT =
  "`sct config replace` puts the rules of the files into the place of all rules; `sct config delete NAME` deletes a rule first";

/** The same diagnostics, but one for all names that the rules in force have. It stands where the first of them did. */
export function mergeTaken(
  diagnostics: readonly Diagnostic[],
  inForce: SourceFile,
): readonly Diagnostic[] {
  const isAbout = ({ code, related }: Diagnostic, codes: ReadonlySet<string>): boolean =>
    codes.has(code) && related?.[0]?.span.file === inForce;
  const taken = diagnostics.filter((each) => isAbout(each, TAKEN));
  const [first] = taken;
  if (first === undefined) return diagnostics;
  const isCut = diagnostics.some(({ code }) => code === "too_many_errors");
  const { code, severity, span } = first;
  const one: Diagnostic = { code, severity, span, message: messageOf(taken, isCut), hint: HINT };
  // that there were too many is no news when they are one
  const others = diagnostics.filter(
    (each) => each === first || !(isAbout(each, TAKEN) || isAbout(each, SHADOWED)),
  );
  const isAlone = others.every(
    (each) => each === first || each.severity === "warning" || each.code === "too_many_errors",
  );
  return others
    .filter((each) => !isAlone || each.code !== "too_many_errors")
    .map((each) => (each === first ? one : each));
}

function messageOf(taken: readonly Diagnostic[], isCut: boolean): string {
  const names = taken.map(({ span: { file, start, end } }) => shown(file.text.slice(start, end)));
  const left = names.length - SHOWN;
  const more = isCut ? " and many more" : left > 0 ? ` and ${left} more` : "";
  return `${names.slice(0, SHOWN).join(", ")}${more} ${names.length === 1 ? "is" : "are"} in force already`;
}

function shown(name: string): string {
  return `\`${name.length > 60 ? `${name.slice(0, 60)}…` : name}\``;
}
