/** Which rules' events an output takes: names, with `*` for any text. */
export function ruleFilter(patterns: readonly string[]): (rule: string) => boolean {
  if (patterns.length === 0) return () => true;
  const tests = patterns.map(compile);
  const known = new Map<string, boolean>();
  return (rule) => {
    const answer = known.get(rule) ?? tests.some((test) => test.test(rule));
    if (known.size < 10_000) known.set(rule, answer);
    return answer;
  };
}

function compile(pattern: string): RegExp {
  const parts = pattern.split(/\*+/).map((part) => part.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^]*")}$`);
}
