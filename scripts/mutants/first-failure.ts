/** A reporter of `node --test` that ends the run with the first test that fails: of a mutant no more is asked. */
import type { TestEvent } from "node:test/reporters";

export default async function* firstFailure(events: AsyncIterable<TestEvent>) {
  for await (const { type } of events) {
    if (type === "test:fail") process.exit(1);
    yield "";
  }
}
