/** What a command calls itself. bin/syscalltrackd is `sct load --foreground`, and says so here. */
const VARIABLE = "SCT_CALLED_AS";
const DAEMON = "syscalltrackd";

export function calledAs(command: string): string {
  return command === "load" && process.env[VARIABLE] === DAEMON ? DAEMON : `sct ${command}`;
}
