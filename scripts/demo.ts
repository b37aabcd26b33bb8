/**
 * `npm run demo`: the article's first example on this machine. Watches every unlink of every process with the
 * rule of examples/article1.conf, deletes ./dummy in a directory of its own, and shows the line that this gives.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const sct = fileURLToPath(new URL("../bin/sct", import.meta.url));
const rules = fileURLToPath(new URL("../examples/article1.conf", import.meta.url));
const WANTED = '"rm" : "./dummy" delete by ';
const TIMEOUT_MS = 20_000;

/** Why the demo cannot run here; undefined: it can. */
function obstacle(): string | undefined {
  if (process.platform !== "linux") return "it needs Linux";
  if (process.geteuid?.() !== 0) return "it needs root: sudo npm run demo";
  const doctor = spawnSync(sct, ["doctor"], { encoding: "utf8" });
  return doctor.status === 0
    ? undefined
    : (doctor.stdout.trim().split("\n").at(-1) ?? doctor.stderr);
}

async function demo(): Promise<boolean> {
  const directory = mkdtempSync(join(tmpdir(), "sct-demo-"));
  const watch = spawn(sct, ["watch", "-f", rules], { stdio: ["ignore", "pipe", "pipe"] });
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
    rmSync(directory, { recursive: true });
  }
}

const missing = obstacle();
if (missing !== undefined) console.log(`The demo cannot run here: ${missing}`);
else if (!(await demo())) process.exitCode = 1;
