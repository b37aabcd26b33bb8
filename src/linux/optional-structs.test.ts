import assert from "node:assert/strict";
import { test } from "node:test";
import { optionalStructs } from "./optional-structs.ts";
import { presentExactly, presentVariants } from "./presentations.ts";

test("optional structs are parameters of calls, and structs", () => {
  for (const [call, names] of Object.entries(optionalStructs)) {
    const [prototype] = presentExactly(call) ?? [];
    for (const name of names ?? []) {
      const param = prototype?.params.find((one) => one.name === name);
      assert.equal(param?.type.kind, "struct", `${call} ${name}`);
      assert.equal(param?.isOptional, true, `${call} ${name}`);
    }
  }
});

test("a variant has the optional structs of the name that it is presented under", () => {
  const [own, ...others] = presentVariants("accept") ?? [];
  assert.ok(own && others.length > 0);
  for (const { call, params } of [own, ...others]) assert.equal(params[1]?.isOptional, true, call);
});
