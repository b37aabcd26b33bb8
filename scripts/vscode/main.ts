/**
 * `npm run package:vscode [-- --out DIR]`: builds the extension for Visual Studio Code into build/, without a network, and
 * prints its path. A .vsix is a ZIP of the extension with a manifest, in the Open Packaging Conventions (ECMA-376 part 2).
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { strToU8, type Zippable, zipSync } from "fflate";
import { version } from "../../src/cli/version.ts";
import { readOptions } from "../options.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(repository, "editors/vscode");
const USAGE = `Usage: npm run package:vscode [-- --out DIR]
Build the extension for Visual Studio Code into DIR, by default build, and print its path.`;
const FILES = [
  "README.md",
  "language-configuration.json",
  "syntaxes/syscalltrack.tmLanguage.json",
] as const;
/** The first moment that a ZIP can say: the same sources give the same bytes. */
const WHEN = new Date(1980, 0, 1);
const CONTENT_TYPES = `<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension=".json" ContentType="application/json"/><Default Extension=".cjs" ContentType="application/javascript"/><Default Extension=".md" ContentType="text/markdown"/><Default Extension=".vsixmanifest" ContentType="text/xml"/></Types>
`;

interface Manifest {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  readonly publisher: string;
  readonly engines: { readonly vscode: string };
  readonly categories: readonly string[];
}

const { values } = readOptions(USAGE, {
  out: { type: "string", default: join(repository, "build") },
});

async function bundle(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [join(folder, "extension.ts")],
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20",
    external: ["vscode"],
    minify: true,
    legalComments: "inline",
    write: false,
  });
  return outputFiles[0]?.contents ?? new Uint8Array();
}

function vsixManifest(one: Manifest): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
<Metadata>
<Identity Language="en-US" Id="${one.name}" Version="${version()}" Publisher="${one.publisher}"/>
<DisplayName>${one.displayName}</DisplayName>
<Description xml:space="preserve">${one.description}</Description>
<Categories>${one.categories.join(",")}</Categories>
<Properties><Property Id="Microsoft.VisualStudio.Code.Engine" Value="${one.engines.vscode}"/></Properties>
</Metadata>
<Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
<Dependencies/>
<Assets><Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/><Asset Type="Microsoft.VisualStudio.Services.Content.Details" Path="extension/README.md" Addressable="true"/></Assets>
</PackageManifest>
`;
}

const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
const content: Zippable = {
  "[Content_Types].xml": strToU8(CONTENT_TYPES),
  "extension.vsixmanifest": strToU8(vsixManifest(manifest)),
  "extension/package.json": strToU8(
    `${JSON.stringify({ ...manifest, version: version() }, null, 2)}\n`,
  ),
  "extension/extension.cjs": await bundle(),
  ...Object.fromEntries(
    FILES.map((name) => [`extension/${name}`, readFileSync(join(folder, name))]),
  ),
};
const path = join(values.out, `${manifest.name}-${version()}.vsix`);
mkdirSync(values.out, { recursive: true });
writeFileSync(path, zipSync(content, { level: 9, mtime: WHEN }));
console.log(path);
