/** How `sct run` ends: as its command does. */
import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SCT, testAsEach } from "./sct.ts";

const RULES: Readonly<Record<string, string>> = {
  notification: "rule { syscall_name = unlink action { type = LOG } }",
  ptrace: "rule { syscall_name = unlink when = after action { type = LOG } }",
};

for (const [mechanism, rule] of Object.entries(RULES)) {
  testAsEach(`run passes on the exit status, by ${mechanism}`, (place) => {
    for (const code of [0, 1, 42, 255])
      assert.equal(place.under(rule, ["sh", "-c", `exit ${code}`]).status, code);
  });

  testAsEach(`run dies of the signal that its command died of, by ${mechanism}`, (place) => {
    for (const signal of ["TERM", "KILL", "SEGV"]) {
      const seen = place.under(rule, ["sh", "-c", `kill -${signal} $$`]);
      assert.equal(seen.signal, `SIG${signal}`, `status ${seen.status}: ${seen.stderr}`);
    }
  });

  testAsEach(`run reports what cannot be run, by ${mechanism}`, (place) => {
    writeFileSync(join(place.directory, "text"), "nothing");
    writeFileSync(join(place.directory, "bad"), "#!/no/such/interpreter\n");
    writeFileSync(join(place.directory, "script"), 'echo "shell $1"; exit 9\n');
    chmodSync(join(place.directory, "bad"), 0o755);
    chmodSync(join(place.directory, "script"), 0o755);
    const missing = place.under(rule, ["no-such-command"]);
    assert.equal(missing.status, 127);
    assert.equal(missing.stderr, "sct: cannot run 'no-such-command': not found\n");
    const none = place.under(rule, ["./no/such"]);
    assert.equal(none.status, 127);
    assert.equal(none.stderr, "sct: cannot run './no/such': not found\n");
    assert.equal(place.under(rule, ["./text"]).status, 126);
    assert.equal(place.under(rule, ["/tmp"]).status, 126);
    const bad = place.under(rule, ["./bad"]);
    assert.equal(bad.status, 127);
    assert.match(bad.stderr, /^sct: cannot run '.\/bad': the program that its first line names/);
    const script = place.under(rule, ["./script", "one"]);
    assert.deepEqual([script.status, script.stdout], [9, "shell one\n"]);
  });
}

testAsEach("run ends with 125 for its own failures", (place) => {
  const bad = place.under("rule { syscall_name = unlnk action { type = LOG } }", ["true"]);
  assert.equal(bad.status, 125);
  assert.match(bad.stderr, /did you mean `unlink`/);
  assert.equal(place.run([], ["true"]).status, 125);
  assert.equal(place.run(["--no-such"], ["true"]).status, 125);
  const ask = "rule { syscall_name = unlink action { type = SUSPEND } }";
  const asks = place.plain(["setsid", "-w", SCT, "run", "--ask", "-e", ask, "--", "true"]);
  assert.deepEqual(
    [asks.status, asks.stderr],
    [125, "sct run: cannot ask: there is no terminal\n"],
  );
  const rule = ["-e", "rule { syscall_name = unlink action { type = LOG } }"];
  assert.equal(place.run(rule, []).status, 125);
  assert.equal(place.run([...rule, "-o", "/no/such/directory/log"], ["true"]).status, 125);
});
