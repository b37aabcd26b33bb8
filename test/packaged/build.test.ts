/** A build: make starts gcc for thirty files at once, ar and ld put them together, and the program runs. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { testSame } from "./compare.ts";

const FILES = 30;

/** Each file has a function that the next one calls; half of them are in a library. */
function prepare(directory: string): void {
  const numbers = Array.from({ length: FILES }, (_, i) => i);
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text);
  write("all.h", numbers.map((i) => `int f${i}(int);\n`).join(""));
  for (const i of numbers) {
    const next = i + 1 < FILES ? `f${i + 1}(x + ${i})` : "x";
    write(
      `f${i}.c`,
      `#include <stdlib.h>\n#include "all.h"\nint f${i}(int x) { return abs(${next}); }\n`,
    );
  }
  write(
    "main.c",
    `#include <stdio.h>\n#include "all.h"\nint main(void) { printf("%d\\n", f0(1)); return 0; }\n`,
  );
  const objects = (part: number) =>
    numbers
      .filter((i) => i % 2 === part)
      .map((i) => `f${i}.o`)
      .join(" ");
  write(
    "Makefile",
    `CFLAGS = -O1 -Wall -Werror
app: main.o ${objects(0)} libodd.a
	$(CC) -o $@ $^
libodd.a: ${objects(1)}
	ar rcsD $@ $^
*.o: all.h
clean:
	rm -f *.o *.a app
`,
  );
}

testSame(
  [
    {
      name: "gcc and make",
      prepare,
      command: [
        "sh",
        "-c",
        "make -s -j2 && ./app && sha256sum *.o libodd.a app && make -q app && make -s clean && ls",
      ],
      output: ({ stdout }) => stdout,
    },
  ],
  1,
);
