/** The extension for Visual Studio Code as it is packed: what it holds, and that its program loads in the editor's place. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { strFromU8, unzipSync } from "fflate";

const root = fileURLToPath(new URL("../..", import.meta.url));
const place = mkdtempSync(join(tmpdir(), "sct-vscode-"));
after(() => rmSync(place, { recursive: true }));

function pack(folder: string): string {
  const script = join(root, "scripts/vscode/main.ts");
  const args = [script, "--out", join(place, folder)];
  return execFileSync(process.execPath, args, { encoding: "utf8" }).trim();
}

test("the extension holds all that its manifest names, and is the same each time", () => {
  const path = pack("one");
  assert.deepEqual(readFileSync(pack("two")), readFileSync(path));
  const files = unzipSync(readFileSync(path));
  const manifest = JSON.parse(strFromU8(files["extension/package.json"] ?? new Uint8Array()));
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  assert.equal(manifest.version, version);
  assert.ok(path.endsWith(`/syscalltrack-${version}.vsix`));
  const { languages, grammars } = manifest.contributes;
  for (const name of [manifest.main, languages[0].configuration, grammars[0].path])
    assert.ok(files[join("extension", name)] !== undefined, name);
  const identity = strFromU8(files["extension.vsixmanifest"] ?? new Uint8Array());
  assert.match(identity, new RegExp(`Id="syscalltrack" Version="${version}"`));
  for (const name of Object.keys(files)) {
    const [, ending = ""] = /(\.[a-z]+)$/.exec(name) ?? [];
    if (name === "[Content_Types].xml") continue;
    assert.ok(
      strFromU8(files["[Content_Types].xml"] ?? new Uint8Array()).includes(`"${ending}"`),
      name,
    );
  }
});

/** What the editor gives to extensions: whatever is asked for is there, can be called, made and extended. */
const anything: unknown = new Proxy(class {}, {
  get: (target, name) => (name in target ? Reflect.get(target, name) : anything),
  apply: () => anything,
});

test("its program loads where the editor is, and has the two functions that the editor calls", () => {
  const files = unzipSync(readFileSync(pack("three")));
  const program = join(place, "extension.cjs");
  writeFileSync(program, files["extension/extension.cjs"] ?? "");
  const loader = Module as unknown as { _load: (name: string, ...rest: unknown[]) => unknown };
  const load = loader._load;
  loader._load = (name, ...rest) => (name === "vscode" ? anything : load(name, ...rest));
  try {
    const { activate, deactivate } = createRequire(import.meta.url)(program);
    assert.deepEqual([typeof activate, typeof deactivate], ["function", "function"]);
  } finally {
    loader._load = load;
  }
});
