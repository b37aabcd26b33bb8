import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Expr, Item, Name, SetItem, Tree } from "./ast.ts";
import { commentsOf } from "./format/comments.ts";
import { formatRules } from "./format/format.ts";
import type { Token } from "./parse/lexer.ts";
import { parse } from "./parse/parse.ts";
import { foldLogFormat } from "./parse/rule.ts";
import { printTree } from "./print.ts";
import { printExpr } from "./print-expression.ts";
import { Diagnostics } from "./report.ts";

function parseText(text: string): { tree: Tree; errors: string[] } {
  const report = new Diagnostics();
  const tree = parse({ name: "t", text }, report);
  const errors = report.diagnostics
    .filter((d) => d.severity === "error")
    .map((d) => `${d.code} ${text}`);
  return { tree, errors };
}

/** A tree without its spans. */
function bare(value: unknown): unknown {
  if (value instanceof Uint8Array || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(bare);
  const entries = Object.entries(value).filter(([key]) => !["span", "raw", "file"].includes(key));
  return Object.fromEntries(entries.map(([key, inner]) => [key, bare(inner)]));
}

describe("printExpr", () => {
  const rows: Readonly<Record<string, string>> = {
    'PARAMS[1]=="/etc/passwd"&&UID==0': 'PARAMS[1] == "/etc/passwd" && UID == 0',
    "((a))": "a",
    "(1+2)*3": "(1 + 2) * 3",
    "1+(2+3)": "1 + (2 + 3)",
    "(1+2)+3": "1 + 2 + 3",
    "a||(b||c)": "a || (b || c)",
    "(a&&b)||c": "a && b || c",
    "a&&(b||c)": "a && (b || c)",
    "(f&1)!=0": "(f & 1) != 0",
    "f&1!=0": "f & (1 != 0)",
    "!~UID": "!(~UID)",
    "!!a": "!!a",
    "- -1": "--1",
    "!(a==b)": "!(a == b)",
    "a in(1,2)": "a in (1, 2)",
    "a in (L)": "a in L",
    "a not in 1..2": "a not in (1..2)",
    "x in 10.0.0.0/8": "x in 10.0.0.0/8",
    "x in (10.0.0.0/8,::1)": "x in (10.0.0.0/8, ::1)",
    'a=~"\\.so$"': 'a =~ "\\\\.so$"',
    'a=="é\\x1b"': 'a == "é\\x1b"',
    'a=="é\\x80"': 'a == "\\xc3\\xa9\\x80"',
    'a=="\\xe2\\x80\\xae"': 'a == "\\xe2\\x80\\xae"',
    "a /* c */ == # x\n 1 // y": "a == 1",
    'descends_from( "sshd" )': 'descends_from("sshd")',
    "PARAMS[ 1+1 ].a . b": "PARAMS[1 + 1].a.b",
  };
  for (const [source, printed] of Object.entries(rows)) {
    test(source, () => {
      const { tree, errors } = parseText(`define X { ${source}\n }`);
      const [item] = tree.items;
      assert.deepEqual(errors, []);
      assert.equal(item?.kind === "define" && printExpr(item.value), printed);
    });
  }
});

const span = { file: { name: "t", text: "" }, start: 0, end: 0 };
const word = fc.constantFrom("UID", "COMM", "O_CREAT", "abc", "x_1", "ALLOWED");
const number = fc.constantFrom("0", "42", "0x1f", "0644", "4K", "'a'", "0b11").map((text): Expr => {
  const { tree } = parseText(`define X { ${text} }`);
  const [item] = tree.items;
  assert.ok(item?.kind === "define");
  return { ...item.value, span };
});
const string = fc
  .uint8Array({ maxLength: 8 })
  .map((value): Expr & { kind: "string" } => ({ kind: "string", value, span }));
const network = fc
  .constantFrom("10.0.0.0/8", "::1", "fe80::/10", "1.2.3.4")
  .map((text): Expr => ({ kind: "network", text, span }));
const name = word.map((text): Expr => ({ kind: "name", name: text, span }));
const index = fc
  .tuple(fc.constantFrom("PARAMS", "PATH", "ARGV"), number)
  .map(([n, i]): Expr => ({ kind: "index", name: n, index: i, span }));

const { expr } = fc.letrec<{ expr: Expr; item: SetItem }>((tie) => ({
  item: fc.oneof(
    tie("expr").map((value): SetItem => ({ kind: "value", value, span })),
    fc.tuple(number, number).map(([low, high]): SetItem => ({ kind: "range", low, high, span })),
  ),
  expr: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.oneof(number, string, name, index, network),
    fc.tuple(index, word).map(([base, path]): Expr => ({ kind: "field", base, path, span })),
    fc
      .array(tie("expr"), { maxLength: 2 })
      .map((args): Expr => ({ kind: "call", name: "descends_from", args, span })),
    fc
      .tuple(fc.constantFrom("!", "-", "~"), tie("expr"))
      .map(([op, operand]): Expr => ({ kind: "unary", op, operand, span })),
    fc
      .tuple(
        fc.constantFrom(
          "|",
          "^",
          "&",
          "==",
          "<",
          ">=",
          "<<",
          "+",
          "-",
          "*",
          "%",
          "=~",
          "!~",
          "matches",
          "startswith",
          "icontains",
        ),
        tie("expr"),
        tie("expr"),
      )
      .map(([op, left, right]): Expr => ({ kind: "binary", op, left, right, span }) as Expr),
    fc
      .tuple(fc.constantFrom("||", "&&"), fc.array(tie("expr"), { minLength: 2, maxLength: 4 }))
      .map(([op, operands]): Expr => ({ kind: "logical", op, operands, span })),
    fc
      .tuple(fc.boolean(), tie("expr"), fc.array(tie("item"), { minLength: 1, maxLength: 3 }))
      .map(([negated, operand, set]): Expr => ({ kind: "in", negated, operand, set, span })),
  ),
}));

