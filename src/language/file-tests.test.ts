/** What constants that name files mean besides themselves, on a machine with merged directories. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { BoolExpr } from "./checked/index.ts";
import { isFileTest, otherTests, type ResolvedName, textOf } from "./file-tests.ts";
import { parseRules } from "./index.ts";
import { ruleOf } from "./testing/expect.ts";
import { testVocabulary } from "./testing/vocabulary.ts";

const LINKS: Readonly<Record<string, string>> = {
  "/bin": "/usr/bin",
  "/srv/current": "/srv/r1",
  "/etc/link": "/etc/file",
  "/a*b": "/c*d",
};

/** As far as it is needed: links are known by their names. */
function resolve(path: string): ResolvedName {
  const follow = (name: string): string => {
    const link = Object.keys(LINKS).find((one) => name === one || name.startsWith(`${one}/`));
    return link === undefined ? name : follow(LINKS[link] + name.slice(link.length));
  };
  const parts: string[] = [];
  for (const part of path.split("/"))
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  const last = parts.pop();
  const parent = follow(`/${parts.join("/")}`).replace(/\/$/, "");
  const link = `${parent}/${last ?? ""}`;
  return { link, target: follow(link) };
}

function filterOf(text: string): BoolExpr {
  const { ruleSet } = parseRules([{ name: "t", text: ruleOf(text) }], testVocabulary);
  const filter = ruleSet?.rules[0]?.targets[0]?.filter;
  assert.ok(filter, text);
  return filter;
}

const TABLE: Readonly<Record<string, readonly string[]>> = {
  'PATH == "/usr/bin/echo"': [],
  'PATH == "/bin/echo"': ["== /usr/bin/echo"],
  'EXE != "/bin/echo"': ["== /usr/bin/echo"],
  'CWD == "/srv/current"': ["== /srv/r1"],
  'PATH == "/srv/current/"': ["== /srv/current", "== /srv/r1"],
  'PATH == "/etc/link"': ["== /etc/file"],
  'PATH == "/etc//x/../file"': ["== /etc/file"],
  'PATH in ("/bin/a", "/usr/bin/b", "/usr/bin/a")': [],
  'PATH in ("/bin/a", "/etc/./b")': ["== /etc/b", "== /usr/bin/a"],
  'PATH startswith "/bin/"': ["startswith /usr/bin/"],
  'PATH startswith "/bin"': ["== /usr/bin", "startswith /usr/bin/"],
  'PATH startswith "/bin/ec"': ["startswith /usr/bin/ec"],
  'PATH startswith "/etc//"': ["startswith /etc/"],
  'PATH startswith "/"': [],
  'PATH startswith "/etc/"': [],
  'PATH matches "/bin/*"': ["matches /usr/bin/*"],
  'PATH matches "/bin/ec?o"': ["matches /usr/bin/ec?o"],
  'PATH matches "/bin/echo"': ["== /usr/bin/echo"],
  'PATH matches "/{bin,etc}/*"': ["matches /usr/bin/*"],
  'PATH matches "/{{bin,y},srv/{current,x}}/[x]"': ["matches /srv/r1/[x]", "matches /usr/bin/[x]"],
  'PATH matches "/a\\\\*b/[x]"': ["matches /c\\*d/[x]"],
  'PATH matches "**/bin/*"': [],
  'PATH =~ "^/bin/e+"': ["=~ ^/usr/bin/e+"],
  'PATH !~ "^/bin/(a|b)$"': ["=~ ^/usr/bin/(a|b)$"],
  'PATH =~ "^/bin/echo$"': ["== /usr/bin/echo"],
  'PATH =~ "^/bin/e\\\\.x|^/etc|/bin/"': ["=~ ^/usr/bin/e\\.x"],
  'PATH =~ "^/bin/?x"': [],
  'PATH =~ "^/srv/current/é*x"': ["=~ ^/srv/r1/\xc3\xa9*x"],
  'PATH =~ "/bin/"': [],
  'PATH contains "/bin/"': [],
  'PATH == "bin"': [],
  'COMM == "/bin/x"': [],
};

for (const [filter, expected] of Object.entries(TABLE))
  test(`otherTests(): ${filter}`, () => {
    const expr = filterOf(filter);
    const others = isFileTest(expr) ? otherTests(expr, resolve) : [];
    const texts = others.map(({ op, pattern }) => `${op} ${textOf(pattern)}`);
    assert.deepEqual(texts.toSorted(), expected);
  });
