/** The documents that Debian wants in a package, in its formats. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { RELEASE_DATE } from "../manual/roff.ts";
import { productionPackages } from "./dependencies.ts";

const { DEBFULLNAME = "The syscalltrack maintainers", DEBEMAIL = "syscalltrack@localhost" } =
  process.env as Readonly<Record<string, string | undefined>>;
export const MAINTAINER = `${DEBFULLNAME} <${DEBEMAIL}>`;

export function changelog(version: string): string {
  const date = new Date(`${RELEASE_DATE}T00:00:00Z`).toUTCString().replace("GMT", "+0000");
  return `syscalltrack (${version}) unstable; urgency=medium

  * CHANGELOG.md beside this file lists the changes.

 -- ${MAINTAINER}  ${date}
`;
}

interface Part {
  readonly files: string;
  readonly holder: string;
  readonly licence: string;
  readonly text: string;
}

/** Copyright holders of everything in the package. `library` is where its programs are, without the first slash. */
export function copyright(repository: string, library: string): string {
  const modules = productionPackages(repository).map((name) =>
    partOf(join(repository, "node_modules", name), filesOf(name, library)),
  );
  const node: Part = {
    files: `${library}/bin/node`,
    holder: "Node.js contributors",
    licence: "Node.js",
    text: "Node.js and the libraries in it are under licences of their own, see\nhttps://github.com/nodejs/node/blob/main/LICENSE",
  };
  const parts = [partOf(repository, "*"), ...modules, node];
  const texts = new Map(parts.map(({ licence, text }) => [licence, text]));
  return [
    "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n",
    ...parts.map(
      ({ files, holder, licence }) =>
        `Files: ${files}\nCopyright: ${holder}\nLicense: ${licence}\n`,
    ),
    ...[...texts].map(([licence, text]) => `License: ${licence}\n${indent(text)}\n`),
  ].join("\n");
}

/** Pure JavaScript is in the bundle, the rest beside it. */
function filesOf(name: string, library: string): string {
  return /koffi/.test(name) ? `${library}/node_modules/${name}/*` : `${library}/dist/cli/sct.cjs`;
}

interface Manifest {
  readonly license?: string;
  readonly author?: string | { readonly name: string };
}

function partOf(directory: string, files: string): Part {
  const manifest = JSON.parse(readFileSync(join(directory, "package.json"), "utf8")) as Manifest;
  const file = readdirSync(directory).find((name) => /^licen[cs]e/i.test(name));
  const text = file === undefined ? "" : readFileSync(join(directory, file), "utf8");
  const author = typeof manifest.author === "string" ? manifest.author : manifest.author?.name;
  const [, holder] = /^\s*Copyright (?:\(c\) |© )?(.+)$/im.exec(text) ?? [];
  const licence = manifest.license ?? "unknown";
  return {
    files,
    holder: holder?.trim() ?? author ?? "its authors",
    licence: licence === "MIT" ? "Expat" : licence,
    text: commonText(licence) ?? (text.trim() || `${licence}, as its package says`),
  };
}

/** Texts that Debian has once for all packages; that of Expat is the same for everyone but for the holder. */
function commonText(licence: string): string | undefined {
  if (licence === "MIT") return EXPAT;
  const name = `/usr/share/common-licenses/${licence}`;
  return existsSync(name) ? `On Debian systems the text is in ${name}.` : undefined;
}

const EXPAT = readFileSync(new URL("../../LICENSE", import.meta.url), "utf8")
  .split("\n")
  .filter((line) => !/^(?:MIT License|Copyright )/i.test(line))
  .join("\n")
  .trim();

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => ` ${line.trim() === "" ? "." : line.trimEnd()}`)
    .join("\n");
}
