/** Carries out the command lines that it is sent, one after the other, each as bin/sct would in a process of its own. */
import { runProgram } from "../program.ts";
import type { SessionRequest } from "./session.ts";

/** Listeners to signals and errors; a command leaves its own to the end of its process. */
function listeners(): ReadonlyMap<string | symbol, readonly unknown[]> {
  return new Map(process.eventNames().map((name) => [name, process.listeners(name as "exit")]));
}

function removeNew(before: ReturnType<typeof listeners>): void {
  for (const [name, all] of listeners())
    for (const listener of all)
      if (!before.get(name)?.includes(listener))
        process.removeListener(name, listener as () => void);
}

process.on("message", ({ argv, directory }: SessionRequest) => {
  process.chdir(directory);
  const before = listeners();
  void runProgram(argv).then((status) => {
    removeNew(before);
    process.send?.(status);
  });
});
