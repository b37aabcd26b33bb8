import assert from "node:assert/strict";
import { test } from "node:test";
import { authorityOf, httpTargetOf, type ProxyTarget, targetOf } from "./target.ts";

const text = (target: ProxyTarget | undefined): string | undefined =>
  target && `${target.kind} ${authorityOf(target)}`;

test("targetOf() reads names and addresses in one form each", () => {
  const wanted: readonly [string, string][] = [
    ["Registry.EXAMPLE:443", "name registry.example:443"],
    ["registry.example.:443", "name registry.example:443"],
    ["xn--bcher-kva.example:443", "name xn--bcher-kva.example:443"],
    ["localhost:1", "name localhost:1"],
    ["10.0.0.1:65535", "address 10.0.0.1:65535"],
    ["[2001:DB8:0::1]:22", "address [2001:db8::1]:22"],
    ["[::ffff:127.0.0.1]:22", "address 127.0.0.1:22"],
    ["[::ffff:7f00:1]:22", "address 127.0.0.1:22"],
  ];
  for (const [given, expected] of wanted) assert.equal(text(targetOf(given)), expected, given);
});

test("targetOf() refuses what programs may read in several ways", () => {
  const hosts = [
    "0x7f000001",
    "0x7f.0.0.1",
    "2130706433",
    "127.1",
    "0177.0.0.1",
    "1.2.3.256",
    "a..b",
    ".a",
    "a.b..",
    "",
    "-a.example",
    "user@good.example",
    "good.example@evil.example",
    "good.example%00.evil.example",
    "good.example\0.evil.example",
    "good.example\r\nX: y",
    "good.example evil.example",
    "good.example/",
    "good.example#",
    "good.example?",
    "good.example\\evil.example",
    "%67ood.example",
    "bücher.example",
    "ｇood.example",
    "[fe80::1%25lo]",
    "[::1",
    "[good.example]",
    "::1",
    `${"a".repeat(64)}.example`,
    `${"a.".repeat(127)}example`,
  ];
  for (const host of hosts) assert.equal(targetOf(`${host}:443`), undefined, JSON.stringify(host));
  for (const port of ["", ":", ":0", ":65536", ":+1", ":1e3", ":443:443", ": 443", ":443 "])
    assert.equal(targetOf(`good.example${port}`), undefined, JSON.stringify(port));
});

test("httpTargetOf() reads whole URLs of http alone", () => {
  const paths: readonly [string, string][] = [
    ["http://good.example", "name good.example:80 /"],
    ["HTTP://Good.Example:8080/a?b=c", "name good.example:8080 /a?b=c"],
    ["http://good.example?b", "name good.example:80 /?b"],
    ["http://[::1]/%00", "address [::1]:80 /%00"],
    // all behind the first slash is a path
    ["http://good.example/@evil.example", "name good.example:80 /@evil.example"],
  ];
  for (const [url, expected] of paths) {
    const found = httpTargetOf(url);
    assert.equal(found && `${text(found.target)} ${found.path}`, expected, url);
  }
  const refused = [
    "/",
    "*",
    "good.example:80",
    "https://good.example/",
    "ftp://good.example/",
    "http:///",
    "http:/good.example/",
    "http://user:secret@good.example/",
    "http://good.example#/",
    "http://good.example/#a",
    "http://good.example\\@evil.example/",
    "http://evil.example\\.good.example/",
    "http://good.example/a b",
    "http://good.example/\r\nHost: evil.example",
    "http://good.example/ü",
    "http://0x7f.1/",
  ];
  for (const url of refused) assert.equal(httpTargetOf(url), undefined, JSON.stringify(url));
});
