import assert from "node:assert/strict";
import { test } from "node:test";
import { vocabulary } from "./vocabulary.ts";

/** `abi call(parameter=source …)` of each presentation, for comparison in one look. */
function show(name: string): readonly string[] {
  return (vocabulary.presentations(name, "variants") ?? []).map(({ abi, call, params, guards }) => {
    const list = params.map(({ name: param, type, source }) => {
      const from =
        source.kind === "arg"
          ? source.index
          : source.kind === "memory"
            ? `*${source.pointerArg}+${source.offset}`
            : source.kind;
      return `${param}:${type.kind}${type.signed ? "-" : ""}${type.size}=${from}`;
    });
    return `${abi} ${call}(${list.join(" ")})${guards.length > 0 ? " if" : ""}`;
  });
}

test("presentations() of unlink cover unlinkat on both ABIs", () => {
  assert.deepEqual(show("unlink"), [
    "x86_64 unlink(pathname:path8=0)",
    "i386 unlink(pathname:path4=0)",
    "x86_64 unlinkat(pathname:path8=1) if",
    "i386 unlinkat(pathname:path4=1) if",
  ]);
  const guard = vocabulary.presentations("unlink", "variants")?.[2]?.guards[0];
  assert.deepEqual(guard, { source: { kind: "arg", index: 2 }, mask: 0x200n, value: 0n });
});

test("presentations() of connect reach into the array of socketcall", () => {
  assert.deepEqual(show("connect"), [
    "x86_64 connect(fd:int-4=0 uservaddr:struct8=1 addrlen:int-4=2)",
    "i386 connect(fd:int-4=0 uservaddr:struct4=1 addrlen:int-4=2)",
    "i386 socketcall(fd:int-4=*1+0 uservaddr:struct4=*1+4 addrlen:int-4=*1+8) if",
  ]);
});

test("presentations() of unknown calls are undefined", () => {
  assert.equal(vocabulary.presentations("opne", "variants"), undefined);
});

test("presentations() of every call can be built and begin with the call itself", () => {
  for (const name of vocabulary.callNames) {
    for (const match of ["variants", "exact"] as const) {
      const first = vocabulary.presentations(name, match)?.[0];
      assert.equal(first?.call, name);
      assert.equal(first?.as, name);
    }
  }
});

test("constant() and errno() know the headers' names", () => {
  assert.equal(vocabulary.constant("O_CREAT"), 0o100n);
  assert.equal(vocabulary.constant("AT_FDCWD"), -100n);
  assert.equal(vocabulary.errno("EACCES"), 13);
  assert.equal(vocabulary.errnoName(11), "EAGAIN");
});
