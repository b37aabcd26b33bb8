/** Rules that differ in constants alone share code: each is reported, counted and put off as if it had its own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compileRules } from "./compile.ts";
import { MapName } from "./layout/map-names.ts";
import { KERNEL_FACTS } from "./testing/kernel-facts.ts";
import { MACHINES } from "./testing/machines.ts";
import { OpenFileObjects } from "./testing/open-files.ts";
import { UNMAPPED } from "./testing/process-memory.ts";
import { checked, eventsOf } from "./testing/rules.ts";
import { type SimulatedCall, Simulation } from "./testing/simulation.ts";

type MachineName = keyof typeof MACHINES;
const ALL = Object.keys(MACHINES) as MachineName[];
const ACTING = ALL.filter((name) => name !== "tracepoints");
const EACCES = -13n;
/** As compileRules has it. */
const FEW = 16;

function rule(name: string, filter: string, more = "action { type = LOG }"): string {
  return `rule { rule_name = ${name} syscall_name = unlink syscall_match = exact
    filter_expression { ${filter} } ${more} }`;
}

/** Paths, beginnings and paths with ids in turn, and two rules of their own between them. */
function mixed(count: number, more?: string): string {
  const rules = Array.from({ length: count }, (_, n) => {
    if (n % 3 === 0) return rule(`r${n}`, `PARAMS[1] == "/d/${n}"`, more);
    if (n % 3 === 1) return rule(`r${n}`, `PARAMS[1] startswith "/p${n}/"`, more);
    return rule(`r${n}`, `PARAMS[1] matches "/*/g${n}" && UID == ${n}`, more);
  });
  rules.splice(count / 2, 0, rule("own", 'PARAMS[1] =~ "^/d/9+$"', more));
  rules.push(rule("last", 'PARAMS[1] == "/d/3" || UID == 77', more));
  return rules.join("\n");
}

function unlink(path: NonNullable<SimulatedCall["args"]>[0], more: Partial<SimulatedCall> = {}) {
  return { name: "unlink", nr: 87, args: [path], ...more };
}

const CASES: readonly (readonly [path: string, uid: number, rule: string | undefined])[] = [
  ["/d/0", 0, "r0"],
  ["/d/1", 0, undefined],
  ["/d/57", 0, "r57"],
  ["/d/99", 0, "own"],
  ["/d/3", 77, "r3"],
  ["/d/4", 77, "last"],
  ["/p58/x", 0, "r58"],
  ["/p58", 0, undefined],
  ["/x/g5", 5, "r5"],
  ["/x/g5", 6, undefined],
  ["/x/y/g5", 5, undefined],
  ["/p1/g8", 8, "r1"],
];

for (const machine of ALL) {
  test(`${machine}: the first rule of many that matches is reported, and counted`, () => {
    const simulation = new Simulation(checked(mixed(60)), MACHINES[machine]);
    const names = simulation.compiled.rules.map(({ name }) => name);
    assert.ok(simulation.compiled.maps.some(({ name }) => name === MapName.groups));
    for (const untouched of [false, true]) {
      for (const [path, uid, expected] of CASES) {
        simulation.enter({ ids: { uid } });
        const outcome = simulation.call(unlink(untouched ? { untouched: path } : path));
        const events = eventsOf(simulation, outcome);
        const found = events.map((event) => [event.rule, event.params[0]?.value, ...event.flags]);
        const late = untouched ? ["late"] : [];
        assert.deepEqual(found, expected === undefined ? [] : [[expected, path, ...late]], path);
      }
    }
    for (const name of ["r0", "r57", "r58", "r5", "own"])
      assert.equal(simulation.count(names.indexOf(name), "delivered"), 2n, name);
  });

  test(`${machine}: text that cannot be read is the match of the first rule, or of none and counted`, () => {
    const many = (choice: string): string =>
      Array.from({ length: 20 }, (_, n) =>
        rule(
          `r${n}`,
          `PARAMS[1] == "/d/${n}" && UID == ${n % 2}`,
          `on_unreadable = ${choice} action { type = LOG }`,
        ),
      ).join("\n");
    const bad = unlink(UNMAPPED, { retval: -14n });
    const matching = new Simulation(checked(many("match")), MACHINES[machine], {}, ONE);
    const [event, ...more] = eventsOf(matching, matching.call(bad));
    assert.deepEqual([event?.rule, more], ["r1", []]);
    assert.ok(event?.flags.includes("unreadable"));
    const skipping = new Simulation(checked(many("skip")), MACHINES[machine], {}, ONE);
    assert.deepEqual(eventsOf(skipping, skipping.call(bad)), []);
    const counts = Array.from({ length: 20 }, (_, n) => skipping.rareCount(n, "unreadable"));
    assert.deepEqual(
      counts,
      counts.map((_, n) => BigInt(n % 2)),
    );
  });
}

