/** The journald output against systemd-journald, run with a namespace of its own. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, globSync, rmSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { outputEvent, outputEvents, runOf } from "../../src/sinks/testing/events.ts";
import { waitFor } from "../../src/sinks/testing/wait-for.ts";
import { openOutputs, Receiver } from "./receiver.ts";

type Fields = Readonly<Record<string, string | number[] | null>>;

class Journald {
  readonly name = `scttest${process.pid}`;
  readonly directory = `/run/systemd/journal.${this.name}`;
  readonly socket = `${this.directory}/socket`;
  private readonly t: TestContext;
  private receiver: Receiver | undefined;

  constructor(t: TestContext) {
    this.t = t;
    this.start();
    t.after(async () => {
      await this.stop();
      for (const path of globSync(`/{var,run}/log/journal/*.${this.name}`))
        rmSync(path, { recursive: true });
      rmSync(this.directory, { recursive: true, force: true });
    });
  }

  start(): void {
    this.receiver = new Receiver(this.t, "/lib/systemd/systemd-journald", [this.name]);
  }

  async stop(): Promise<void> {
    await this.receiver?.stop("SIGTERM");
  }

  /** What the output wrote, in order. Fields that are not text are lists of bytes. */
  entries(): Fields[] {
    const filter = ["SYSLOG_IDENTIFIER=syscalltrack"];
    const args = [`--namespace=${this.name}`, "--output=json", "--all", "--quiet", ...filter];
    const text = execFileSync("journalctl", args, { encoding: "utf8", maxBuffer: 1e9 });
    return text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Fields);
  }
}

function keys(socket: string): string {
  return `[[outputs]]\ntype = "journald"\npath = "${socket}"\nseverity = "warning"\n`;
}

test("journald gets fields that journalctl finds", async (t) => {
  const journald = new Journald(t);
  await waitFor("journald", () => existsSync(journald.socket));
  const outputs = openOutputs(t, keys(journald.socket));
  outputs.deliver(runOf(outputEvents(50)));
  await waitFor("50 entries", () => journald.entries().length === 50);
  const entry = journald.entries()[7];
  assert.equal(entry?.["MESSAGE"], "event 8");
  assert.equal(entry?.["PRIORITY"], "4");
  assert.equal(entry?.["SCT_RULE"], "unlink_rule1");
  assert.equal(entry?.["SCT_PATH"], "./dummy");
  assert.equal(entry?.["SCT_COMM"], "rm");
  assert.equal(entry?.["SCT_SEQ"], "8");
  // a rule without LOG has no line
  outputs.deliver(runOf([outputEvent("", { rule: "keep_passwd", actions: ["FAIL"] })]));
  await waitFor("one more", () => journald.entries().length === 51);
  const denied = journald.entries()[50];
  assert.equal(denied?.["MESSAGE"], "keep_passwd: FAIL unlink");
  assert.equal(denied?.["SCT_ACTIONS"], "FAIL");
  assert.equal(JSON.parse(String(entry?.["SCT_JSON"])).seq, 8);
});

test("names with line ends, equal signs and any bytes forge no field and lose no byte", async (t) => {
  const journald = new Journald(t);
  await waitFor("journald", () => existsSync(journald.socket));
  const outputs = openOutputs(t, keys(journald.socket));
  const hostile = "a\nPRIORITY=0\nFORGED=1\n\u0000\u001b[2Jé\udcff";
  outputs.deliver(runOf([outputEvent(hostile, { comm: hostile, path: hostile })]));
  await waitFor("the entry", () => journald.entries().length === 1);
  const [entry] = journald.entries();
  assert.equal(entry?.["PRIORITY"], "4");
  assert.equal(entry?.["FORGED"], undefined);
  const bytes = Buffer.concat([Buffer.from(hostile.slice(0, -1)), Buffer.from([0xff])]);
  assert.deepEqual(entry?.["SCT_PATH"], [...bytes]);
  assert.match(String(entry?.["MESSAGE"]), /^a\\nPRIORITY=0\\nFORGED=1\\n\\x00\\x1b\[2J/);
});

test("an entry that no datagram holds goes as a sealed file", async (t) => {
  const journald = new Journald(t);
  await waitFor("journald", () => existsSync(journald.socket));
  const outputs = openOutputs(t, keys(journald.socket));
  const long = "x".repeat(3 * 1024 * 1024);
  outputs.deliver(runOf([outputEvent(long, { path: "y\n".repeat(1000) }), ...outputEvents(1, 2)]));
  await waitFor("both entries", () => journald.entries().length === 2);
  const [large, small] = journald.entries();
  assert.equal(String(large?.["MESSAGE"]).length, long.length);
  assert.equal(small?.["MESSAGE"], "event 2");
  assert.equal(outputs.counters()[0]?.lost, 0);
});

test("journald that is restarted gets what waited", async (t) => {
  const journald = new Journald(t);
  await waitFor("journald", () => existsSync(journald.socket));
  const outputs = openOutputs(t, keys(journald.socket));
  outputs.deliver(runOf(outputEvents(5)));
  await waitFor("5 entries", () => journald.entries().length === 5);
  await journald.stop();
  outputs.deliver(runOf(outputEvents(5, 6)));
  await waitFor("the failure", () => outputs.counters()[0]?.problem !== undefined);
  journald.start();
  await waitFor("10 entries", () => journald.entries().length === 10);
  assert.deepEqual(
    journald.entries().map((entry) => entry["MESSAGE"]),
    outputEvents(10).map(({ text }) => text),
  );
});
