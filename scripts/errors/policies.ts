import type { Entry, Section } from "./entry.ts";

/** Each list holds the next one twice. */
const DOUBLED = [
  ...Array.from({ length: 15 }, (_, i) => `list L${i} { L${i + 1}, L${i + 1} }`),
  'list L15 { "/x" }',
].join("\n");

const policies: Readonly<Record<string, Entry>> = {
  policy_member: {
    example: 'policy build {\n  read { "/usr/" }\n}',
    cure: "Write absolute names of files, folders as `DIR/**`, and addresses as the message shows them.",
  },
  policy_host: {
    example: 'policy server {\n  listen { "server.example:443" }\n}',
    cure: 'Write an address in `listen`. `connect` takes names such as `"example.org:443"` and `"*.example.org"`.',
  },
  policy_too_large: {
    example:
      "# lists of lists that grow to more than 20000 members\npolicy build {\n  read { L0 }\n}",
    text: `${DOUBLED}\npolicy build {\n  read { L0 }\n}`,
    cure: "Name folders in place of files, and no list twice.",
  },
  policy_leaves_open: {
    example: 'policy build {\n  read { "/**" }\n}',
    cure: "Add the lists that are missing. An empty list denies all of it.",
  },
};

export const policySections: readonly Section[] = [
  {
    title: "Policies",
    about: "A policy says what a command may do. Its lists hold files or addresses.",
    entries: policies,
  },
];
