import assert from "node:assert/strict";
import { test } from "node:test";
import { ENOMEM, EPERM } from "./errno.ts";
import { SyscallError, UnsupportedError } from "./error.ts";
import { isPassing } from "./passing.ts";

const refused = (errno: number): SyscallError => new SyscallError({ call: "bpf", errno });

test("isPassing() looks at the errno, also of what an error came from", () => {
  assert.ok(isPassing(refused(ENOMEM)));
  assert.ok(isPassing(new UnsupportedError("BTF", "5.4", refused(ENOMEM))));
  assert.ok(isPassing(Object.assign(new Error("no room"), { code: "ENOSPC" })));
  assert.ok(isPassing(Object.assign(new Error("not tried"), { code: "probe_inconclusive" })));
});

test("isPassing() is false for what stays as it is", () => {
  const lasting = [
    refused(EPERM),
    new UnsupportedError("BTF", "5.4"),
    new UnsupportedError("BTF", "5.4", refused(EPERM)),
    new Error("a bug"),
    "no error",
  ];
  for (const error of lasting) assert.ok(!isPassing(error), String(error));
});
