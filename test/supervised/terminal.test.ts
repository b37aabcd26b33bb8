/** On a terminal: Ctrl-C, Ctrl-Z, settings of the terminal, questions of --ask. */
import assert from "node:assert/strict";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { logRule, mechanisms } from "./mechanisms.ts";
import { testAsEach } from "./sct.ts";
import { sctRun, shellWord, talk } from "./talk.ts";

for (const by of mechanisms) {
  const options = ["-e", logRule(by, "rmdir")];

  testAsEach(`Ctrl-C is for the command, by ${by}`, (place) => {
    const script = 'trap "echo caught; exit 4" INT; echo ready; while :; do sleep 0.05; done';
    const caught = talk(place, sctRun(options, ["sh", "-c", script]), ["ready", "\x03"]);
    assert.match(caught.output, /ready\n\^Ccaught\n/);
    assert.equal(caught.status, 4);
    const died = talk(place, sctRun(options, ["sh", "-c", "echo ready; sleep 30"]), [
      "ready",
      "\x03",
    ]);
    // the shell of the test's program reports a signal as 128 and its number
    assert.equal(died.status, 130);
  });

  testAsEach(`Ctrl-Z, fg and an inner shell's jobs work, by ${by}`, (place) => {
    const command = sctRun(options, ["bash", "--norc", "-i"]);
    const { output } = talk(
      place,
      ["bash", "--norc", "-i"],
      ["bash", `PS1='outer> '; ${command.map(shellWord).join(" ")}\n`],
      ["bash-", "PS1='inner> '\n"],
      ["inner> ", "sleep 30\n"],
      ["", "\x1a"],
      ["inner> ", "jobs; kill %1; wait; echo in$((40+2))\n"],
      ["in42", "exit 6\n"],
      ["outer> ", "echo out$?\n"],
      ["out6", "exit\n"],
    );
    assert.match(output, /\[1\]\+\s+Stopped\s+sleep 30/);
    assert.match(output, /in42/);
    assert.match(output, /out6/);
  });

  testAsEach(`settings of the terminal that the command makes stay, by ${by}`, (place) => {
    const command = [...sctRun(options, ["stty", "intr", "^X"])].map(shellWord).join(" ");
    const { output } = talk(place, ["sh", "-c", `${command}; stty -a | grep -o 'intr = ..'`]);
    assert.match(output, /intr = \^X/);
  });

  testAsEach(`--ask lets somebody decide, by ${by}`, (place) => {
    const rules = `rule { rule_name = ask syscall_name = unlink action { type = SUSPEND } } ${logRule(by, "rmdir")}`;
    const asked = ["--ask", "-e", rules];
    for (const name of ['a"', "b", "c", "d"]) writeFileSync(join(place.directory, name), "");
    const script = "rm -f 'a\"'; rm -f b; (rm -f c); rm -f d; echo over";
    const { output, status } = talk(
      place,
      sctRun(asked, ["sh", "-c", script]),
      ["always? ", "allow\n"],
      ["always? ", "nonsense\n"],
      ["always? ", "fail\n"],
      ["always? ", "kill\n"],
      ["always? ", "always\n"],
    );
    assert.match(output, /sct: ask: "rm"\[\d+\] wants unlinkat\(-100, "a\\"", 0\)/);
    assert.match(output, /cannot remove 'b': Operation not permitted/);
    assert.match(output, /Killed/);
    assert.match(output, /over/);
    assert.equal(status, 0);
    const left = ["a", "b", "c", "d"].filter((name) => existsSync(join(place.directory, name)));
    assert.deepEqual(left, ["b", "c"]);
  });

  testAsEach(`--ask in an interactive shell, whose jobs own the terminal, by ${by}`, (place) => {
    for (const name of ["a", "b"]) writeFileSync(join(place.directory, name), "");
    const { output, status } = talk(
      place,
      ["env", "PS1=ready> ", ...sctRun(asking(by), ["bash", "--norc", "-i"])],
      ["ready> ", "rm -f a\n"],
      ["always? ", "allow\n"],
      ["ready> ", "rm -f b\n"],
      ["always? ", "fail\n"],
      ["ready> ", "exit 7\n"],
    );
    assert.match(output, /cannot remove 'b': Operation not permitted/);
    assert.equal(status, 7);
    assert.deepEqual(
      ["a", "b"].filter((name) => existsSync(join(place.directory, name))),
      ["b"],
    );
  });

  testAsEach(`what was typed before --ask asks is no answer, by ${by}`, (place) => {
    writeFileSync(join(place.directory, "a"), "");
    const { output } = talk(
      place,
      sctRun(asking(by), ["sh", "-c", "echo ready; sleep 1; rm -f a; echo over"]),
      ["ready", "allow\n"],
      ["always? ", "fail\n"],
    );
    assert.match(output, /cannot remove 'a': Operation not permitted/);
    assert.match(output, /over/);
  });

  testAsEach(`the command cannot type an answer to --ask, by ${by}`, (place) => {
    writeFileSync(join(place.directory, "a"), "");
    const { output } = talk(place, sctRun(asking(by), ["/usr/bin/python3", "-c", TYPES_ANSWERS]), [
      "always? ",
      "fail\n",
    ]);
    assert.match(output, /not allowed to type/);
    assert.match(output, /over/);
    assert.equal(existsSync(join(place.directory, "a")), true);
  });
}

/** Waits for the question that the other process leads to, and answers it as by hand. */
const TYPES_ANSWERS = `import fcntl, os, termios, time
child = os.fork()
if child == 0:
    try: os.unlink("a")
    except OSError: pass
    os._exit(0)
time.sleep(0.5)
try:
    for c in b"allow\\n": fcntl.ioctl(0, termios.TIOCSTI, bytes([c]))
except OSError as error: print("not allowed to type:", error)
os.wait()
print("over")
`;

/** Asks before files are deleted. */
function asking(by: Parameters<typeof logRule>[0]): string[] {
  const rule = "rule { rule_name = ask syscall_name = unlink action { type = SUSPEND } }";
  return ["--ask", "-e", `${rule} ${logRule(by, "rmdir")}`];
}
