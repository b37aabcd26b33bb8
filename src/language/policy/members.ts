/** Members of the lists of a policy: what each allows. Lists that they name are taken apart. */
import type { Expr, PolicyMember } from "../ast.ts";
import type { RuleProgram } from "../check/context.ts";
import type { AllowedAddress, AllowedFile, AllowedHost, PolicyRight } from "../checked/policy.ts";
import { decodeNetwork } from "../parse/literals.ts";
import { hasGlobSpecial } from "../strings/glob.ts";
import { latin1 } from "../strings/latin1.ts";
import { didYouMean } from "../suggest.ts";
import { hostName } from "./host-name.ts";

/** Longest name of a file, PATH_MAX without its NUL. */
const MAX_NAME = 4095;
/** Lists within lists; deeper ones are reported where lists are checked. */
const MAX_DEPTH = 100;

/** Most members of a list of a policy, those of the lists that it names included. */
const MAX_MEMBERS = 20_000;

interface Member {
  readonly negated: boolean;
  readonly value: Expr;
}

/** Takes lists apart, as far as a list of a policy may become long. */
class Members {
  readonly #program: RuleProgram;
  readonly #right: PolicyRight;
  readonly #found: Member[] = [];
  /** Members and names of lists that may still come: lists that hold each other twice reach any number. */
  #left = MAX_MEMBERS;

  constructor(program: RuleProgram, right: PolicyRight) {
    this.#program = program;
    this.#right = right;
  }

  /** The members with those of lists in their places. */
  of(members: readonly PolicyMember[]): readonly Member[] {
    for (const { negated, value } of members) this.#add(negated, value, []);
    return this.#found;
  }

