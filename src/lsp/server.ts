/** `sct lsp`: the protocol over standard input and output. Each request is answered from the text as it is now. */
import {
  CodeActionKind,
  createConnection,
  DiagnosticSeverity,
  ErrorCodes,
  type InitializeResult,
  ResponseError,
  TextDocumentSyncKind,
  TextDocuments,
  type WorkspaceEdit,
} from "vscode-languageserver/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { formatRules } from "../language/index.ts";
import { codeActions } from "./code-actions.ts";
import { completionAt } from "./completion.ts";
import { SOURCE, shownDiagnostics } from "./diagnostics.ts";
import { type ExplainRule, hoverAt } from "./hover.ts";
import { nameAt } from "./names.ts";
import { editorRange, wholeRange } from "./ranges.ts";
import { RenameRefused, renameEdits } from "./rename.ts";
import { type Checking, checkDocument, pathOfUri, type RuleDocument } from "./rule-document.ts";
import { definitionsAt, documentSymbols, highlightsAt, referencesAt } from "./symbols.ts";
import { RUN_TESTS, runDocumentTests, testLenses } from "./test-runs.ts";

const CAPABILITIES: InitializeResult["capabilities"] = {
  textDocumentSync: TextDocumentSyncKind.Incremental,
  completionProvider: { triggerCharacters: [".", "@", "%", "="] },
  hoverProvider: true,
  definitionProvider: true,
  referencesProvider: true,
  documentHighlightProvider: true,
  documentSymbolProvider: true,
  documentFormattingProvider: true,
  renameProvider: { prepareProvider: true },
  codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
  codeLensProvider: {},
  executeCommandProvider: { commands: [RUN_TESTS] },
};
/** A text is checked when nothing was typed for so long. */
const PAUSE_MS = 150;

interface At {
  readonly textDocument: { readonly uri: string };
  readonly position: { readonly line: number; readonly character: number };
}

export interface ServerOptions {
  /** Of the package. */
  readonly version: string;
  readonly refusals: Checking["refusals"];
  /** How a rule is observed and enforced on this machine, for people. */
  readonly explainRule: ExplainRule;
}

class RuleServer {
  readonly #options: ServerOptions;
  readonly #connection = createConnection(process.stdin, process.stdout);
  readonly #texts = new TextDocuments(TextDocument);
  /** Of the version of the text that it was checked in. */
  readonly #checked = new Map<string, { version: number; document: RuleDocument }>();
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  /** Diagnostics of tests that failed, until the text changes. */
  readonly #failures = new Map<string, ReturnType<typeof shownDiagnostics>>();

  constructor(options: ServerOptions) {
    this.#options = options;
    const { version } = options;
    const connection = this.#connection;
    connection.onInitialize(() => ({
      capabilities: CAPABILITIES,
      serverInfo: { name: "syscalltrack", version },
    }));
    this.#texts.onDidChangeContent(({ document: { uri } }) => this.#changed(uri));
    this.#texts.onDidClose(({ document: { uri } }) => this.#closed(uri));
    this.#answer();
    this.#texts.listen(connection);
  }

  listen(): void {
    this.#connection.listen();
  }