test("text that cannot be read is counted for rules before the one that matches only", () => {
  const rules = Array.from({ length: 20 }, (_, n) => [
    rule(`text${n}`, `PARAMS[1] == "/d/${n}"`, "on_unreadable = skip action { type = LOG }"),
    rule(`uid${n}`, `UID == ${n}`),
  ]).flat();
  const simulation = new Simulation(checked(rules.join("\n")), MACHINES.hooks, {}, ONE);
  const events = eventsOf(simulation, simulation.call(unlink(UNMAPPED, { retval: -14n })));
  assert.deepEqual(
    events.map((event) => event.rule),
    ["uid1"],
  );
  const counts = rules.map((_, n) => Number(simulation.rareCount(n, "unreadable")));
  assert.deepEqual(
    counts,
    rules.map((_, n) => (n === 0 || n === 2 ? 1 : 0)),
  );
});

const ONE = { ids: { uid: 1 } };

for (const machine of ALL) {
  test(`${machine}: the first rule of many that counts has the call, by what it counts by`, () => {
    for (const count of ["COUNT", "COUNT by COMM sum UID", "COUNT by PARAMS[1]"]) {
      const rules = checked(mixed(60, `action { type = ${count} }`));
      const simulation = new Simulation(rules, MACHINES[machine]);
      assert.ok(simulation.compiled.maps.some(({ name }) => name === MapName.groups));
      const names = simulation.compiled.rules.map(({ name }) => name);
      for (const untouched of [false, true])
        for (const [path, uid] of CASES) {
          simulation.enter({ ids: { uid } });
          simulation.call(unlink(untouched ? { untouched: path } : path));
        }
      const counted = names.filter((_, i) => simulation.count(i, "counted") > 0n);
      const expected = CASES.flatMap(([, , name]) => name ?? []);
      assert.deepEqual(counted.toSorted(), [...new Set(expected)].toSorted());
      assert.equal(simulation.count(names.indexOf("r1"), "counted"), 2n);
    }
  });
}

for (const machine of ACTING) {
  test(`${machine}: the call fails by the first rule of many that matches`, () => {
    const deny = "action { type = FAIL error_code = EACCES }";
    const simulation = new Simulation(checked(mixed(60, deny)), MACHINES[machine]);
    for (const [path, uid, expected] of CASES) {
      simulation.enter({ ids: { uid } });
      const hooks: SimulatedCall["hooks"] = [["path_unlink", (o) => [o.path("/"), o.dentry(path)]]];
      const { retval, isMade } = simulation.call(unlink(path, { hooks }));
      assert.deepEqual([retval, isMade], expected === undefined ? [0n, true] : [EACCES, false]);
    }
  });
}

test("regular expressions share an automaton with other patterns; those that none can hold are tested alone", () => {
  const filters = [
    (n: number) => `PARAMS[1] =~ "^/r/[a-z]+/${n}$"`,
    (n: number) => `PARAMS[1] == "/d/${n}"`,
    (n: number) => `PARAMS[1] =~ "^/(x|y)${n}/.*[.]log"`,
  ];
  const rules = Array.from({ length: 60 }, (_, n) => rule(`r${n}`, filters[n % 3]?.(n) ?? ""));
  rules[30] = rule("word", 'PARAMS[1] =~ "\\bsecret\\b"');
  // a text can have any of these
  const anywhere = Array.from({ length: 40 }, (_, n) => rule(`a${n}`, `PARAMS[1] =~ "q${n}q"`));
  const simulation = new Simulation(
    checked([...rules, ...anywhere].join("\n")),
    MACHINES.tracepoints,
  );
  for (const [path, expected] of [
    ["/r/ab/57", "r57"],
    ["/r/a/b/57", undefined],
    ["/d/1", "r1"],
    ["/d/2", undefined],
    ["/y2/a.log.1", "r2"],
    ["/x59/.log", "r59"],
    ["/x59/log", undefined],
    ["/y59/secret.log", "word"],
    ["/y5/secret.log", "r5"],
    ["/q39q", "a39"],
    ["/q39q7q/q3q", "a3"],
  ] as const) {
    const found = eventsOf(simulation, simulation.call(unlink(path))).map((event) => event.rule);
    assert.deepEqual(found, expected === undefined ? [] : [expected], path);
  }
});