const free: fc.Arbitrary<Name> = fc
  .oneof(word, fc.string({ maxLength: 6, unit: "grapheme" }))
  .map((text) => ({ text, span }));
// What a log_format can hold: balanced braces, folded white space.
const format = fc
  .array(fc.constantFrom("%comm", "%time{ISO}", " ", "{x}", "#", '"', "--", "é"), { maxLength: 6 })
  .map((parts) => foldLogFormat(parts.join("")));
const assignment = fc.record({ target: expr, value: expr, span: fc.constant(span) });
const item: fc.Arbitrary<Item> = fc.oneof(
  fc
    .tuple(word, expr)
    .map(([text, value]): Item => ({ kind: "define", name: { text, span }, value, span })),
  string.map((path): Item => ({ kind: "include", path, span })),
  fc.tuple(word, fc.array(expr, { minLength: 1, maxLength: 3 })).map(
    ([text, values]): Item => ({
      kind: "list",
      name: { text, span },
      values: values.map((value) => ({ kind: "value", value, span })),
      span,
    }),
  ),
  fc
    .tuple(
      free,
      fc.array(free, { minLength: 1, maxLength: 3 }),
      expr,
      format,
      string,
      fc.array(assignment, { maxLength: 2 }),
    )
    .map(
      ([value, values, filter, text, description, assignments]): Item => ({
        kind: "rule",
        entries: [
          { kind: "rule_name", value, span },
          { kind: "syscall_name", values, span },
          { kind: "description", value: description, span },
          { kind: "filter_expression", value: filter, span },
          {
            kind: "action",
            entries: [
              { kind: "type", value, span },
              { kind: "error_code", value: filter, span },
              { kind: "log_format", text, raw: span, span },
              { kind: "rewrite", assignments, span },
              { kind: "by", values: [filter, filter], span },
              { kind: "hist", values: [filter], span },
            ],
            span,
          },
        ],
        span,
      }),
    ),
  fc
    .tuple(
      string,
      word,
      fc.array(expr, { maxLength: 3 }),
      expr,
      fc.array(assignment, { maxLength: 2 }),
    )
    .map(
      ([title, text, args, value, variables]): Item => ({
        kind: "test",
        title,
        entries: [
          { kind: "call", name: { text, span }, args, variables, returns: value, span },
          { kind: "expect", what: { text: "LOG", span }, text: title, by: { text, span }, span },
          { kind: "expect", what: { text: "nothing", span }, span },
        ],
        span,
      }),
    ),
);

describe("printTree", () => {
  test("what is printed parses to the same tree, and prints the same again", () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 4 }), (items) => {
        const printed = printTree({ file: span.file, items });
        const { tree, errors } = parseText(printed);
        assert.deepEqual(errors, []);
        assert.deepEqual(bare(tree.items), bare(items), printed);
        assert.equal(printTree(tree), printed);
      }),
      { numRuns: 300 },
    );
  });
});

function takenOf(text: string): { tokens: readonly Token[]; comments: readonly string[] } {
  const tokens: Token[] = [];
  parse({ name: "t", text }, new Diagnostics(), tokens);
  return { tokens, comments: commentsOf(text, tokens) };
}

function formatted(text: string): string {
  const result = formatRules({ name: "t", text });
  assert.deepEqual(result.diagnostics, [], text);
  return result.text ?? "";
}

const anyGap = fc
  .array(fc.constantFrom(" ", "\n", "\t", "\r\n", "# c\n", "// d \n", "/* e */", "/*\nf */"), {
    minLength: 1,
    maxLength: 3,
  })
  .map((parts) => parts.join(""));

test("formatRules(), however a text is laid out: its meaning and its comments stay, and a second time changes nothing", () => {
  fc.assert(
    fc.property(
      fc.array(item, { maxLength: 3 }),
      fc.array(anyGap, { minLength: 8, maxLength: 8 }),
      fc.nat(),
      (items, gaps, seed) => {
        const printed = printTree({ file: span.file, items });
        const { tokens } = takenOf(printed);
        const pieces = tokens.map(({ text }, i) => text + (gaps[(i * seed + i) % 8] ?? " "));
        const text = pieces.join("");
        const { tree, errors } = parseText(text);
        // `% p` where `%p` was: the random gap made it another text
        fc.pre(errors.length === 0);
        const once = formatted(text);
        assert.equal(printTree(parseText(once).tree), printTree(tree));
        assert.deepEqual(takenOf(once).comments, takenOf(text).comments, text);
        assert.equal(formatted(once), once, text);
      },
    ),
    { numRuns: 300 },
  );
});
