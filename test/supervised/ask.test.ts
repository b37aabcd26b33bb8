/** `sct run --ask`: what a policy denies is asked about on the terminal. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { logRule, mechanisms } from "./mechanisms.ts";
import { type Place, SCT, testAsEach } from "./sct.ts";
import { sctRun, shellWord, talk } from "./talk.ts";

const QUESTION = "how long? ";

/** Reads what programs need, and writes nothing but devices and one folder. */
const POLICY = `policy p {
  read { "/usr/**", "/etc/**", "/proc/**", "/dev/**", "/lib/**", "/lib64/**", not "/**/.env" }
  write { "/dev/null", "/dev/tty" }
  execute { "/usr/**" } attributes { } connect { } listen { } unix { }
  otherwise = FAIL EACCES
}
`;

function prepare(place: Place): void {
  place.fill({
    "rules/p.conf": POLICY,
    "work/a.c": "text of a\n",
    "work/b.c": "text of b\n",
    "work/sub/c": "text of c\n",
    "work/.env": "token\n",
  });
}

const RULES = "../rules/p.conf";

/** In the folder `work`, by a shell as people have it. */
function asking(options: readonly string[], command: readonly string[], more = ""): string[] {
  const words = sctRun(["--ask", ...options], command)
    .map(shellWord)
    .join(" ");
  return ["sh", "-c", `cd work && ${words}; echo status $?; ${more}`];
}

const script = (text: string): string[] => ["sh", "-c", text];
const count = (output: string, text: string): number => output.split(text).length - 1;

for (const by of mechanisms)
  testAsEach(`denied once, allowed once, and for the run, by ${by}`, (place) => {
    prepare(place);
    const options = ["-f", RULES, "-e", logRule(by, "rmdir")];
    const { output } = talk(
      place,
      asking(options, script("cat a.c; cat a.c; cat a.c; cat b.c; cat a.c b.c; cat sub/c")),
      [QUESTION, "n\n"],
      [QUESTION, "nonsense\n"],
      [QUESTION, "o\n"],
      [QUESTION, "3 r\n"],
      [QUESTION, "N\n"],
    );
    assert.match(output, /sct: ask: "cat"\[\d+\] wants to read "\/[^"]*\/work\/a\.c"\n/);
    assert.match(output, /not in read of p, \.\.\/rules\/p\.conf:2\n/);
    assert.match(output, /\n {2}2 {2}"\/[^"]*\/work\/\*\*" {2}\(its folder\)\n/);
    assert.equal(count(output, "text of a"), 3);
    assert.equal(count(output, "text of b"), 2);
    assert.equal(count(output, "text of c"), 0);
    assert.equal(count(output, "wants to read"), 4);
    // what was answered with no is reported as everything that is denied
    assert.equal(count(output, ": denied: openat"), 2);
    assert.match(output, /status 1\n/);
  });

testAsEach("for ever goes into the file of the policy, in front of what it takes away", (place) => {
  prepare(place);
  const command = asking(["-f", RULES], script("cat sub/c; cat .env; cat sub/c"));
  const { output } = talk(
    place,
    command,
    [QUESTION, "2 f\n"],
    // a secret: once or in this run, by its own name
    [QUESTION, "f\n"],
    [QUESTION, `"${place.directory}/work/**" r\n`],
    [QUESTION, "r\n"],
  );
  assert.match(output, /look at this: credentials\n/);
  assert.match(output, /not for ever: credentials\n/);
  assert.match(output, /that entry does not allow it\n/);
  assert.match(output, /token\n/);
  const date = new Date().toISOString().slice(0, 10);
  const text = readFileSync(join(place.directory, "rules/p.conf"), "utf8");
  const line = `\n    "${place.directory}/work/sub/**",  # ${date}: allowed when "cat" was asked about, openat`;
  assert.ok(text.includes(`"/lib64/**",${line}\n    not "/**/.env" }`), text);
  const again = talk(place, asking(["-f", RULES], ["cat", "sub/c"]));
  assert.match(again.output, /text of c\nstatus 0\n/);
  assert.doesNotMatch(again.output, /wants to/);
});

