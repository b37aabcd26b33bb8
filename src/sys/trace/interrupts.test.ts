import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { EINTR } from "../../base/linux-abi.ts";
import { Interrupts, Waiter } from "./index.ts";

const SIGUSR2 = 12;

test("a signal that came before a wait ends it; once it was asked for, waits last", async () => {
  const interrupts = new Interrupts();
  interrupts.catch(SIGUSR2);
  using waiter = new Waiter();
  // it lives until it is killed: a wait for its end would last
  const child = spawn("cat", { stdio: ["pipe", "ignore", "ignore"] });
  await once(child, "spawn");
  for (let i = 0; i < 3; i++) {
    process.kill(process.pid, "SIGUSR2");
    assert.equal(waiter.wait(true), -EINTR);
    assert.equal(interrupts.take(), SIGUSR2);
    assert.equal(interrupts.take(), 0);
  }
  assert.equal(waiter.wait(false), 0);
  child.kill("SIGKILL");
  assert.equal(waiter.wait(true), child.pid);
  // Node does not hear of its end any more
  child.unref();
  child.stdin.destroy();
});
