/**
 * `npm run demo`: the examples of the article on this machine, for anyone. As root the first one watches the whole
 * machine (`sct watch`); all four run over one command each (`sct run`), which needs no privilege. Files are made in a
 * directory of the demo's own. What stands behind a `$` can be typed as it stands. Ends with 1 if a line does not come or a
 * file is gone that was to stay.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { readOptions } from "./options.ts";

readOptions("Usage: npm run demo\nShow the examples of the article on this machine.", {});
const sct = fileURLToPath(new URL("../bin/sct", import.meta.url));
const example = (name: string) => fileURLToPath(new URL(`../examples/${name}`, import.meta.url));
const WANTED = '"rm" : "./dummy" delete by ';
const TIMEOUT_MS = 60_000;
/** Of what a command says; strace makes hundreds of calls. */
const SHOWN_LINES = 3;
const uid = process.geteuid?.() ?? 0;
const directory = mkdtempSync(join(tmpdir(), "sct-demo-"));
const precious = join(directory, "passwd");

const LOG =
  "rule { syscall_name = unlink action { type = LOG log_format {%comm : %params delete by %euid --> %suid} } }";
const FAIL = (subject: string) =>
  `rule { syscall_name = unlink rule_name = prevent_delete filter_expression { ${subject} == "${precious}" && UID == ${uid} } action { type = FAIL error_code = -1 } }`;

/** As a shell wants it. */
function typed(word: string): string {
  return /^[\w./:=-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** Of diagnostics, which `sct check` shows with picture and hint, the sentence; of many lines the first. */
function show(text: string): void {
  const lines = text.split("\n").filter((line) => line !== "" && !/^\s/.test(line));
  for (const line of lines.slice(0, SHOWN_LINES)) console.log(line);
  const more = lines.length - SHOWN_LINES;
  if (more > 0) console.log(`… ${more} more lines`);
}

/** What a command said on both streams. */
function underRules(options: readonly string[], command: readonly string[]): string {
  const args = ["run", ...options, "--", ...command];
  console.log(`$ sct ${args.map(typed).join(" ")}`);
  const { stdout, stderr, error } = spawnSync(sct, args, {
    cwd: directory,
    encoding: "utf8",
    timeout: TIMEOUT_MS,
  });
  const text = error === undefined ? stdout + stderr : String(error);
  show(text);
  return text;
}

function touch(path: string): void {
  console.log(`$ touch ${typed(path)}`);
  writeFileSync(join(directory, path), "");
}

function first(): boolean {
  console.log("\n# 1. Who deletes files? A line for every unlink");
  touch("./dummy");
  return underRules(["-f", example("article1.conf")], ["rm", "./dummy"]).includes(WANTED);
}

function second(): boolean {
  console.log(`\n# 2. prevent_delete: nobody deletes passwd here, not even user ${uid}`);
  touch("./passwd");
  const text = underRules(["-e", FAIL("PARAMS[1]")], ["rm", "-f", precious]);
  console.log("# … and not by another name either, if the rule says PATH, the file itself");
  const again = underRules(["-e", FAIL("PATH")], ["rm", "-f", "./passwd"]);
  return [text, again].every((one) => one.includes("not permitted")) && existsSync(precious);
}

function third(): boolean {
  console.log("\n# 3. The first rule that matches acts: LOG before FAIL logs and does not fail");
  const text = underRules(["-e", LOG, "-e", FAIL("PATH")], ["rm", "-f", "./passwd"]);
  return text.includes("delete by") && !existsSync(precious);
}

function fourth(): boolean {
  console.log("\n# 4. Who traces whom? strace under us");
  if (spawnSync("strace", ["-V"]).error !== undefined) {
    console.log("(strace is not installed)");
    return true;
  }
  const command = ["strace", "-o", "/dev/null", "echo", "hello"];
  const text = underRules(["-f", example("ptrace.conf")], command);
  return text.includes("hello\n") && text.includes('"strace" : ');
}

/** Why the machine cannot be watched; undefined: it can. */
function obstacle(): string | undefined {
  if (uid !== 0) return "that needs root";
  const options = { encoding: "utf8", timeout: TIMEOUT_MS } as const;
  const { status, stdout, stderr } = spawnSync(sct, ["doctor", "--json"], options);
  if (status === 0) return undefined;
  if (stdout === "") return stderr.trim();
  const { verdicts } = JSON.parse(stdout) as { verdicts: { name: string; lines: string[] }[] };
  return verdicts.find(({ name }) => name === "observing")?.lines.join("; ");
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
    let printed = "";
    const ready = new Promise<void>((resolve) => {
      createInterface(watch.stderr).on("line", (line) => {
        printed += `${line}\n`;
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
    console.log(`$ sct ${rules.map(typed).join(" ")} &\n$ ${command}`);
    spawnSync("sh", ["-c", command], { cwd: directory });
    const text = await line;
    console.log(text ?? `no line came: ${printed.trim()}`);
    return text !== undefined;
  } finally {
    clearTimeout(timer);
    watch.kill();
  }
}

if (process.platform !== "linux") console.log("The demo cannot run here: it needs Linux");
else {
  console.log(`$ PATH=${typed(dirname(sct))}:$PATH
$ mkdir -p ${typed(directory)} && cd ${typed(directory)}
`);
  try {
    const machine = await wholeMachine();
    const commands = [first(), second(), third(), fourth()];
    if (![machine, ...commands].every(Boolean)) process.exitCode = 1;
  } finally {
    rmSync(directory, { recursive: true });
  }
}
