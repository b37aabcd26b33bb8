import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { formatRules } from "./format.ts";

function formatted(text: string): string {
  const result = formatRules({ name: "t", text });
  assert.deepEqual(result.diagnostics, [], text);
  assert.ok(result.text !== undefined);
  return result.text;
}

/** Formatted text is as it is written here, and formatting it again changes nothing. */
function becomes(text: string, expected: string): void {
  assert.equal(formatted(text), expected);
  assert.equal(formatted(expected), expected);
}

test("blocks have a line for each entry; an action may be one line", () => {
  becomes(
    "rule\n{rule_name=a;syscall_name=open,\n  execve;action{type=LOG log_format { a  {b} }; }\naction\n{type=FAIL\nerror_code=-1}}",
    `rule {
  rule_name = a
  syscall_name = open,
    execve
  action { type = LOG log_format { a  {b} } }
  action {
    type = FAIL
    error_code = -1
  }
}
`,
  );
});

test("spaces stand where readers expect them", () => {
  becomes(
    'define X{! (UID==0)&&PARAMS [ 1 ] in(1 ..5,10.0.0.0/8,  ::1)||~PARAMS[2].x . y== - 1&&descends_from ( "sshd" )}',
    `define X { !(UID == 0) && PARAMS[1] in (1..5, 10.0.0.0/8, ::1) || ~PARAMS[2].x.y == -1 && descends_from("sshd") }
`,
  );
  becomes(
    "rule{limit = 10 / s   per uid\noccurrence= 3 .. 6 per pid occurrence=3 + 2 per pid threshold=100 / 10s chance = 0 . 5 %}",
    `rule {
  limit = 10/s per uid
  occurrence = 3..6 per pid
  occurrence = 3+2 per pid
  threshold = 100/10s
  chance = 0.5%
}
`,
  );
});

test("line breaks in lists and expressions stay", () => {
  becomes(
    'list L { "a",\n"b",\n\n\n"c" }\ndefine X {\nUID == 0 ||\n  COMM in (\n"a",\n      "b")\n\n}',
    `list L {
  "a",
  "b",

  "c"
}

define X {
  UID == 0 ||
  COMM in (
    "a",
    "b")
}
`,
  );
});

test("columns that the author has made stay columns", () => {
  becomes(
    'policy p {\n read  { }\n write { "/x" }\n # c\n otherwise=LOG\n}',
    `policy p {
  read      { }
  write     { "/x" }
  # c
  otherwise = LOG
}
`,
  );
  becomes(
    "define A  { 1 }\nlist LONG { 2 }\n\ndefine C { 3 }\ndefine LONG { 4 }",
    "define A  { 1 }\nlist LONG { 2 }\n\ndefine C { 3 }\ndefine LONG { 4 }\n",
  );
});

test("comments stay where they are", () => {
  becomes(
    `#!/bin/sct\r\n\r\n\r\n# about\r\nrule { # first
      syscall_name = open # calls
      when = after     /* when */
      /* a block
   of two lines */
      filter_expression { UID == 0 /* in */ || 1 // last
        # alone
      }
      # none left
    } # end
    # next
    include "x"; // y
    # bottom`,
    `#!/bin/sct

# about
rule {  # first
  syscall_name = open  # calls
  when = after  /* when */
  /* a block
   of two lines */
  filter_expression {
    UID == 0 /* in */ || 1  // last
    # alone
  }
  # none left
}  # end

# next
include "x"  // y
# bottom
`,
  );
  becomes(
    'list L {\n  "a",   # one\n  "bbb", # two\n  "c"    # three\n}\n',
    'list L {\n  "a",    # one\n  "bbb",  # two\n  "c"     # three\n}\n',
  );
});

test("a text with an error of syntax is not formatted", () => {
  const { text, diagnostics } = formatRules({ name: "t", text: "rule { syscall_name = }" });
  assert.equal(text, undefined);
  assert.deepEqual(
    diagnostics.map(({ code }) => code),
    ["unexpected_token"],
  );
});

test("an empty text stays empty", () => {
  becomes("", "");
  becomes(" \n\n", "");
  becomes("\ufeff# c", "# c\n");
});

const root = fileURLToPath(new URL("../../../", import.meta.url));
/** As the article of 2002 has it. */
const AS_PRINTED = ["examples/article1.conf"];

test("examples and packs are formatted", () => {
  const files = globSync(["examples/*.conf", "packs/*.conf"], { cwd: root });
  assert.ok(files.length > 12);
  for (const name of files) {
    const text = readFileSync(`${root}${name}`, "utf8");
    if (AS_PRINTED.includes(name)) becomes(text, formatted(text));
    else assert.equal(formatted(text), text, name);
  }
});
