/** `sct lsp`, by the protocol, as editors speak it. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  type CodeAction,
  type CodeLens,
  type CompletionList,
  createProtocolConnection,
  type Diagnostic,
  type DocumentSymbol,
  type Hover,
  type Location,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  StreamMessageReader,
  StreamMessageWriter,
  type TextEdit,
  type WorkspaceEdit,
} from "vscode-languageserver/node";

const TEXT = `include "lists.conf"
define ROOT { UID == 0 }

rule {
  rule_name = keep
  syscall_name = unlink
  filter_expression { ROOT && PATH in KEPT }
  action { type = FAIL error_code = EPERM }
}

test "root keeps it" {
  call unlink("/etc/passwd") as { UID = 0 }
  expect FAIL EPERM by keep
}
`;
const LISTS = 'list KEPT { "/etc/passwd" }\n';

describe("sct lsp", () => {
  const folder = mkdtempSync(join(tmpdir(), "sct-lsp-"));
  const uri = pathToFileURL(join(folder, "a.conf")).href;
  const lists = pathToFileURL(join(folder, "lists.conf")).href;
  let server: ChildProcess;
  let connection: ProtocolConnection;
  let version = 0;
  let text = "";
  const waiting: PromiseWithResolvers<Diagnostic[]>[] = [];
  let isEnding = false;

  /** The next ones that are reported. */
  function diagnostics(): Promise<Diagnostic[]> {
    const next = Promise.withResolvers<Diagnostic[]>();
    waiting.push(next);
    return next.promise;
  }

  before(async () => {
    writeFileSync(join(folder, "lists.conf"), LISTS);
    const sct = fileURLToPath(new URL("../bin/sct", import.meta.url));
    server = spawn(sct, ["lsp", "--stdio"], { stdio: ["pipe", "pipe", "inherit"] });
    assert.ok(server.stdin !== null && server.stdout !== null);
    connection = createProtocolConnection(
      new StreamMessageReader(server.stdout),
      new StreamMessageWriter(server.stdin),
    );
    connection.onNotification(
      "textDocument/publishDiagnostics",
      ({ uri: about, diagnostics: reported }: PublishDiagnosticsParams) => {
        if (about !== uri) return;
        for (const { resolve } of waiting.splice(0)) resolve(reported);
      },
    );
    // what waits for an answer must not wait for ever
    server.once("exit", () => {
      if (isEnding) return;
      connection.dispose();
      for (const { reject } of waiting) reject(new Error("the server has ended"));
    });
    connection.listen();
    const { capabilities } = await connection.sendRequest<{ capabilities: object }>("initialize", {
      processId: process.pid,
      rootUri: null,
      capabilities: {},
    });
    assert.ok("renameProvider" in capabilities);
    await connection.sendNotification("initialized", {});
  });

  after(async () => {
    isEnding = true;
    await connection.sendRequest("shutdown");
    await connection.sendNotification("exit");
    const [status] = await once(server, "exit");
    assert.equal(status, 0);
    rmSync(folder, { recursive: true });
  });

  /** Of the text that is in the editor from now on, as `severity line code`. */
  async function edit(now: string): Promise<string[]> {
    const reported = diagnostics();
    text = now;
    version++;
    if (version === 1)
      await connection.sendNotification("textDocument/didOpen", {
        textDocument: { uri, languageId: "syscalltrack", version, text },
      });
    else
      await connection.sendNotification("textDocument/didChange", {
        textDocument: { uri, version },
        contentChanges: [{ text }],
      });
    return (await reported).map(
      ({ severity, range, code }) => `${severity} ${range.start.line} ${code}`,
    );
  }

  /** A request about the place where `marked` has its `|`; `marked` without it is in the text. */
  function ask<T>(method: string, marked: string, more: object = {}): Promise<T> {
    const at = text.indexOf(marked.replace("|", "")) + marked.indexOf("|");
    const lines = text.slice(0, at).split("\n");
    const position = { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 };
    return connection.sendRequest(`textDocument/${method}`, {
      textDocument: { uri },
      position,
      ...more,
    });
  }

  async function labels(marked: string): Promise<string[]> {
    const { items } = await ask<CompletionList>("completion", marked);
    return items.map(({ label }) => label);
  }

  async function meaning(marked: string): Promise<string> {
    const hover = await ask<Hover | null>("hover", marked);
    const { contents = "" } = hover ?? {};
    return typeof contents === "object" && "value" in contents ? contents.value : "";
  }

  test("errors and warnings are reported as the text changes", async () => {
    assert.deepEqual(await edit(TEXT), ["2 6 left_open"]);
    assert.deepEqual(await edit(TEXT.replace("unlink\n", "unlnk\n")), ["1 5 unknown_call"]);
    const [action] = await connection.sendRequest<CodeAction[]>("textDocument/codeAction", {
      textDocument: { uri },
      range: { start: { line: 5, character: 0 }, end: { line: 5, character: 1 } },
      context: { diagnostics: [] },
    });
    assert.equal(action?.title, "Write `unlink`");
    assert.deepEqual(
      action.edit?.changes?.[uri]?.map(({ newText }) => newText),
      ["unlink"],
    );
  });

  test("a warning can be allowed by a comment", async () => {
    await edit(TEXT);
    const actions = await connection.sendRequest<CodeAction[]>("textDocument/codeAction", {
      textDocument: { uri },
      range: { start: { line: 6, character: 0 }, end: { line: 6, character: 1 } },
      context: { diagnostics: [] },
    });
    const allow = actions.find(({ title }) => title === "Allow `left_open` here");
    const [{ newText = "" } = {}] = allow?.edit?.changes?.[uri] ?? [];
    assert.deepEqual(await edit(TEXT.replace("rule {", `${newText}rule {`)), []);
  });

  test("an error of an included file stands at its include, also while that file is open", async () => {
    await edit(TEXT);
    await connection.sendNotification("textDocument/didOpen", {
      textDocument: { uri: lists, languageId: "syscalltrack", version: 1, text: "list KEPT { }" },
    });
    assert.deepEqual(await edit(`${TEXT}\n`), ["1 0 empty_list"]);
    await connection.sendNotification("textDocument/didClose", { textDocument: { uri: lists } });
    assert.deepEqual(await edit(TEXT), ["2 6 left_open"]);
  });

  test("words mean what sct syscalls, the manual and the file say", async () => {
    await edit(TEXT);
    assert.match(await meaning("= unl|ink"), /const char \*pathname[\s\S]*unlinkat/);
    assert.match(await meaning("&& PA|TH"), /the file that parameter n really names/);
    assert.match(await meaning("error_code = EP|ERM"), /`EPERM` = 1 /);
    assert.match(await meaning("{ RO|OT"), /define ROOT \{ UID == 0 \}/);
    assert.match(await meaning("in KE|PT"), /list KEPT \{ "\/etc\/passwd" \}/);
    assert.match(await meaning("name = ke|ep"), /keep \(.*a\.conf:4\), before[\s\S]*sct run/);
    assert.equal(await meaning("= 0 |}"), "");
  });

  test("what may stand at a place is offered", async () => {
    await edit(TEXT);
    assert.ok((await labels("syscall_name = unl|ink")).includes("unlinkat"));
    assert.deepEqual(await labels("type = FA|IL"), [
      "LOG",
      "FAIL",
      "KILL",
      "SUSPEND",
      "REWRITE",
      "COUNT",
    ]);
    const inFilter = await labels("{ ROOT && PA|TH");
    for (const word of ["PATH", "COMM", "ROOT", "KEPT", "matches"])
      assert.ok(inFilter.includes(word), word);
    assert.ok(!inFilter.includes("PAGE_SIZE"));
    assert.deepEqual(await labels("by ke|ep"), ["keep"]);
    await edit(TEXT.replace("PATH in KEPT", "PARAMS[2]. ").replace("= unlink", "= connect"));
    assert.ok((await labels("PARAMS[2].|")).includes("sin_port"));
    await edit(TEXT.replace("ROOT && PATH", "O_CL && PATH"));
    assert.ok((await labels("{ O_CL|")).includes("O_CLOEXEC"));
  });

  test("names lead to where they are given, and are renamed everywhere", async () => {
    await edit(TEXT);
    const [definition] = await ask<Location[]>("definition", "in KE|PT");
    assert.deepEqual(
      [definition?.uri, definition?.range.start],
      [lists, { line: 0, character: 5 }],
    );
    const references = await ask<Location[]>("references", "by ke|ep", {
      context: { includeDeclaration: true },
    });
    assert.deepEqual(
      references.map(({ range }) => range.start.line),
      [4, 12],
    );
    const { changes = {} } = await ask<WorkspaceEdit>("rename", "in KE|PT", { newName: "KEEP" });
    assert.deepEqual(
      Object.entries(changes)
        .map(([file, edits]): [string, number] => [file, edits.length])
        .toSorted(([a], [b]) => a.localeCompare(b)),
      [
        [uri, 1],
        [lists, 1],
      ],
    );
    await assert.rejects(ask("rename", "in KE|PT", { newName: "no name" }), /letters, digits/);
    assert.equal(await ask("prepareRename", "UI|D == 0"), null);
    const symbols = await connection.sendRequest<DocumentSymbol[]>("textDocument/documentSymbol", {
      textDocument: { uri },
    });
    assert.deepEqual(
      symbols.map(({ name, detail }) => `${detail} ${name}`),
      ["include lists.conf", "define ROOT", "rule keep", "test root keeps it"],
    );
  });

  test("a file is formatted as sct fmt does it; one with errors stays", async () => {
    const formatted = (): Promise<TextEdit[]> =>
      connection.sendRequest("textDocument/formatting", {
        textDocument: { uri },
        options: { tabSize: 8, insertSpaces: false },
      });
    await edit(TEXT.replace("  rule_name = keep\n", "\t\trule_name=keep;"));
    assert.deepEqual(
      (await formatted()).map(({ newText }) => newText),
      [TEXT.replace('conf"\n', 'conf"\n')],
    );
    await edit("rule {");
    assert.deepEqual(await formatted(), []);
  });

  test("a test is run from the line above it; one that fails is marked", async () => {
    const run = async (now: string): Promise<{ message: string; marks: string[] }> => {
      await edit(now);
      const [lens] = await connection.sendRequest<CodeLens[]>("textDocument/codeLens", {
        textDocument: { uri },
      });
      assert.equal(lens?.command?.title, "Run test");
      const marks = diagnostics();
      const message = new Promise<string>((resolve) => {
        const listening = connection.onRequest(
          "window/showMessageRequest",
          (request: { message: string }) => {
            listening.dispose();
            resolve(request.message);
            return null;
          },
        );
      });
      const { command, arguments: args } = lens.command;
      await connection.sendRequest("workspace/executeCommand", { command, arguments: args });
      return {
        message: await message,
        marks: (await marks).map((mark) => `${mark.range.start.line} ${mark.message}`),
      };
    };
    const good = await run(TEXT);
    assert.equal(good.message, "1 run, 0 failed");
    const bad = await run(TEXT.replace("UID = 0", "UID = 7"));
    assert.equal(bad.message, "1 run, 1 failed");
    assert.match(bad.marks.join(), /10 .*expected/i);
  });

  test("texts of any kind are answered", async () => {
    for (const odd of ["", "\u0000", "rule {".repeat(1000), `# ${"x".repeat(100_000)}`, "😀 {"]) {
      await edit(odd);
      await ask("completion", "|");
      await ask("hover", "|");
      await connection.sendRequest("textDocument/documentSymbol", { textDocument: { uri } });
    }
  });
});