for (const machine of ALL)
  test(`${machine}: rules on programs, by name, beginning and glob`, () => {
    const filters = [
      (n: number) => `EXE == "/bin/p${n}"`,
      (n: number) => `EXE startswith "/opt/${n}/" && UID == 1`,
      (n: number) => `EXE matches "/usr/*/p${n}" && UID < 5`,
      (n: number) => `EXE in ("/a${n}", "/b${n}")`,
    ];
    const rules = Array.from({ length: 80 }, (_, n) => rule(`r${n}`, filters[n % 4]?.(n) ?? ""));
    for (const [exe, expected] of [
      ["/bin/p76", "r76"],
      ["/bin/p77", undefined],
      ["/opt/77/x", "r77"],
      ["/usr/lib/p78", "r78"],
      ["/b79", "r79"],
    ] as const) {
      const simulation = new Simulation(
        checked(rules.join("\n")),
        MACHINES[machine],
        {},
        { ...ONE, exe },
      );
      const found = eventsOf(simulation, simulation.call(unlink("/x"))).map((event) => event.rule);
      assert.deepEqual(found, expected === undefined ? [] : [expected], exe);
    }
  });

test("rules on open files mean the same alone and together", () => {
  const filters = [
    (n: number) => `FD[1].path == "/d/${n}"`,
    (n: number) => `FD[1].path startswith "/opt/${n}/" && UID == 1`,
    (n: number) => `FD[1].path matches "/usr/*/p${n}" && UID < 5`,
    (n: number) => `FD[1].path in ("/a${n}", "/b${n}")`,
    (n: number) => `FD[1].path =~ "^/r[0-9]/${n}$"`,
  ];
  const rules = Array.from({ length: 100 }, (_, n) =>
    rule(`r${n}`, filters[n % 5]?.(n) ?? "").replace("unlink", "fchdir"),
  );
  const names = ["/d/95", "/d/96", "/opt/96/x", "/usr/lib/p97", "/b98", "/r5/99", "/r5/98"];
  const files = new Map(names.map((name, fd) => [fd, { name }]));
  const outcomes = (groupsFrom: number): readonly unknown[] => {
    const options = { groupsFrom };
    const simulation = new Simulation(checked(rules.join("\n")), MACHINES.hooks, options, ONE);
    const { kernel, objects, compiled } = simulation;
    const isShared = compiled.maps.some(({ name }) => name === MapName.groups);
    assert.equal(isShared, groupsFrom === FEW);
    new OpenFileObjects(kernel.memory, KERNEL_FACTS, objects).open(kernel.task, files);
    return [...files.keys(), 63].map((fd) =>
      eventsOf(simulation, simulation.call({ name: "fchdir", nr: 81, args: [fd] })).map(
        (event) => event.rule,
      ),
    );
  };
  const found = outcomes(FEW);
  assert.deepEqual(found, [["r95"], [], ["r96"], ["r97"], ["r98"], ["r99"], [], []]);
  assert.deepEqual(found, outcomes(Number.POSITIVE_INFINITY));
});

