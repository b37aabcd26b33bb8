/** Which room of src may import which: the table that docs/architecture.md shows and test/architecture.test.ts checks. */

export interface Room {
  /** What it is, in the words of docs/architecture.md. */
  readonly about: string;
  /** Rooms it may import, through their index.ts. Everything may import base. */
  readonly imports: readonly string[];
  /** Files of other rooms that are open besides their door. */
  readonly files?: readonly string[];
  /** Whether it may import `node:` modules. */
  readonly node?: true;
  readonly packages?: readonly string[];
  /** Files that import what they compute: no wall can judge those. */
  readonly computed?: readonly string[];
}

/** Contracts: types and layouts that stand between rooms. */
const LANGUAGE_TYPES = [
  "language/checked/index",
  "language/vocabulary",
  "language/call-view",
  "language/file-parameters",
];
const RECORD = ["events/layout", "events/site"];
export const contracts: readonly string[] = [...LANGUAGE_TYPES, ...RECORD];

/** A room begins with its folder. The longest name that a path begins with is its room. */
export const rooms: Readonly<Record<string, Room>> = {
  base: { about: "spans, diagnostics and their printers; no `node:` modules", imports: [] },
  variables: {
    about:
      "the variables of rules, a file each: type, place in records, how kernel and /proc give it",
    imports: [],
  },
  language: {
    about: "rule text to checked rules, their printer, their meaning; pure",
    imports: ["variables"],
    packages: ["re2js"],
  },
  linux: {
    about: "data about Linux: a row for each call and hook, ABIs, constants, names of values",
    imports: [],
    files: LANGUAGE_TYPES,
  },
  sys: {
    about: "the one door to libc: system calls, memory",
    imports: [],
    node: true,
    packages: ["koffi"],
  },
  "bpf/asm": { about: "assembler and disassembler; bytes in, values out", imports: [] },
  "bpf/btf": { about: "type information; bytes in, values out", imports: [] },
  // the interpreter is a reader of instructions, opcodes included
  "bpf/vm": {
    about:
      "runs programs without a kernel, for tests: registers, memory, maps, helpers; refuses what a verifier would",
    imports: ["bpf/asm"],
    files: ["bpf/asm/opcode"],
  },
  bpf: {
    about: "live kernel objects: programs, maps, links, ring buffer, probes",
    imports: ["bpf/asm", "bpf/btf", "sys"],
    // one folder above them, and their only user
    files: ["bpf/btf/writer", "bpf/btf/storage-btf"],
    node: true,
  },
  events: {
    about: "bytes of the ring to records; records to lines, JSON, objects; the other way for tests",
    imports: ["variables", "language", "linux"],
    // how a record lies in a ring, which is the kernel's interface
    files: [...LANGUAGE_TYPES, "bpf/ringbuf/frame"],
  },
  decoding: {
    about: "a call's registers and memory, in the words of strace; reads memory through who asks",
    imports: ["linux"],
    files: LANGUAGE_TYPES,
  },
  compiler: {
    about: "checked rules to programs as data; never loads",
    imports: ["variables", "language", "linux", "bpf/asm", "events"],
    files: [...LANGUAGE_TYPES, ...RECORD],
  },
  engines: {
    about: "where effects begin; `engine.ts` is what every engine keeps",
    imports: ["variables", "language", "linux", "sys", "bpf", "events", "decoding", "compiler"],
    files: [...LANGUAGE_TYPES, ...RECORD],
    node: true,
  },
  store: {
    about: "the history of events: batches of records in a database file",
    imports: ["events"],
    files: [...LANGUAGE_TYPES, ...RECORD],
    node: true,
  },
  views: {
    about:
      "what terminal and console show, as data: tables with rates, counts by value, the events of the history that are asked for, following it; draws nothing",
    imports: ["events", "store"],
    files: [...RECORD, "engines/engine"],
  },
  files: { about: "reading what users name: regular files, bounded", imports: [], node: true },
  "rule-files": { about: "rule files and what they include", imports: ["files"], node: true },
  learning: {
    about: "what a command was seen to use, to a proposal for a policy; pure",
    imports: ["language"],
    files: LANGUAGE_TYPES,
  },
  report: {
    about: "what a run did, process by process, and the page that shows it",
    imports: [],
    node: true,
  },
  proxy: {
    about: "connections by name: HTTP and SOCKS5 for a command, decided as policies say",
    imports: ["sys"],
    files: [...LANGUAGE_TYPES, "language/policy/host-name"],
    node: true,
  },
  lsp: {
    about: "the language server: an open rule file to what editors show of it",
    imports: ["variables", "language", "files", "rule-files", "linux", "events", "engines/context"],
    node: true,
    packages: [
      "vscode-languageserver",
      "vscode-languageserver/node",
      "vscode-languageserver-textdocument",
    ],
  },
  library: {
    about: '`import … from "syscalltrack"`',
    imports: ["language", "files", "rule-files", "linux", "events", "engines/context", "sys"],
    files: ["engines/engine", "engines/engines", "proxy/contract"],
    node: true,
  },
  testing: {
    about: "`syscalltrack/testing`",
    imports: ["library", "events", "engines/attach", "engines/context", "sys"],
    // its own process, and the rules that a process takes
    files: [
      "engines/engine",
      "engines/engines",
      "library/helper",
      "library/protocol",
      "library/rule-set",
    ],
    node: true,
  },
  daemon: {
    about: "the resident service: control socket, rules in force, wiring",
    imports: [
      "language",
      "files",
      "rule-files",
      "linux",
      "sys",
      "bpf",
      "events",
      "engines/context",
      "engines/kernel",
      "store",
      "views",
      "sinks",
    ],
    files: [...LANGUAGE_TYPES, ...RECORD, "engines/engine", "engines/engines"],
    node: true,
  },
  sinks: {
    about: "the service's configuration file; outputs: queue, retry, accounting, receivers",
    imports: ["events", "files", "sys"],
    files: ["language/suggest"], // a misspelt key
    node: true,
    packages: [
      "toml-eslint-parser",
      "@opentelemetry/exporter-logs-otlp-http",
      "@opentelemetry/resources",
      "@opentelemetry/sdk-logs",
    ],
  },
  cli: {
    about: "command lines, output, exit codes",
    imports: [
      "daemon",
      "store",
      "views",
      "language",
      "files",
      "rule-files",
      "linux",
      "learning",
      "lsp",
      "report",
      "compiler",
      "events",
      "engines/kernel",
      "engines/supervised",
      "engines/strace",
      "engines/context",
      "proxy",
      "bpf", // doctor asks for its probes
      "sys", // the clock that events are stamped with
    ],
    files: [
      "engines/engine",
      "engines/engines",
      "events/layout", // sct learn reads records
      "library/protocol", // sct run for the library
      "daemon/socket/client",
      "daemon/notify",
      "daemon/rules/rule-set",
      "daemon/run",
      "daemon/start",
      "daemon/systemd",
      "daemon/run-files/unload",
      "language/suggest", // a misspelt command needs no parser
      "sinks/config/config", // sct check
    ],
    node: true,
  },
};

/**
 * Folders of the compiler, in the order in which rules pass them: automata of texts, what is wanted and how it is enforced,
 * where things lie in records and maps, code of expressions, programs.
 */
export const compilerSteps: readonly string[] = ["dfa", "plan", "layout", "emit", "programs"];
