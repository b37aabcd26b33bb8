import assert from "node:assert/strict";
import { test } from "node:test";
import type { EngineCounters } from "../../engines/engine.ts";
import type { Generation } from "../../engines/kernel/index.ts";
import { RingLosses } from "./ring-losses.ts";

/** An engine as far as its losses go. */
function engine(dropped: Record<string, number>, generation = 1) {
  const current = { generation } as Generation;
  return {
    ringId: "ring",
    current,
    counters: () => {
      const rules = Object.entries(dropped).map(([rule, count]) => ({ rule, dropped: count }));
      return { rules } as unknown as EngineCounters;
    },
  };
}

test("RingLosses reports each loss once, also to the next service", () => {
  const dropped = { a: 3, b: 0 };
  const losses = new RingLosses(engine(dropped));
  const first = losses.take();
  assert.deepEqual([first?.total, { ...first?.rules }], [3, { a: 3 }]);
  assert.equal(losses.take(), undefined);
  Object.assign(dropped, { a: 5, b: 1 });
  // killed before it could report more
  const next = new RingLosses(engine(dropped), first?.reported).take();
  assert.deepEqual([next?.total, { ...next?.rules }], [3, { a: 2, b: 1 }]);
});

test("RingLosses begins again with another generation or ring, and where what was reported is damaged", () => {
  const reported = new RingLosses(engine({ a: 3 })).take()?.reported ?? "";
  assert.equal(new RingLosses(engine({ a: 3 }), reported).take(), undefined);
  assert.equal(new RingLosses(engine({ a: 3 }, 2), reported).take()?.total, 3);
  const others = [
    reported.replace('"ring"', '"other"'),
    reported.slice(5),
    "null",
    '{"ringId":"ring"}',
  ];
  for (const other of others)
    assert.equal(new RingLosses(engine({ a: 3 }), other).take()?.total, 3);
});

test("RingLosses of a rule set that has gone are reported to its end, whenever its successor was seen", () => {
  for (const isSeen of [true, false]) {
    const dropped: Record<string, number> = { a: 3 };
    const source = engine(dropped);
    const losses = new RingLosses(source);
    assert.equal(losses.take()?.total, 3);
    source.current = { generation: 2 } as Generation;
    dropped["a"] = 1;
    if (isSeen) assert.equal(losses.take()?.total, 1);
    const last = losses.takeLast(1, [{ rule: "a", dropped: 10 }]);
    assert.deepEqual([last?.total, { ...last?.rules }], [7, { a: 7 }]);
    assert.equal(losses.takeLast(1, [{ rule: "a", dropped: 0 }]), undefined);
    // nothing of the successor is lost or reported twice by that, here or by the next service
    assert.equal(new RingLosses(source, last?.reported).take()?.total, isSeen ? undefined : 1);
    assert.equal(losses.take()?.total, isSeen ? undefined : 1);
  }
});

test("RingLosses of a rule set that has gone are reported once, also if the service dies before it is removed", () => {
  for (const isSeen of [true, false]) {
    const dropped: Record<string, number> = { a: 3 };
    const source = engine(dropped);
    const losses = new RingLosses(source);
    let reported = losses.take()?.reported;
    source.current = { generation: 2 } as Generation;
    dropped["a"] = 1;
    if (isSeen) reported = losses.take()?.reported;
    const last = [{ rule: "a", dropped: 10 }];
    // killed before the last numbers were handed on
    const next = new RingLosses(source, reported);
    const first = next.takeLast(1, last);
    assert.equal(first?.total, 7);
    // and behind that, before it was removed
    const third = new RingLosses(source, first?.reported);
    assert.equal(third.takeLast(1, last), undefined);
    assert.equal(third.take()?.total, isSeen ? undefined : 1);
  }
});

test("RingLosses of rules that are called as what every object has are counted as others are", () => {
  const names = ["constructor", "__proto__", "toString", "hasOwnProperty"];
  const dropped = Object.fromEntries(names.map((name, i) => [name, i + 1]));
  const source = engine(dropped);
  const first = new RingLosses(source).take();
  assert.deepEqual(
    [first?.total, Object.entries(first?.rules ?? {})],
    [10, Object.entries(dropped)],
  );
  source.current = { generation: 2 } as Generation;
  const next = new RingLosses(source, first?.reported);
  const last = names.map((rule) => ({ rule, dropped: 5 }));
  const rest = next.takeLast(1, last);
  assert.deepEqual([rest?.total, Object.values(rest?.rules ?? {})], [10, [4, 3, 2, 1]]);
});