  #answer(): void {
    const connection = this.#connection;
    connection.onHover((at) =>
      this.#at(at, (document, offset) => hoverAt(document, offset, this.#options.explainRule)),
    );
    connection.onCompletion((at) => this.#at(at, completionAt));
    connection.onDefinition((at) => this.#at(at, definitionsAt));
    connection.onReferences((at) => this.#at(at, referencesAt));
    connection.onDocumentHighlight((at) => this.#at(at, highlightsAt));
    connection.onDocumentSymbol(({ textDocument }) => this.#of(textDocument, documentSymbols));
    connection.onCodeLens(({ textDocument }) => this.#of(textDocument, testLenses));
    connection.onCodeAction(({ textDocument, range }) =>
      this.#of(textDocument, (document) => codeActions(document, range)),
    );
    connection.onDocumentFormatting(({ textDocument }) =>
      this.#of(textDocument, ({ file }) => {
        const { text } = formatRules(file);
        return text === undefined ? [] : [{ range: wholeRange(file), newText: text }];
      }),
    );
    connection.onPrepareRename((at) =>
      this.#at(at, (document, offset) => {
        const found = nameAt(document, offset);
        return found && { range: editorRange(found.at.span), placeholder: found.name };
      }),
    );
    connection.onRenameRequest((request) =>
      this.#at(request, (document, offset) => renamed(document, offset, request.newName)),
    );
    connection.onExecuteCommand(({ command, arguments: args = [] }) => {
      if (command === RUN_TESTS) this.#runTests(String(args[0]), args[1]);
      return null;
    });
  }

  #changed(uri: string): void {
    this.#failures.delete(uri);
    clearTimeout(this.#waiting.get(uri));
    this.#waiting.set(
      uri,
      setTimeout(() => this.#report(uri), PAUSE_MS),
    );
  }

  #closed(uri: string): void {
    clearTimeout(this.#waiting.get(uri));
    for (const kept of [this.#waiting, this.#checked, this.#failures]) kept.delete(uri);
    void this.#connection.sendDiagnostics({ uri, diagnostics: [] });
  }

  #document(uri: string): RuleDocument | undefined {
    const text = this.#texts.get(uri);
    if (text === undefined) return undefined;
    const known = this.#checked.get(uri);
    if (known?.version === text.version) return known.document;
    const document = checkDocument(uri, text.getText(), {
      openTexts: (path) => this.#openText(path),
      refusals: this.#options.refusals,
    });
    this.#checked.set(uri, { version: text.version, document });
    return document;
  }

  #openText(path: string): string | undefined {
    const open = this.#texts.all().find(({ uri }) => pathOfUri(uri) === path);
    return open?.getText();
  }

  #report(uri: string): void {
    const document = this.#document(uri);
    if (document === undefined) return;
    const failures = this.#failures.get(uri) ?? [];
    const diagnostics = [...shownDiagnostics(document), ...failures];
    void this.#connection.sendDiagnostics({ uri, diagnostics });
  }

  /** `null` is the protocol's word for nothing. */
  #of<T>({ uri }: { readonly uri: string }, find: (document: RuleDocument) => T): T | null {
    const document = this.#document(uri);
    return document === undefined ? null : find(document);
  }

  #at<T>(
    { textDocument, position }: At,
    find: (document: RuleDocument, offset: number) => T | undefined,
  ): T | null {
    const offset = this.#texts.get(textDocument.uri)?.offsetAt(position) ?? 0;
    return this.#of(textDocument, (document) => find(document, offset) ?? null);
  }

  #runTests(uri: string, title: unknown): void {
    const document = this.#document(uri);
    if (document === undefined) return;
    const results = runDocumentTests(document, typeof title === "string" ? title : undefined);
    const { window } = this.#connection;
    if (results === undefined) {
      window.showErrorMessage("The rules have errors: no test was run");
      return;
    }
    const failed = results.filter(({ passed }) => !passed);
    this.#failures.set(
      uri,
      failed.map(({ test, failures }) => ({
        range: editorRange(test.span),
        severity: DiagnosticSeverity.Error,
        source: SOURCE,
        message: failures.join("\n"),
      })),
    );
    this.#report(uri);
    const text = `${results.length} run, ${failed.length} failed`;
    if (failed.length > 0) window.showWarningMessage(text);
    else window.showInformationMessage(text);
  }
}

function renamed(document: RuleDocument, offset: number, name: string): WorkspaceEdit | undefined {
  try {
    return renameEdits(document, offset, name);
  } catch (error) {
    if (!(error instanceof RenameRefused)) throw error;
    throw new ResponseError(ErrorCodes.InvalidParams, error.message);
  }
}

/** Ends when the editor ends it, or its end of the pipe. */
export function serveLsp(options: ServerOptions): void {
  new RuleServer(options).listen();
}
