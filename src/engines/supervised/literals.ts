/**
 * What the literal paths of rules mean now: links on the way, and the file itself by whichever name. Looked at again before a call is
 * decided, where the kernel reports a change, so that the command cannot exchange a link and be faster. What a policy allows means what
 * it led to at the start: the command must not gain by such an exchange.
 */
import { type CheckedRule, type FileTest, testString, wholePaths } from "../../language/index.ts";
import { atOnce, FileNames, fileTestsOf, KnownFiles } from "../names/index.ts";
import { allowingTests } from "./allowing-tests.ts";
import { NameCalls } from "./task/rooted-files.ts";

const REFRESH_MS = 1000;
/** Files that are known of each path: what it named before is still meant for as long as it is there. */
const MOST_FILES = 4;

export class Literals {
  /** Some rule compares a file with a whole path: then files are distinguished, besides their names. */
  readonly comparesFiles: boolean;
  readonly #comparing: readonly FileTest[];
  readonly #names: FileNames;
  readonly #allowing: ReadonlySet<FileTest>;
  /** Of those that allow: never looked at again. */
  readonly #atStart: FileNames;
  readonly #files: KnownFiles | undefined;
  readonly #paths: readonly string[];
  readonly #calls = new NameCalls();
  readonly #timer: NodeJS.Timeout | undefined;
  /** Of the files that each test compares with. */
  readonly #keys = new Map<FileTest, ReadonlySet<string>>();

  constructor(rules: readonly CheckedRule[]) {
    const tests = fileTestsOf(rules);
    this.#comparing = tests.filter((one) => pathsOf(one).length > 0);
    this.#paths = [...new Set(this.#comparing.flatMap(pathsOf))];
    this.#allowing = allowingTests(rules);
    this.#names = new FileNames(tests.filter((one) => !this.#allowing.has(one)));
    atOnce(this.#names.learn());
    this.#atStart = new FileNames(tests.filter((one) => this.#allowing.has(one)));
    atOnce(this.#atStart.learn());
    this.#atStart.close();
    this.comparesFiles = this.#paths.length > 0;
    if (!this.comparesFiles) return;
    this.#files = new KnownFiles(this.#paths, MOST_FILES, (fd) => this.#calls.statusOf(fd)?.key);
    this.#refreshFiles();
    this.#files.onEnd(() => this.#refreshFiles());
    this.#timer = setInterval(() => this.#refreshFiles(), REFRESH_MS).unref();
  }

  /** Before a call is decided. */
  update(): void {
    if (!this.#names.hasEvents()) return;
    this.#names.refresh();
    this.#refreshFiles();
  }

  /** See CallView.isMeant; `key` identifies the file, undefined where there is none. */
  isMeant(test: FileTest, text: Uint8Array, key: string | undefined): boolean {
    const names = this.#allowing.has(test) ? this.#atStart : this.#names;
    const others = names.others(test);
    if (others.some(({ op, pattern }) => testString(op, text, pattern))) return true;
    return key !== undefined && this.#keys.get(test)?.has(key) === true;
  }

  #refreshFiles(): void {
    if (this.#files?.refresh() !== true) return;
    const keys = this.#files.keys();
    const byPath = new Map(this.#paths.map((path, i) => [path, keys[i] ?? []]));
    for (const test of this.#comparing) {
      const found = new Set(pathsOf(test).flatMap((path) => byPath.get(path) ?? []));
      const before = this.#keys.get(test);
      const isFixed = this.#allowing.has(test) && before !== undefined;
      const keys = isFixed ? [...found].filter((key) => before.has(key)) : found;
      this.#keys.set(test, new Set(keys));
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#names.close();
    this.#files?.close();
    this.#calls.free();
  }
}

/** Absolute paths that PATH is compared with as a whole. */
function pathsOf(test: FileTest): readonly string[] {
  if (test.subject.kind !== "pathOf") return [];
  const texts = wholePaths(test).map((path) => Buffer.from(path).toString("latin1"));
  return texts.filter((text) => text.startsWith("/") && !text.includes("\0"));
}
