import assert from "node:assert/strict";
import { test } from "node:test";
import { InconclusiveProbeError, VerifierError } from "../../../bpf/index.ts";
import {
  EPERM,
  isPassing,
  MachineError,
  SyscallError,
  UnsupportedError,
} from "../../../sys/index.ts";
import { packError, unpackError } from "./packed-error.ts";

const travel = (error: unknown): Error => unpackError(structuredClone(packError(error)));

test("unpackError() gives errors of the machine their class and members back", () => {
  const failure = { call: "bpf", command: "BPF_MAP_CREATE", errno: EPERM, hint: "be root" };
  const error = travel(new SyscallError(failure));
  assert.ok(error instanceof SyscallError && error instanceof MachineError);
  assert.deepEqual([error.errno, error.hint, error.code], [EPERM, "be root", "syscall_failed"]);
  assert.equal(error.message, new SyscallError(failure).message);
  const span = { file: { name: "a.conf", text: "rule" }, start: 0, end: 4 };
  const refused = travel(new VerifierError("sct_enter", 7, "too large", () => span));
  assert.ok(refused instanceof VerifierError);
  const other = travel(new InconclusiveProbeError("a probe", "EMFILE", "raise it"));
  assert.ok(other instanceof MachineError && "code" in other);
  assert.deepEqual([refused.summary, refused.name], ["too large", "VerifierError"]);
});

test("unpackError() keeps what an error came from", () => {
  const cause = Object.assign(new Error("no"), { code: "EMFILE" });
  const error = travel(new UnsupportedError("BTF", "5.4", cause));
  assert.ok(error instanceof UnsupportedError);
  assert.ok(isPassing(error));
});

test("unpackError() shows where a bug is", () => {
  const bug = new TypeError("x is undefined");
  const error = travel(bug);
  assert.deepEqual([error.name, error.stack], ["TypeError", bug.stack]);
  assert.ok(error instanceof Error && !(error instanceof MachineError));
  assert.equal(travel("text").message, "text");
});
