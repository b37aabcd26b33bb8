/**
 * Puts plain writers in place of Node's standard streams. Node opens those on first use, some of its own parts and
 * koffi do use them, and a pipe then becomes non-blocking: for the command too, which shares it.
 */
import { writeSync } from "node:fs";
import { Writable } from "node:stream";

export function usePlainStreams(): void {
  replace("stdout", 1);
  replace("stderr", 2);
}

function replace(name: "stdout" | "stderr", fd: number): void {
  const stream = new Writable({
    write(chunk: Buffer, _, done) {
      try {
        writeSync(fd, chunk);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
  // nobody can be notified
  stream.on("error", () => {});
  Object.defineProperty(process, name, { configurable: true, enumerable: true, value: stream });
}
