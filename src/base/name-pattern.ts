/** Names of rules with `*` for any text, as command lines and the configuration have them. */

export function isPattern(name: string): boolean {
  return name.includes("*");
}

/** Whether one of them is meant. No name: all are. */
export function nameTest(patterns: readonly string[]): (name: string) => boolean {
  if (patterns.length === 0) return () => true;
  const names = new Set(patterns);
  const tests = patterns.filter(isPattern).map(compile);
  return (name) => names.has(name) || tests.some((test) => test.test(name));
}

function compile(pattern: string): RegExp {
  const parts = pattern.split(/\*+/).map((part) => part.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*")}$`);
}
