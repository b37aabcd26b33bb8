/** The tree that a package consists of, made in a directory: what goes where. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { classicNames, commands } from "../../src/cli/commands.ts";
import { manualPages } from "../manual/pages.ts";
import { changelog, copyright } from "./debian-documents.ts";
import { packagedDocuments } from "./documents.ts";

export const repository = fileURLToPath(new URL("../..", import.meta.url));
const LIBRARY = "usr/lib/syscalltrack";
/** Of dist/cli: programs and threads, one file each, and the code that V8 made of them. */
const PROGRAM_FILE = /\.cjs(?:\.code)?$/;

/** Fills `root`; `report` gets the name of each step as it begins. */
export async function stage(
  root: string,
  packageVersion: string,
  report: (step: string) => void,
): Promise<void> {
  report("build the program");
  stageProgram(root);
  report("write manual pages and documents");
  await stageDocuments(root, packageVersion);
  report("write completion and the service");
  stageCompletion(root);
  stageService(root);
}

function stageProgram(root: string): void {
  const library = join(root, LIBRARY);
  const build = join(repository, "scripts/build/main.ts");
  const built = mkdtempSync(join(tmpdir(), "syscalltrack-build-"));
  try {
    symlinkSync(join(repository, "node_modules"), join(built, "node_modules"));
    execFileSync(process.execPath, [build, built], { stdio: ["ignore", "ignore", "inherit"] });
    // the program alone: the library is for npm
    for (const name of readdirSync(join(built, "dist/cli")))
      if (PROGRAM_FILE.test(name))
        copy(join(built, "dist/cli", name), join(library, "dist/cli", name));
  } finally {
    rmSync(built, { recursive: true });
  }
  copy(join(repository, "package.json"), join(library, "package.json"));
  for (const name of readdirSync(join(repository, "packs")))
    copy(join(repository, "packs", name), join(library, "packs", name));
  // what the language server says of words
  copy(join(repository, "docs/language.md"), join(library, "docs/language.md"));
  for (const name of RUNTIME_PACKAGES) copyPackage(name, library);
  const node = join(library, "node_modules/.bin/node");
  copy(realpathSync(join(repository, "node_modules/.bin/node")), node, 0o755);
  // symbols that only a debugger reads are a seventh of it
  execFileSync("strip", [node]);
  for (const name of readdirSync(join(repository, "bin"))) {
    const isProgram = !name.includes(".");
    copy(join(repository, "bin", name), join(library, "bin", name), isProgram ? 0o755 : 0o644);
    if (isProgram) link(root, `usr/bin/${name}`, `${LIBRARY}/bin/${name}`);
  }
}

/** What the built program does not have in it: libraries with a part that is not JavaScript. */
const RUNTIME_PACKAGES = ["koffi", "@koromix/koffi-linux-x64"];
/** Folders of documents, of what is to build from, and of what is for other machines. */
const LEFT_OUT = /^(?:doc|vendor|lib|musl_x64)$/;
const BUILD_SCRIPT = /(?:^|\/)(?:cnoke|trampolines)\.cjs$/;
const RUNS = /\.(?:[cm]?js|json|node)$/;

function copyPackage(name: string, library: string): void {
  const from = join(repository, "node_modules", name);
  const files = readdirSync(from, { recursive: true, withFileTypes: true });
  for (const entry of files) {
    const path = relative(from, join(entry.parentPath, entry.name));
    if (!entry.isFile() || !RUNS.test(path) || BUILD_SCRIPT.test(path)) continue;
    if (path.split("/").some((part) => LEFT_OUT.test(part))) continue;
    copy(join(from, path), join(library, "node_modules", name, path));
  }
}

async function stageDocuments(root: string, packageVersion: string): Promise<void> {
  for (const [name, text] of await manualPages()) {
    const section = name.slice(name.lastIndexOf(".") + 1);
    put(root, `usr/share/man/man${section}/${name}.gz`, compress(text));
  }
  const documents = "usr/share/doc/syscalltrack";
  put(root, `${documents}/copyright`, copyright(repository, LIBRARY));
  put(root, `${documents}/changelog.gz`, compress(changelog(packageVersion)));
  put(root, "usr/share/lintian/overrides/syscalltrack", readPackaging("lintian-overrides"));
  for (const name of packagedDocuments) put(root, `${documents}/${name}`, read(name));
}

function stageCompletion(root: string): void {
  const print = (shell: string): string =>
    execFileSync(join(repository, "bin/sct"), ["completion", shell], { encoding: "utf8" });
  const bash = "usr/share/bash-completion/completions";
  const fish = "usr/share/fish/vendor_completions.d";
  put(root, `${bash}/sct`, print("bash"));
  put(root, `${fish}/sct.fish`, print("fish"));
  put(root, "usr/share/zsh/vendor-completions/_sct", print("zsh"));
  const classic = [...classicNames].filter(([, [command]]) => commands.has(command));
  for (const name of [...classic.map(([word]) => word), "syscalltrackd"]) {
    link(root, `${bash}/${name}`, `${bash}/sct`);
    link(root, `${fish}/${name}.fish`, `${fish}/sct.fish`);
  }
}

function stageService(root: string): void {
  put(root, "lib/systemd/system/syscalltrackd.service", readPackaging("syscalltrackd.service"));
  put(root, "etc/syscalltrack/rules.d/README", readPackaging("rules.d-README"));
  put(root, "etc/syscalltrack/syscalltrack.toml", read("etc/syscalltrack.toml"));
  chmodSync(join(root, "etc/syscalltrack/syscalltrack.toml"), 0o600);
  chmodSync(join(root, "etc/syscalltrack"), 0o700);
  chmodSync(join(root, "etc/syscalltrack/rules.d"), 0o700);
}

function readPackaging(name: string): string {
  return read(`packaging/${name}`);
}

function read(name: string): string {
  return readFileSync(join(repository, name), "utf8");
}

function compress(text: string): Uint8Array {
  return gzipSync(text, { level: 9 });
}

function put(root: string, path: string, content: string | Uint8Array): void {
  mkdirSync(join(root, dirname(path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

function copy(from: string, to: string, mode = 0o644): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
  chmodSync(to, mode);
}

function link(root: string, path: string, target: string): void {
  mkdirSync(join(root, dirname(path)), { recursive: true });
  symlinkSync(relative(dirname(path), target), join(root, path));
}