testAsEach(
  "over a pack, for ever goes into the user's own file, and says what else it allows",
  (place) => {
    prepare(place);
    place.fill({
      "rules/mine.conf": `${POLICY.replace("write { ", "write { WRITES, ").replace(
        "attributes { ",
        "attributes { WRITES ",
      )}list WRITES { "/dev/full" }\n`,
    });
    const options = ["--pack", "../rules/mine.conf"];
    const attempt = script("echo x >../made; rm ../made");
    const { output } = talk(
      place,
      asking(options, attempt),
      [QUESTION, "f\n"],
      [QUESTION, `"${place.directory}/made{,}" f\n`],
    );
    assert.match(
      output,
      /for ever, in list WRITES \(write, attributes\) in ~\/\.config\/syscalltrack\/packs\/mine\.conf\n/,
    );
    const own = readFileSync(join(place.directory, ".config/syscalltrack/packs/mine.conf"), "utf8");
    assert.match(
      own,
      /^list WRITES \{\n {4}"\/.*\/made", {2}# \d{4}-\d\d-\d\d: allowed when "sh" /,
    );
    const again = talk(place, asking(options, attempt));
    assert.match(again.output, /status 0\n/);
    assert.doesNotMatch(again.output, /wants to/);
  },
);

testAsEach(
  "for a while it holds in other runs of the session, and in no other session",
  (place) => {
    prepare(place);
    const second = sctRun(["--ask", "-f", RULES], ["cat", "a.c"]).map(shellWord).join(" ");
    const { output } = talk(place, asking(["-f", RULES], ["cat", "a.c"], second), [
      QUESTION,
      "s\n",
    ]);
    assert.equal(count(output, "wants to read"), 1);
    assert.equal(count(output, "text of a"), 2);
    const elsewhere = talk(place, asking(["-f", RULES], ["cat", "a.c"]), [QUESTION, "n\n"]);
    assert.match(elsewhere.output, /wants to read/);
  },
);

testAsEach("a program that reads the terminal does not get the answer, and continues", (place) => {
  prepare(place);
  writeFileSync(join(place.directory, "work/reads.py"), READS_KEYS);
  for (const shell of [
    ["sh", "-c"],
    ["bash", "--norc", "-ic"],
  ]) {
    const words = sctRun(
      ["--ask", "-f", RULES, "-q"],
      ["/usr/bin/python3", "-I", "-c", READS_KEYS],
    );
    const { output } = talk(
      place,
      [...shell, `cd work && ${words.map(shellWord).join(" ")}; echo status $?`],
      [QUESTION, "o\n"],
      ["now type", "xyz"],
    );
    assert.match(output, /text of a/);
    assert.match(output, /keys b'xyz'/);
    assert.match(output, /status 0\n/);
  }
});

testAsEach(
  "many threads that ask at once are asked about one after another, and an answer counts for all",
  (place) => {
    prepare(place);
    const all = Array.from({ length: 12 }, (_, i) => `cat ${i % 2 === 0 ? "a" : "b"}.c &`).join(
      " ",
    );
    const { output } = talk(place, asking(["-f", RULES, "-q"], script(`${all} wait`)), [
      QUESTION,
      "2 r\n",
    ]);
    assert.equal(count(output, "wants to read"), 1);
    assert.equal(count(output, "text of "), 12);
  },
);

testAsEach("names of files are inert in the question and in the file", (place) => {
  prepare(place);
  const name = 'x\x1b[31m\n"), } # \u202e*{';
  writeFileSync(join(place.directory, "work", name), "text of it\n");
  place.own(place.directory);
  const { output } = talk(place, asking(["-f", RULES], ["cat", name]), [QUESTION, "f\n"]);
  const [, question = ""] = output.split("wants to read");
  const before = question.slice(0, question.indexOf(QUESTION));
  for (const raw of ["\x1b", "\u202e"]) assert.equal(before.includes(raw), false);
  assert.match(output, /text of it\n/);
  const again = talk(place, asking(["-f", RULES], ["cat", name]));
  assert.match(again.output, /text of it\nstatus 0\n/);
  assert.doesNotMatch(again.output, /wants to/);
});

testAsEach("the command cannot write its own permissions, and a project's are named", (place) => {
  prepare(place);
  place.fill({
    "work/p.conf": POLICY.replace('write { "/dev/null"', 'write { "/**"').replace(
      /(read|attributes) \{/g,
      '$1 { "/**",',
    ),
  });
  const tries = [
    "echo x >>p.conf",
    "mv p.conf q.conf",
    "mkdir -p ~/.config/syscalltrack/packs",
    "mv ../work ../elsewhere",
    "mv ~/.config ~/moved",
  ];
  const { output } = talk(place, asking(["-f", "p.conf"], script(tries.join("; "))));
  assert.match(output, /the rules of "p\.conf" come from the folder of the project/);
  assert.equal(existsSync(join(place.directory, ".config/syscalltrack")), false);
  assert.deepEqual(readdirSync(join(place.directory, "work")).includes("p.conf"), true);
  assert.doesNotMatch(readFileSync(join(place.directory, "work/p.conf"), "utf8"), /^x/m);
  assert.doesNotMatch(output, /wants to/);
});

testAsEach(
  "rules that deny are asked about, and those that make a machine fail are not",
  (place) => {
    prepare(place);
    const rules =
      "rule { rule_name = no syscall_name = unlink action { type = FAIL error_code = EPERM } }" +
      " rule { rule_name = full syscall_name = mkdir action { type = FAIL error_code = ENOSPC } }";
    const { output } = talk(
      place,
      asking(["-e", rules], script("rm -f a.c; rm -f b.c; mkdir d")),
      [QUESTION, "f\n"],
      [QUESTION, "r\n"],
      [QUESTION, "n\n"],
    );
    assert.match(output, /denied by rule no at -e:1\n/);
    assert.match(output, /a rule can be allowed once, or in this run\n/);
    assert.match(output, /cannot remove 'b\.c': Operation not permitted/);
    assert.match(output, /No space left/);
    assert.equal(existsSync(join(place.directory, "work/a.c")), false);
  },
);

testAsEach("Ctrl-C is no answer: the call fails, and the command is interrupted", (place) => {
  prepare(place);
  const { output, status } = talk(
    place,
    asking(["-f", RULES, "-q"], script("cat a.c; echo not reached")),
    [QUESTION, "\x03"],
  );
  assert.doesNotMatch(output, /text of a|^not reached/m);
  // the shell around it gets the signal, as from the terminal
  assert.equal(status, 130);
});

testAsEach("addresses are asked about, too", (place) => {
  prepare(place);
  const connects =
    "import socket\nfor port in (9, 10, 9):\n try: socket.create_connection(('127.0.0.1', port))\n except OSError as e: print(port, e.strerror)\n";
  const options = ["-f", RULES, "-e", "rule { syscall_name = rmdir action { type = LOG } }"];
  const { output } = talk(
    place,
    asking(options, ["/usr/bin/python3", "-I", "-c", connects]),
    [QUESTION, "1 r\n"],
    [QUESTION, "n\n"],
  );
  assert.match(output, /wants to connect to "127\.0\.0\.1:9"\n/);
  assert.match(output, /3 {2}"\*:9" {2}\(this port of all\)\n/);
  assert.match(
    output,
    /9 Connection refused\n[\s\S]*10 Permission denied\n[\s\S]*9 Connection refused\n/,
  );
});

testAsEach("without a terminal nobody is asked, and the command is not started", (place) => {
  prepare(place);
  const { status, stderr } = place.plain([
    ...["setsid", "-w", SCT, "run", "--ask", "-f", "rules/p.conf", "--", "touch", "work/started"],
  ]);
  assert.equal(status, 125);
  assert.match(stderr, /cannot ask: there is no terminal/);
});

/** Takes keys as they are typed, as editors do, while a program that it has started is asked about. */
const READS_KEYS = `import os, subprocess, sys, termios, threading, tty
before = termios.tcgetattr(0)
tty.setraw(0)
child = subprocess.Popen(["cat", "a.c"], stdout=subprocess.PIPE)
keys = b""
def wait():
    print(child.communicate()[0], "now type", end="", flush=True)
thread = threading.Thread(target=wait)
thread.start()
while len(keys) < 3: keys += os.read(0, 1)
thread.join()
termios.tcsetattr(0, termios.TCSANOW, before)
print("\\nkeys", keys)
`;
