import type { Finished, Mechanic, Supervision } from "../supervision.ts";
export class PtraceEngine implements Mechanic {
  constructor(_supervision: Supervision) {}
  run(): Promise<Finished> {
    throw new Error("not yet");
  }
}