  #add(negated: boolean, value: Expr, open: readonly string[]): void {
    const { report, names } = this.#program;
    if (this.#left < 0) return;
    if (--this.#left < 0) {
      report.add("policy_too_large", value.span, [this.#right, MAX_MEMBERS]);
      this.#found.length = 0;
      return;
    }
    if (value.kind !== "name") {
      this.#found.push({ negated, value });
      return;
    }
    const list = names.lists.get(value.name);
    if (list === undefined) {
      report.add("unknown_name", value.span, [value.name], {
        expected: "a text in double quotes or the name of a list",
        ...didYouMean(value.name, [...names.lists.keys()]),
      });
      return;
    }
    // a circle is reported where lists are checked
    if (open.includes(value.name) || open.length > MAX_DEPTH) return;
    for (const item of list.values) {
      if (this.#left < 0) return;
      if (item.kind === "value") this.#add(negated, item.value, [...open, value.name]);
      else report.add("policy_member", item.span, ["a range", this.#right]);
    }
  }
}

/** Of `read`, `write`, `execute`, `attributes` and `unix`. What is wrong is reported and left out. */
export function allowedFiles(
  program: RuleProgram,
  right: PolicyRight,
  members: readonly PolicyMember[],
): AllowedFile[] {
  const files: AllowedFile[] = [];
  for (const { negated, value } of new Members(program, right).of(members)) {
    const { span } = value;
    if (value.kind !== "string") {
      program.report.add("policy_member", span, [shown(value), right], {
        expected: 'a file, a folder or a pattern in double quotes: `"/usr/**"`',
      });
      continue;
    }
    const text = latin1(value.value);
    const wrong = wrongName(text, right);
    if (wrong === undefined) files.push({ negated, ...formOf(text, value.value), span });
    else program.report.add("policy_member", span, [decode(value.value), right], { hint: wrong });
  }
  return files;
}

function formOf(text: string, bytes: Uint8Array): Pick<AllowedFile, "form" | "text"> {
  const folder = text.endsWith("/**") ? text.slice(0, -3) : undefined;
  if (folder !== undefined && !hasGlobSpecial(folder))
    return { form: "below", text: folder === "" ? bytes.subarray(0, 1) : bytes.subarray(0, -3) };
  return { form: hasGlobSpecial(text) ? "pattern" : "name", text: bytes };
}

/** What to write in place of it; undefined: it can fit a file. */
function wrongName(text: string, right: PolicyRight): string | undefined {
  if (right === "unix" && text.startsWith("@")) return undefined;
  if (text.length > MAX_NAME) return `names of files have at most ${MAX_NAME} bytes`;
  if (text.includes("\0")) return "no file has a name with a NUL";
  if (!text.startsWith("/"))
    return "files are compared by their absolute names: begin with `/`, or with `/home/*/`";
  if (text.length > 1 && text.endsWith("/")) return "write `/**` for all that is in a folder";
  if (text.split("/").some((part, i) => part === "." || part === ".." || (part === "" && i > 1)))
    return "files are compared by their resolved names: no `.`, `..` or `//`";
  return undefined;
}

const ADDRESS = /^(?:\*|\[([0-9A-Fa-f:.]+(?:\/\d+)?)\]|([0-9.]+(?:\/\d+)?)):(\*|\d{1,5})$/;
const WITHOUT_PORT = /^(?:[0-9.]+|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(?:\/\d+)?$/;
/** What may be meant as the name of a host. */
const HOST = /^(?=.*[^ -~]|.*[A-Za-z])(\*\.)?([^:[\]/@\s]+)(?::(\*|\d{1,5}))?$/;
const EXPECTED = '`10.0.0.0/8`, `"10.0.0.1:443"`, `"[fe80::/10]:22"` or `"*:443"`';
const EXPECTED_OR_NAME = `${EXPECTED}, or a name: \`"example.org:443"\`, \`"*.example.org"\``;

interface AllowedPeers {
  readonly addresses: AllowedAddress[];
  readonly hosts: AllowedHost[];
}

/** Of `connect` and `listen`. */
export function allowedAddresses(
  program: RuleProgram,
  right: PolicyRight,
  members: readonly PolicyMember[],
): AllowedPeers {
  const addresses: AllowedAddress[] = [];
  const hosts: AllowedHost[] = [];
  const expected = right === "connect" ? EXPECTED_OR_NAME : EXPECTED;
  for (const { negated, value } of new Members(program, right).of(members)) {
    const { span } = value;
    const address = addressOf(value);
    const text = value.kind === "string" ? decode(value.value) : "";
    const host = address === undefined && right === "connect" ? hostOf(text) : undefined;
    if (address !== undefined) addresses.push({ negated, ...address, span });
    else if (host !== undefined) hosts.push({ negated, ...host });
    else if (HOST.test(text))
      program.report.add("policy_host", span, [text, right], {
        expected,
        hint: right === "connect" ? wrongHost(text) : "sockets are bound to addresses",
      });
    else program.report.add("policy_member", span, [shown(value), right], { expected });
  }
  return { addresses, hosts };
}

function hostOf(text: string): Omit<AllowedHost, "negated"> | undefined {
  const [, wildcard, given = "", number] = HOST.exec(text) ?? [];
  const name = hostName(given);
  if (name === undefined) return undefined;
  const port = number === undefined || number === "*" ? undefined : Number(number);
  if (port !== undefined && (port === 0 || port > 65535)) return undefined;
  return { name, below: wildcard !== undefined, ...(port === undefined ? {} : { port }) };
}

function wrongHost(text: string): string {
  if (text.includes("*"))
    return '`*.` stands at the beginning, for at least one part: `"*.example.org"`';
  if (/[^ -~]/.test(text)) return "write it as the DNS has it: `xn--…`";
  return "a name has parts of letters, digits, `-` and `_`, the last one is no number; ports are 1 to 65535";
}

function addressOf(value: Expr): Pick<AllowedAddress, "network" | "port"> | undefined {
  if (value.kind === "network")
    return decodeNetwork(value.text) === undefined ? undefined : { network: value.text };
  if (value.kind !== "string") return undefined;
  const text = latin1(value.value);
  if (WITHOUT_PORT.test(text) && decodeNetwork(text) !== undefined) return { network: text };
  const match = ADDRESS.exec(text);
  if (match === null) return undefined;
  const network = match[1] ?? match[2];
  const port = match[3] === "*" ? undefined : Number(match[3]);
  if (network !== undefined && decodeNetwork(network) === undefined) return undefined;
  if (port !== undefined && port > 65535) return undefined;
  return { ...(network === undefined ? {} : { network }), ...(port === undefined ? {} : { port }) };
}

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function shown(value: Expr): string {
  switch (value.kind) {
    case "string":
      return decode(value.value);
    case "network":
    case "number":
      return value.text;
    default:
      return "this";
  }
}
