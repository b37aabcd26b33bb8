/** A Debian package of a staged tree, by dpkg-deb. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { MAINTAINER } from "./debian-documents.ts";
import { repository } from "./stage.ts";

export interface DebOptions {
  readonly version: string;
  /** As dpkg-deb's -Z: `xz` for packages that travel, `gzip` for those that a test installs at once. */
  readonly compression: string;
}

const ARCHITECTURE = "amd64";

/** Writes `root`, with control files added, to a package in `directory`; gives the path of the package. */
export function buildDeb(
  root: string,
  directory: string,
  { version, compression }: DebOptions,
): string {
  const files = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((path) => lstatSync(join(root, path)).isFile())
    .toSorted();
  const bytes = files.reduce((sum, path) => sum + lstatSync(join(root, path)).size, 0);
  const control = join(root, "DEBIAN");
  mkdirSync(control);
  const write = (name: string, text: string, mode = 0o644): void =>
    writeFileSync(join(control, name), text, { mode });
  write("control", controlFile(version, Math.ceil(bytes / 1024)));
  write("md5sums", files.map((path) => `${md5(join(root, path))}  ${path}\n`).join(""));
  const configuration = files.filter((path) => path.startsWith("etc/"));
  if (configuration.length > 0) {
    write("conffiles", configuration.map((path) => `/${path}\n`).join(""));
  }
  for (const name of ["postinst", "prerm", "postrm"]) {
    write(name, readFileSync(join(repository, "packaging", name), "utf8"), 0o755);
  }
  const path = join(directory, `syscalltrack_${version}_${ARCHITECTURE}.deb`);
  mkdirSync(directory, { recursive: true });
  // beside it and renamed: an interrupted run keeps the package of before, and nobody installs half of one
  const unfinished = `${path}.part`;
  try {
    const options = ["--root-owner-group", `-Z${compression}`, "--build", root, unfinished];
    execFileSync("dpkg-deb", options, { stdio: ["ignore", "ignore", "inherit"] });
    renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
  return path;
}

function controlFile(version: string, kilobytes: number): string {
  return `Package: syscalltrack
Version: ${version}
Architecture: ${ARCHITECTURE}
Maintainer: ${MAINTAINER}
Homepage: http://syscalltrack.sourceforge.net
Installed-Size: ${kilobytes}
Depends: libc6 (>= 2.28), libgcc-s1, libstdc++6 (>= 6), init-system-helpers (>= 1.54)
Section: admin
Priority: optional
Description: watch and control system calls with small rules
 Rules name system calls, filter on their parameters and their callers, and
 log, fail, kill or suspend. They are compiled straight to eBPF and run inside
 the kernel for every process of the machine, or under 'sct run' for one
 command and all that it starts, without root.
 .
 No compiler, no kernel headers and no kernel module are needed. The rule
 language is that of the original syscalltrack of 2002.
`;
}

function md5(path: string): string {
  return createHash("md5").update(readFileSync(path)).digest("hex");
}
