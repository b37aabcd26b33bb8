import assert from "node:assert/strict";
import { test } from "node:test";
import { ENOMEM, EPERM, SyscallError, UnsupportedError } from "../sys/index.ts";
import { BpffsError } from "./bpffs.ts";
import { RunningError } from "./lock-file.ts";
import { isPassing } from "./passing.ts";

const refused = (errno: number): SyscallError => new SyscallError({ call: "bpf", errno });

test("isPassing() looks at the errno, also of what an error came from", () => {
  assert.ok(isPassing(refused(ENOMEM)));
  assert.ok(isPassing(new BpffsError("Cannot mount", undefined, refused(ENOMEM))));
  assert.ok(isPassing(Object.assign(new Error("no room"), { code: "ENOSPC" })));
});

test("isPassing() is false for what stays as it is", () => {
  const lasting = [
    refused(EPERM),
    new UnsupportedError("BTF", "5.4"),
    new RunningError(1),
    new BpffsError("Cannot mount", undefined, refused(EPERM)),
    new Error("a bug"),
    "no error",
  ];
  for (const error of lasting) assert.ok(!isPassing(error), String(error));
});
