/** Rules that name many files share code: a file is recognised by its numbers, too, and the first rule in the order of the file counts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { identitiesContent } from "./layout/identities.ts";
import { MapName } from "./layout/map-names.ts";
import { assertListing } from "./testing/golden-listing.ts";
import { MACHINES } from "./testing/machines.ts";
import { checked, eventsOf } from "./testing/rules.ts";
import { type SimulatedCall, Simulation } from "./testing/simulation.ts";

type MachineName = keyof typeof MACHINES;
const DECIDES_LATE = (Object.keys(MACHINES) as MachineName[]).filter(
  (name) => name !== "tracepoints" && MACHINES[name].hookKind !== undefined,
);
const ALONE = Number.POSITIVE_INFINITY;
const DENY = "action { type = LOG } action { type = FAIL error_code = EACCES }";

/** Rules of several shapes, in turn where these may be mixed; `more` stands in each. */
function rulesOf(more: string, count = 120): string {
  const filters = [
    (n: number) => `PATH == "/f/${n}"`,
    (n: number) =>
      `PATH in ("/f/${n}", "/g/${n}", "/f/${Math.max(0, n - 3)}") && UID in (0, ${n % 2})`,
    (n: number) => `PATH == "/f/${n}" && UID > ${n % 3}`,
    (n: number) => `PATH startswith "/p/${n}/"`,
  ];
  const isMixed = more === "";
  return Array.from(
    { length: count },
    (_, n) => `rule { rule_name = r${n} syscall_name = unlink syscall_match = exact
      filter_expression { ${filters[isMixed ? n % 4 : Math.floor((4 * n) / count)]?.(n)} } ${more} ${DENY} }`,
  ).join("\n");
}

interface File {
  readonly name: string;
  readonly inode: number;
  readonly device?: number;
}

/** What the paths of the rules name, by numbers that start with those of the paths: "/f/7" is 7, "/g/7" is 1007. */
function inodesOf(path: string): readonly number[] {
  const [, letter, number] = /^\/([fg])\/(-?\d+)$/.exec(path) ?? [];
  if (number === undefined) return [];
  const inode = Number(number) + (letter === "g" ? 1000 : 0);
  // "/f/50" and "/f/8" have been names of one file; of "/f/9" nobody knows any
  if (inode === 9) return [];
  return inode === 50 ? [50, 4050, 8] : [inode];
}

const DEVICE = 0x800001;

function pairOf(inode: number): Uint8Array {
  const pair = Buffer.alloc(16);
  pair.writeBigUInt64LE(BigInt(DEVICE), 0);
  pair.writeBigUInt64LE(BigInt(inode), 8);
  return pair;
}

function outcomes(
  text: string,
  machine: MachineName,
  files: readonly File[],
  groupsFrom?: number,
): readonly { readonly rules: readonly string[]; readonly [name: string]: unknown }[] {
  const options = groupsFrom === undefined ? {} : { groupsFrom };
  const simulation = new Simulation(checked(text), MACHINES[machine], options);
  const { kernel, compiled } = simulation;
  const isShared = compiled.maps.some(({ name }) => name === MapName.groups);
  assert.equal(isShared, groupsFrom === undefined);
  const map = kernel.maps.get(MapName.identities);
  assert.ok(map !== undefined);
  const content = identitiesContent(
    compiled.identifiedPaths.map((path) => inodesOf(path).map(pairOf)),
  );
  kernel.memory.at(map.first, content.length).set(content);
  const found = files.flatMap(({ name, inode, device = DEVICE }) =>
    [0, 1, 5].flatMap((uid) =>
      [name, { untouched: name }].map((given) => {
        simulation.enter({ ids: { uid } });
        const hooks: SimulatedCall["hooks"] = [
          ["path_unlink", (o) => [o.path("/"), o.dentry(name, { device, inode: BigInt(inode) })]],
        ];
        const call = { name: "unlink", nr: 87, args: [given], hooks };
        const outcome = simulation.call(call);
        const events = eventsOf(simulation, outcome);
        return {
          retval: outcome.retval,
          rules: events.map(({ rule }) => rule),
          flags: events.map(({ flags }) => flags.join()),
        };
      }),
    ),
  );
  const unread = compiled.rules.map((_, i) => simulation.rareCount(i, "unreadable"));
  return [...found, { rules: [], unread }];
}

const TOO_LONG = `/${"d/".repeat(2100)}x`;
const FILES: readonly File[] = [
  { name: "/f/0", inode: 0 },
  { name: "/f/100", inode: 100 },
  { name: "/g/101", inode: 7777 },
  // other names of such files
  { name: "/elsewhere", inode: 100 },
  { name: "/elsewhere", inode: 1 },
  { name: "/elsewhere", inode: 1117 },
  { name: "/elsewhere", inode: 102 },
  { name: "/elsewhere", inode: 8 },
  { name: "/elsewhere", inode: 4050 },
  { name: "/elsewhere", inode: 9 },
  { name: "/elsewhere", inode: 100, device: 5 },
  { name: "/elsewhere", inode: 100, device: 0 },
  // one rule has the name, an earlier one the file
  { name: "/f/100", inode: 20 },
  { name: "/f/20", inode: 100 },
  { name: "/p/3/x", inode: 100 },
  { name: "/p/103/x", inode: 100 },
  { name: "/p/103/x", inode: 0 },
  { name: TOO_LONG, inode: 44 },
  { name: TOO_LONG, inode: 5000 },
];

for (const machine of DECIDES_LATE)
  for (const more of ["", "on_unreadable = skip", "on_unreadable = match"])
    test(`${machine}: rules on named files mean the same alone and together (${more})`, () => {
      const text = rulesOf(more);
      const together = outcomes(text, machine, FILES);
      assert.deepEqual(together, outcomes(text, machine, FILES, ALONE));
      const rules = new Set(together.flatMap(({ rules: found }) => found));
      assert.ok(rules.size > 6, [...rules].join());
    });

test("code does not grow with the number of named files", () => {
  const size = (count: number): number => {
    const { compiled } = new Simulation(checked(rulesOf("", count)), MACHINES.hooks);
    return compiled.programs.reduce((sum, { code }) => sum + code.insns.length, 0);
  };
  assert.equal(size(1000), size(200));
});

test("listing of rules that name files", () => {
  const rules = ["/a", "/b"]
    .map(
      (path) => `rule { syscall_name = unlink syscall_match = exact
  filter_expression { PATH == "${path}" } action { type = FAIL error_code = EACCES } }`,
    )
    .join("\n");
  const { compiled } = new Simulation(checked(rules), MACHINES.hooks, { groupsFrom: 2 });
  const program = compiled.programs.find(({ attachment: { kind } }) => kind === "lsm");
  for (const [name, from, to] of [
    ["alike-files", "same_file", "other_group"],
    ["alike-file-row", "group_scan0_file_step", "group_scan0_file_step_same_2"],
  ] as const)
    assertListing({ name, rules, program, from, to });
});
