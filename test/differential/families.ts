/** Rules that differ in constants alone, several such families in turn, and others between them: all of a family share code. */
import fc from "fast-check";
import type { Presentation } from "../../src/language/index.ts";
import { GLOBS, quoted, type RandomRule } from "./generate.ts";

/** As many as two bits for each have room in what the program returns. */
const MOST_RULES = 15;

type Shape = Pick<RandomRule, "after" | "match" | "unreadable"> & {
  /** One part after the other, each from constants. */
  readonly parts: readonly fc.Arbitrary<string>[];
};

function textPart(names: readonly string[]): fc.Arbitrary<fc.Arbitrary<string>> {
  const name = fc.constantFrom(...names);
  const op = fc.constantFrom("==", "startswith", "endswith", "contains", "icontains");
  return fc.oneof(
    fc.tuple(name, op).map(([n, o]) => quoted.map((text) => `${n} ${o} ${text}`)),
    name.map((n) =>
      fc.constantFrom(...GLOBS).map((glob) => `${n} matches ${JSON.stringify(glob)}`),
    ),
    name.map((n) =>
      fc
        .array(quoted, { minLength: 1, maxLength: 3 })
        .map((list) => `${n} in (${list.join(", ")})`),
    ),
    // of any kind, so that one automaton has them all
    name.map((n) =>
      fc.oneof(
        fc.tuple(op, quoted).map(([o, text]) => `${n} ${o} ${text}`),
        fc.constantFrom(...GLOBS).map((glob) => `${n} matches ${JSON.stringify(glob)}`),
        fc.constantFrom(...EXPRESSIONS).map((one) => `${n} =~ ${JSON.stringify(one)}`),
        fc.tuple(quoted, quoted).map(([a, b]) => `(${n} == ${a} || ${n} startswith ${b})`),
      ),
    ),
  );
}

/** Some of them are tested by themselves. */
const EXPRESSIONS = [
  "a",
  "^/[a-c]+",
  "b$",
  "^a.*b$",
  "(ab|ba)?c",
  "[^/]{2}",
  "x*/",
  "\\ba",
  "(ab)+",
];

const SMALL = fc.constantFrom("0", "1", "2", "-1", "1000", "0x200");

function otherPart(numbers: readonly string[], texts: readonly string[]) {
  const number = fc.constantFrom(...numbers);
  return fc.oneof(
    number.map((n) => SMALL.map((value) => `${n} == ${value}`)),
    number.map((n) => fc.tuple(SMALL, SMALL).map(([a, b]) => `${n} in (${a}, ${b})`)),
    number.map((n) =>
      fc
        .tuple(fc.constantFrom("<", "<=", ">", ">=", "!="), SMALL)
        .map((words) => `${n} ${words.join(" ")}`),
    ),
    number.map((n) =>
      fc.tuple(SMALL, fc.constantFrom(500, 100_000)).map(([a, b]) => `${n} in (${a}, 5..${b})`),
    ),
    fc.constantFrom("COMM", "PCOMM").map((n) => quoted.map((text) => `${n} == ${text}`)),
    // the same in all of them
    fc
      .tuple(number, fc.constantFrom("!=", "<", "&"), SMALL)
      .map((words) => fc.constant(words.join(" "))),
    fc.tuple(fc.constantFrom(...texts), quoted).map(([n, text]) => fc.constant(`${n} != ${text}`)),
  );
}

function shape({ params }: Presentation): fc.Arbitrary<Shape> {
  const numbers = ["UID", "GID", "PID"];
  const texts: string[] = [];
  params.forEach(({ type }, i) => {
    if (type.kind === "path" || type.kind === "string") texts.push(`PARAMS[${i + 1}]`);
    else if (type.kind === "int") numbers.push(`PARAMS[${i + 1}]`);
  });
  const names = texts.length === 0 ? ["COMM"] : texts;
  return fc.record({
    parts: fc
      .tuple(
        fc.array(textPart(names), { minLength: 1, maxLength: 1 }),
        fc.array(otherPart(numbers, names), { maxLength: 2 }),
        fc.boolean(),
      )
      .map(([text, others, isFirst]) => (isFirst ? [...text, ...others] : [...others, ...text])),
    after: fc.boolean(),
    match: fc.constantFrom("variants" as const, "exact" as const),
    unreadable: fc.constantFrom("" as const, "on_unreadable = skip" as const),
  });
}

/** Rules on one call, most of them of one of two shapes. */
export function families(
  prototype: (call: string) => Presentation,
  call: string,
  other: fc.Arbitrary<RandomRule>,
): fc.Arbitrary<RandomRule[]> {
  return fc.tuple(shape(prototype(call)), shape(prototype(call))).chain((shapes) => {
    const members = shapes.map(({ parts, ...shared }) =>
      fc.tuple(...parts).map(
        (atoms): RandomRule => ({
          ...{ call, ...shared, continues: false, frequency: "" },
          filter: atoms.join(" && "),
        }),
      ),
    );
    const one = fc.oneof(...members.map((arbitrary) => ({ weight: 10, arbitrary })), {
      weight: 1,
      arbitrary: other,
    });
    return fc.array(one, { minLength: 4, maxLength: MOST_RULES });
  });
}
