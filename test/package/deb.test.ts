/** The Debian package, built, installed, used, upgraded, removed and purged on a copy of this machine. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { packagedDocuments } from "../../scripts/package/documents.ts";
import { classicNames } from "../../src/cli/commands.ts";
import { needsKernel } from "../kernel/needs.ts";
import { Machine } from "./machine.ts";

const builder = fileURLToPath(new URL("../../scripts/package/main.ts", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "sct-deb-"));
after(() => rmSync(directory, { recursive: true }));

function build(version: string, compression: string): string {
  const options = ["--out", directory, "--compression", compression, "--version", version];
  const output = execFileSync(process.execPath, [builder, ...options], { encoding: "utf8" });
  return output.trim();
}

const isRoot = process.geteuid?.() === 0;

describe("the Debian package", { skip: isRoot ? false : "dpkg needs root" }, () => {
  const first = build("0.1.0~test1", "gzip");
  const second = build("0.1.0~test2", "none");
  let machine: Machine;
  /** Files of the machine that are ours, before the first installation. */
  let untouched: string;

  before(async () => {
    machine = await Machine.open();
    untouched = ours();
  });
  after(() => machine.close());

  /** Names where packages and services have their files; pages that man(1) has formatted are its own. */
  function ours(): string {
    const named = "\\( -iname '*syscalltrack*' -o -name 'sct*' -o -name '_sct' \\)";
    const places = "/etc /lib/systemd /usr/bin /usr/sbin /usr/lib /usr/share /var/lib /run";
    return machine.run(`find ${places} -path /var/lib/dpkg/info -prune -o ${named} -print | sort`)
      .output;
  }

  function succeed(command: string): string {
    const { status, output } = machine.run(command);
    assert.equal(status, 0, `$ ${command}\n${output}`);
    return output;
  }

  test("building says its steps, and an interrupted one leaves the package of before", () => {
    const before = readFileSync(first);
    const dpkg = join(directory, "bin");
    mkdirSync(dpkg);
    const half = '#!/bin/sh\nfor file; do :; done\necho half >"$file"\nkill $$\n';
    writeFileSync(join(dpkg, "dpkg-deb"), half, { mode: 0o755 });
    const options = ["--out", directory, "--compression", "none", "--version", "0.1.0~test1"];
    const { status, stdout, stderr } = spawnSync(process.execPath, [builder, ...options], {
      encoding: "utf8",
      env: { ...process.env, PATH: `${dpkg}:${process.env["PATH"]}` },
    });
    assert.notEqual(status, 0);
    assert.equal(stdout, "");
    assert.match(stderr, /^package:deb: build the program\n(?:package:deb: .*\n){3}/);
    assert.deepEqual(readFileSync(first), before);
    assert.deepEqual(readdirSync(directory).toSorted(), ["bin", basename(first), basename(second)]);
  });

  test("lintian finds nothing that is not overridden with a reason", {
    skip: skipWithout("lintian"),
  }, () => {
    const { stdout, status } = spawnSync(
      "lintian",
      ["--allow-root", "--fail-on", "error,warning", first],
      { encoding: "utf8" },
    );
    assert.equal(status, 0, stdout);
  });

  test("installs", () => {
    succeed(`dpkg --install ${machine.take(first)}`);
    assert.equal(succeed("dpkg --verify syscalltrack"), "");
  });

  test("systemd understands all of the unit", {
    skip: skipWithout("systemd-analyze"),
  }, () => {
    assert.equal(succeed("systemd-analyze verify syscalltrackd.service"), "");
  });

  test("the command runs with the Node of the package", () => {
    assert.match(succeed("sct --version"), /^sct \d/);
    assert.match(succeed("PATH=/usr/bin:/bin sct --help"), /Watch and control/);
    succeed("cd /tmp && touch dummy");
    const rule = "rule { syscall_name = unlink action { type = LOG log_format { gone %params } } }";
    assert.match(succeed(`cd /tmp && sct run -e '${rule}' -- rm ./dummy`), /^gone ".\/dummy"$/m);
    succeed("sct check /usr/share/doc/syscalltrack/examples/article1.conf");
    succeed("sct test /usr/share/doc/syscalltrack/examples/passwd.conf");
    assert.match(succeed("sct syscalls unlink"), /unlinkat/);
  });

  test("sct doctor finds that sct run works here", () => {
    const { output } = machine.run("sct doctor --json");
    const { verdicts } = JSON.parse(output);
    const verdict = verdicts.find(({ name }: { name: string }) => name === "sct run");
    assert.equal(verdict.good, true, verdict.lines.join("\n"));
  });

  test("manual pages are found and read", () => {
    for (const page of [
      "sct",
      "sct-run",
      "sctrace",
      "sct-rules",
      "sct-events",
      "syscalltrack.toml",
    ]) {
      assert.match(
        succeed(`MANWIDTH=80 man ${page}`),
        new RegExp(page.replace("sctrace", "trace"), "i"),
      );
    }
  });

  test("a program for each classic name, and all that can be read", () => {
    for (const name of classicNames.keys()) succeed(`command -v ${name}`);
    assert.match(succeed("sctrace -e execve true 2>&1"), /^execve\("\/usr\/bin\/true"/m);
    const documents = packagedDocuments.map((name) => `/usr/share/doc/syscalltrack/${name}`);
    succeed(`ls ${documents.join(" ")}`);
  });

  test("names of hosts are decided, and learned", () => {
    const policy = 'policy p { connect { "example.org" } otherwise = LOG }';
    succeed(`sct run -e '${policy}' -- true`);
    assert.match(succeed("sct learn -- true 2>&1"), /^policy learned \{$/m);
  });

  test("the language server answers, from the manual too", () => {
    const uri = "file:///tmp/a.conf";
    const text = "rule { syscall_name = unlink filter_expression { PATH == COMM } }";
    const document = { uri, languageId: "syscalltrack", version: 1, text };
    const position = { line: 0, character: text.indexOf("PATH") };
    const messages = [
      { id: 1, method: "initialize", params: { capabilities: {}, rootUri: null } },
      { method: "textDocument/didOpen", params: { textDocument: document } },
      { id: 2, method: "textDocument/hover", params: { textDocument: { uri }, position } },
      { id: 3, method: "shutdown" },
      { method: "exit" },
    ].map((message) => JSON.stringify({ jsonrpc: "2.0", ...message }));
    const asked = join(directory, "lsp.in");
    writeFileSync(
      asked,
      messages.map((one) => `Content-Length: ${one.length}\r\n\r\n${one}`).join(""),
    );
    // an editor leaves the pipe open
    const input = `<(exec 2>/dev/null; cat ${machine.take(asked)}; sleep 20)`;
    const output = succeed(`bash -c 'sct lsp < ${input}'`);
    assert.match(output, /"renameProvider"[\s\S]*the file that parameter n really names/);
  });

  test("completion is where the shells look for it", () => {
    succeed("bash -c 'source /usr/share/bash-completion/completions/sct && complete -p sct'");
    succeed(
      "bash -c 'source /usr/share/bash-completion/completions/syscalltrackd && complete -p syscalltrackd'",
    );
    if (skipWithout("zsh") === false) {
      assert.match(
        succeed("zsh -fc 'autoload -Uz compinit; compinit -u -D; print $_comps[sct]'"),
        /^_sct$/m,
      );
    }
    if (skipWithout("fish") === false) {
      assert.match(succeed("fish -c 'complete -C \"sct wat\"'"), /^watch\t/m);
    }
  });

  /** Makes a call that the rule of this test logs, by a user that nobody else is. */
  const act = "setpriv --reuid=61234 --clear-groups rmdir /nothing-there";

  test("the service loads a rule and logs a line", (t) => {
    if (!needsKernel(t)) return;
    succeed("sct_load");
    const rule =
      "rule { rule_name = mine syscall_name = rmdir filter_expression { UID == 61234 } action { type = LOG } }";
    succeed(`echo '${rule}' >/tmp/mine.conf`);
    assert.match(
      succeed("sct_config upload /tmp/mine.conf"),
      /^Successfully uploaded rules from file '\/tmp\/mine.conf'$/m,
    );
    machine.run(act);
    awaitEvents(1);
    assert.match(succeed("sct status"), /mine/);
  });

  /** The service stores what it reads within a moment. */
  function awaitEvents(count: number): void {
    let lines: string[] = [];
    for (let i = 0; i < 50 && lines.length < count; i++) {
      lines = succeed("sct log --rule mine").split("\n").filter(Boolean);
      if (lines.length < count) execFileSync("sleep", ["0.2"]);
    }
    assert.equal(lines.length, count, lines.join("\n"));
  }

  test("is upgraded in place", (t) => {
    succeed(`dpkg --install ${machine.take(second)}`);
    if (needsKernel(t)) {
      machine.run(act);
      awaitEvents(2);
      // rules keep acting without a service, and the new one takes them over
      succeed("kill -9 $(cat /run/syscalltrack/lock)");
      machine.run(act);
      succeed("sct_load");
      awaitEvents(3);
    }
    assert.match(succeed("dpkg-query --show syscalltrack"), /test2/);
    assert.match(succeed("sct --version"), /^sct \d/);
  });

  test("removed and purged, it leaves nothing", () => {
    succeed("dpkg --remove syscalltrack");
    assert.equal(existsSync("/sys/fs/bpf/syscalltrack"), false);
    assert.notEqual(machine.run("command -v sct").status, 0);
    succeed("dpkg --purge syscalltrack");
    assert.equal(ours(), untouched);
  });
});

function skipWithout(program: string): string | false {
  return spawnSync("sh", ["-c", `command -v ${program}`]).status === 0
    ? false
    : `${program} is not installed`;
}