test("rules on files of calls, by beginning, glob and pattern, mean the same alone and together", () => {
  const filters = [
    (n: number) => `PATH startswith "/d/${n}/"`,
    (n: number) => `PATH matches "/usr/*/p${n}" && UID < 5`,
    (n: number) => `PATH =~ "^/r[0-9]/${n}$"`,
    (n: number) => `PATH == "/whole/${n}"`,
  ];
  const deny = "action { type = LOG } action { type = FAIL error_code = EACCES }";
  const rules = Array.from({ length: 80 }, (_, n) =>
    rule(`r${n}`, filters[Math.floor(n / 20)]?.(n) ?? "", deny),
  );
  const paths = ["/d/19/x", "/d/20/x", "/usr/lib/p39", "/r5/59", "/r5/60", "/whole/79", "/whole/7"];
  const outcomes = (groupsFrom: number): readonly unknown[] => {
    const options = { groupsFrom };
    const simulation = new Simulation(checked(rules.join("\n")), MACHINES.hooks, options, ONE);
    const { maps } = simulation.compiled;
    assert.equal(
      maps.some(({ name }) => name === MapName.groups),
      groupsFrom === FEW,
    );
    return paths.flatMap((path) =>
      [path, { untouched: path }].map((name) => {
        const hooks: SimulatedCall["hooks"] = [
          ["path_unlink", (o) => [o.path("/"), o.dentry(path)]],
        ];
        const outcome = simulation.call(unlink(name, { hooks }));
        return [outcome.retval, eventsOf(simulation, outcome).map((event) => event.rule)];
      }),
    );
  };
  const found = outcomes(FEW);
  const denied = (rule: string) => [EACCES, [rule]];
  const made = [0n, []];
  const expected = ["r19", undefined, "r39", "r59", undefined, "r79", undefined];
  assert.deepEqual(
    found,
    expected.flatMap((name) => Array(2).fill(name === undefined ? made : denied(name))),
  );
  assert.deepEqual(found, outcomes(Number.POSITIVE_INFINITY));
});

test("ranges: signed and unsigned numbers, the ends of each, and what is the same in all rules", () => {
  const rules = Array.from({ length: 40 }, (_, n) => {
    if (n % 4 === 0) return ranged(`r${n}`, `PARAMS[1] > ${1000 - n} && PARAMS[2] != ${n}`);
    if (n % 4 === 1) return ranged(`r${n}`, `PARAMS[1] <= ${n - 60} && PARAMS[2] != 9`);
    if (n % 4 === 2) return ranged(`r${n}`, `UID >= ${4_000_000_000 - n} && PARAMS[2] < 5`);
    return ranged(`r${n}`, `${n} > PARAMS[1] && PARAMS[1] > ${n - 2} && PARAMS[2] in (1, 60..90)`);
  });
  const simulation = new Simulation(checked(rules.join("\n")), MACHINES.tracepoints);
  for (const [id, signal, uid, expected] of [
    [1001, 1, 0, "r0"],
    [1000, 0, 0, "r4"],
    [965, 8, 0, "r36"],
    [964, 8, 0, undefined],
    [-23, 7, 0, "r37"],
    [-22, 7, 0, undefined],
    [-60, 7, 0, "r1"],
    [-60, 9, 0, undefined],
    [500, 4, 4_000_000_000, "r2"],
    [500, 5, 4_000_000_000, undefined],
    [500, 4, 3_999_999_961, undefined],
    [500, 4, 3_999_999_962, "r38"],
    [6, 60, 0, "r7"],
    [6, 90, 0, "r7"],
    [6, 91, 0, undefined],
    [5, 60, 0, undefined],
  ] as const) {
    simulation.enter({ ids: { uid } });
    const outcome = simulation.call({ name: "kill", nr: 62, args: [id, signal] });
    const found = eventsOf(simulation, outcome).map((event) => event.rule);
    assert.deepEqual(found, expected === undefined ? [] : [expected], `${id} ${signal} ${uid}`);
  }
});

function ranged(name: string, filter: string): string {
  return `rule { rule_name = ${name} syscall_name = kill filter_expression { ${filter} } action { type = LOG } }`;
}

test("code does not grow with the number of rules of a shape", () => {
  const size = (count: number): number => {
    const text = Array.from({ length: count }, (_, n) =>
      rule(`r${n}`, `PARAMS[1] startswith "/srv/${n}/" && UID == ${n} && TID < ${n}`),
    ).join("\n");
    const options = { machine: MACHINES.tracepoints, ringBytes: 4096 };
    const result = compileRules(checked(text), options);
    assert.ok(result.ok);
    return result.compiled.programs.reduce((sum, { code }) => sum + code.insns.length, 0);
  };
  assert.equal(size(1000), size(100));
});
