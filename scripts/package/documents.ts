/** Documents of docs/ that a package has: all but what is about the sources. */
export const packagedDocuments: readonly string[] = [
  "benchmarks-run.md",
  "configuration.md",
  "events.md",
  "history.md",
  "language.md",
  "service.md",
  "supervised.md",
  "suspended.md",
];
