/** Real receivers for tests of outputs: programs started with a configuration of their own, ended with the test. */
import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { Outputs, parseConfig } from "../../src/sinks/index.ts";

/** A directory that is gone after the test. */
export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "sct-out-"));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A program that runs until the test ends it, or ends. Its standard error shows when it ends early. */
export class Receiver {
  private readonly child: ChildProcess;
  private readonly ended: Promise<void>;

  constructor(t: TestContext, program: string, args: readonly string[]) {
    this.child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit"] });
    this.ended = new Promise((resolve, reject) => {
      this.child.on("exit", () => resolve());
      this.child.on("error", reject);
    });
    t.after(() => this.stop());
  }

  async stop(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    this.child.kill(signal);
    await this.ended;
  }
}

/** A port of the loopback interface that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      assert.ok(address !== null && typeof address === "object");
      server.close(() => resolve(address.port));
    });
  });
}

/** Outputs of a configuration text, closed with the test. */
export function openOutputs(t: TestContext, text: string): Outputs {
  const { config, diagnostics } = parseConfig(text, "test.toml");
  assert.deepEqual(diagnostics, []);
  // as much as a history would keep
  const outputs = Outputs.open(config.outputs, { memoryBytes: 64 << 20 });
  t.after(() => outputs.close(0));
  return outputs;
}

/** Lines of a file, of those that are complete. */
export function linesOf(path: string): string[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8").split("\n").slice(0, -1);
}

/** A certificate for 127.0.0.1 and localhost that signs itself, with its key. */
export function makeCertificate(directory: string): { cert: string; key: string } {
  const cert = join(directory, "cert.pem");
  const key = join(directory, "key.pem");
  const subject = [
    "-subj",
    "/CN=localhost",
    "-addext",
    "subjectAltName=DNS:localhost,IP:127.0.0.1",
  ];
  const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const files = ["-keyout", key, "-out", cert, "-days", "2"];
  execFileSync("openssl", ["req", ...kind, ...subject, ...files], { stdio: "pipe" });
  return { cert, key };
}
