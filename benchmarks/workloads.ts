/** What people run: a build in C and `npm ci`, under twenty rules. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Workload {
  readonly name: string;
  readonly command: readonly string[];
  readonly directory: string;
  /** Puts back what the command has made. */
  clean(): void;
}

/** Rules on files and the network as one would write them; no rule matches. */
export const TWENTY_RULES: string = [
  ...Array.from(
    { length: 10 },
    (_, i) => `rule { rule_name = f${i} syscall_name = @file
      filter_expression { PATH startswith "/no/such/${i}" } action { type = LOG } continue = yes }`,
  ),
  ...Array.from(
    { length: 8 },
    (_, i) => `rule { rule_name = n${i} syscall_name = @network
      filter_expression { PARAMS[1] == ${i + 100} && COMM == "nobody" } action { type = FAIL error_code = EACCES } }`,
  ),
  `rule { rule_name = d syscall_name = unlink, rename filter_expression { PATH matches "/etc/**" }
    action { type = FAIL error_code = EPERM } }`,
  "rule { rule_name = m syscall_name = mount action { type = FAIL error_code = EPERM } }",
].join("\n");

export function workloads(directory: string): Workload[] {
  return [buildInC(join(directory, "c")), npmCi(join(directory, "npm"))];
}

function buildInC(directory: string): Workload {
  const count = 24;
  mkdirSync(directory);
  const names = Array.from({ length: count }, (_, i) => `part${i}`);
  for (const name of names) {
    const headers = ["stdio", "stdlib", "string", "unistd", "sys/socket"];
    const text = headers.map((header) => `#include <${header}.h>`).join("\n");
    writeFileSync(
      join(directory, `${name}.c`),
      `${text}\nint ${name}(void) { return puts("x"); }\n`,
    );
  }
  writeFileSync(join(directory, "main.c"), "int main(void) { return 0; }\n");
  const objects = ["main", ...names].map((name) => `${name}.o`).join(" ");
  const text = `all: ${objects}\n\tgcc -o all ${objects}\n%.o: %.c\n\tgcc -O1 -c -o $@ $<\n`;
  writeFileSync(join(directory, "Makefile"), text);
  return {
    name: `make -j2, ${count} files of C`,
    command: ["make", "-s", "-j2"],
    directory,
    clean: () => void spawnSync("sh", ["-c", "rm -f *.o all"], { cwd: directory }),
  };
}

/** Packages of the project's own, which npm packs and unpacks: no registry is asked. */
function npmCi(directory: string): Workload {
  const count = 30;
  const dependencies: Record<string, string> = {};
  for (let i = 0; i < count; i++) {
    const name = `local-${i}`;
    const where = join(directory, "packages", name);
    mkdirSync(where, { recursive: true });
    writeFileSync(join(where, "package.json"), JSON.stringify({ name, version: "1.0.0" }));
    for (let j = 0; j < 20; j++)
      writeFileSync(join(where, `file${j}.js`), `export default ${j};\n`);
    dependencies[name] = `file:packages/${name}`;
  }
  const manifest = { name: "bench", version: "1.0.0", dependencies };
  writeFileSync(join(directory, "package.json"), JSON.stringify(manifest));
  writeFileSync(
    join(directory, ".npmrc"),
    "install-links=true\noffline=true\naudit=false\nfund=false\n",
  );
  execFileSync("npm", ["install", "--package-lock-only"], { cwd: directory, stdio: "ignore" });
  return {
    name: `npm ci, ${count} packages of 20 files`,
    command: ["npm", "ci"],
    directory,
    clean: () => rmSync(join(directory, "node_modules"), { recursive: true, force: true }),
  };
}
