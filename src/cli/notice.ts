/** Prints a line on standard error with the name of the command in front: what the user must know besides its output. */
export function printNotice(command: string, line: string): void {
  process.stderr.write(`${command}: ${line}\n`);
}
