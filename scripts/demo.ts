/**
 * `npm run demo`: the examples of the article on this machine, for anyone. As root the first one watches the whole
 * machine (`sct watch`); all four run over one command each (`sct run`), which needs no privilege. Files are made in a
 * directory of the demo's own. Ends with 1 if a line does not come or a file is gone that was to stay.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const sct = fileURLToPath(new URL("../bin/sct", import.meta.url));
const example = (name: string) => fileURLToPath(new URL(`../examples/${name}`, import.meta.url));
const WANTED = '"rm" : "./dummy" delete by ';
const TIMEOUT_MS = 60_000;
const uid = process.geteuid?.() ?? 0;
const directory = mkdtempSync(join(tmpdir(), "sct-demo-"));
const precious = join(directory, "passwd");

const LOG = `rule { syscall_name = unlink rule_name = unlink_rule1
  action { type = LOG log_format {%comm : %params delete by %euid --> %suid} } }`;
const FAIL = (subject: string) => `rule { syscall_name = unlink rule_name = prevent_delete
  filter_expression { ${subject} == "${precious}" && UID == ${uid} }
  action { type = FAIL error_code = -1 } }`;

/** What a command said on both streams. */
function underRules(shown: string, options: readonly string[], command: readonly string[]): string {
  console.log(`$ sct run ${shown} -- ${command.join(" ")}`);
  const { stdout, stderr, error } = spawnSync(sct, ["run", ...options, "--", ...command], {
    cwd: directory,
    encoding: "utf8",
    timeout: TIMEOUT_MS,
  });
  const text = error === undefined ? stdout + stderr : String(error);
  process.stdout.write(text);
  return text;
}

function first(): boolean {
  console.log("\n# 1. Who deletes files? A line for every unlink");
  writeFileSync(join(directory, "dummy"), "");
  const rules = example("article1.conf");
  return underRules("-f examples/article1.conf", ["-f", rules], ["rm", "./dummy"]).includes(WANTED);
}

function second(): boolean {
  console.log(`\n# 2. prevent_delete: nobody deletes passwd here, not even user ${uid}`);
  writeFileSync(precious, "");
  const rm = ["rm", "-f", precious];
  const text = underRules("-e 'PARAMS[1] … FAIL'", ["-e", FAIL("PARAMS[1]")], rm);
  console.log("# … and not by another name either, if the rule says PATH, the file itself");
  const byName = ["sh", "-c", `cd ${directory} && rm -f ./passwd`];
  const again = underRules("-e 'PATH … FAIL'", ["-e", FAIL("PATH")], byName);
  return [text, again].every((one) => one.includes("not permitted")) && existsSync(precious);
}

function third(): boolean {
  console.log("\n# 3. The first rule that matches acts: LOG before FAIL logs and does not fail");
  const rules = `${LOG}\n${FAIL("PARAMS[1]")}`;
  const text = underRules("-e 'LOG' -e 'FAIL'", ["-e", rules], ["rm", "-f", precious]);
  return text.includes("delete by") && !existsSync(precious);
}

function fourth(): boolean {
  console.log("\n# 4. Who traces whom? strace under us");
  if (spawnSync("strace", ["-V"]).error !== undefined) {
    console.log("(strace is not installed)");
    return true;
  }
  const command = ["strace", "-o", "/dev/null", "echo", "hello"];
  const rules = ["-f", example("ptrace.conf")];
  const text = underRules("-f examples/ptrace.conf", rules, command);
  return text.includes("hello\n") && text.includes('"strace" : ');
}

/** Why the machine cannot be watched; undefined: it can. */
function obstacle(): string | undefined {
  if (uid !== 0) return "that needs root";
  const doctor = spawnSync(sct, ["doctor"], { encoding: "utf8", timeout: TIMEOUT_MS });
  if (doctor.status === 0) return undefined;
  return doctor.stdout.trim().split("\n").at(-1) || doctor.stderr;
}

async function wholeMachine(): Promise<boolean> {
  console.log("# Who deletes files, on the whole machine?");
  const why = obstacle();
  if (why !== undefined) {
    console.log(`Not here: ${why}. What follows is 'sct run': one command and what it starts`);
    return true;
  }
  const rules = ["watch", "-f", example("article1.conf")];
  const watch = spawn(sct, rules, { stdio: ["ignore", "pipe", "pipe"] });
  const timer = setTimeout(() => watch.kill(), TIMEOUT_MS);
  try {
    let told = "";
    const ready = new Promise<void>((resolve) => {
      createInterface(watch.stderr).on("line", (line) => {
        told += `${line}\n`;
        if (line.startsWith("sct: watching")) resolve();
      });
    });
    const line = new Promise<string | undefined>((resolve) => {
      // other processes delete files too: their lines are real, but not this demo's
      createInterface(watch.stdout)
        .on("line", (text) => text.startsWith(WANTED) && resolve(text))
        .on("close", () => resolve(undefined));
    });
    await Promise.race([ready, line]);
    const command = "touch ./dummy; rm ./dummy";
    console.log(`$ sct watch -f examples/article1.conf &\n$ ${command}`);
    spawnSync("sh", ["-c", command], { cwd: directory });
    const text = await line;
    console.log(text ?? `no line came: ${told.trim()}`);
    return text !== undefined;
  } finally {
    clearTimeout(timer);
    watch.kill();
  }
}

if (process.platform !== "linux") console.log("The demo cannot run here: it needs Linux");
else {
  try {
    const machine = await wholeMachine();
    const commands = [first(), second(), third(), fourth()];
    if (![machine, ...commands].every(Boolean)) process.exitCode = 1;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
