/** Random regular expressions and texts that make sense together: both are made of the same few bytes. */
import fc from "fast-check";

/** Everything that the syntax has, bounds of texts, lines and words included. */
const ATOMS = [
  ..."abAkS0_-/ ",
  ".",
  "\\.",
  "é",
  "\\n",
  "\\t",
  "\\x00",
  "\\xff",
  "\\x{e9}",
  "\\d",
  "\\D",
  "\\w",
  "\\W",
  "\\s",
  "\\S",
  "\\b",
  "\\B",
  "^",
  "$",
  "\\A",
  "\\z",
  "\\pL",
  "\\PL",
  "\\p{Nd}",
  "\\Qa.b\\E",
  "[ab]",
  "[^a]",
  "[a-z0-9]",
  "[^\\n/]",
  "[\\d_]",
  "[\\x80-\\xff]",
  "[[:alpha:]-]",
  "[[:^word:]]",
  "()",
];

const QUANTIFIERS = ["*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{0,2}?", "{2,}"];

const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 5, depthSize: "medium" },
    fc.constantFrom(...ATOMS),
    fc.array(tie("expression"), { minLength: 2, maxLength: 4 }).map((parts) => parts.join("")),
    fc
      .tuple(tie("expression"), fc.constantFrom(...QUANTIFIERS))
      .map(([inner, quantifier]) => `(?:${inner})${quantifier}`),
    fc.tuple(fc.constantFrom(...ATOMS), fc.constantFrom(...QUANTIFIERS)).map((t) => t.join("")),
    fc.array(tie("expression"), { minLength: 2, maxLength: 3 }).map((all) => `(${all.join("|")})`),
    fc
      .tuple(fc.constantFrom("(?i:", "(?s:", "(?m:", "(?-m:", "(?P<n>", "("), tie("expression"))
      .map(([open, inner]) => `${open}${inner})`),
  ),
}));

/** Not all of them are sound: a name used twice, letters beyond ASCII in any case. */
export const regex: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom("", "", "", "(?i)", "(?m)", "(?s)", "(?U)", "(?ims)", "^"), expression)
  .map((parts) => parts.join(""));

const byte = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...Buffer.from("abAkKsS0_-/. \n\t")) },
  { weight: 1, arbitrary: fc.constantFrom(0, 0x80, 0xa9, 0xc3, 0xe9, 0xc9, 0xff, 0xb5) },
  { weight: 1, arbitrary: fc.nat(255) },
);

/** Also empty, with newlines, and with bytes that are no UTF-8. */
export const text: fc.Arbitrary<Uint8Array> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.array(byte, { maxLength: 12 }).map((bytes) => Uint8Array.from(bytes)),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom("", "\n", "é", "aé\n", "a.b").map((s) => Buffer.from(s)),
  },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }) },
);
