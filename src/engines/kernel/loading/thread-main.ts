/**
 * The thread that loads rules: compiles, has the kernel verify, attaches, hands the descriptors over and ends. Verifying is one
 * system call for each program, which may take seconds: nothing else may have to wait for it.
 */
import { parentPort, workerData } from "node:worker_threads";
import { BpfMap } from "../../../bpf/index.ts";
import { Fd, gettid, stepBack } from "../../../sys/index.ts";
import { probeMachine } from "../machine.ts";
import { compileAndOpen } from "./compile-and-open.ts";
import { Flag, type OpenedHandles, type ThreadData, type ThreadMessage } from "./messages.ts";
import type { KernelObjects } from "./objects.ts";
import { packError } from "./packed-error.ts";
import type { LoadSteps } from "./progress.ts";

const data = workerData as ThreadData;

const steps: LoadSteps = {
  progress(progress) {
    hold(progress.stage !== "compiling");
    say({ kind: "progress", progress });
  },
  isAborted: () => Atomics.load(data.flags, Flag.aborted) !== 0,
  opened(fd) {
    const count = Atomics.load(data.ledger, 0);
    if (count + 1 >= data.ledger.length) return;
    Atomics.store(data.ledger, count + 1, fd);
    Atomics.store(data.ledger, 0, count + 1);
  },
  closed: () => void Atomics.store(data.ledger, 0, 0),
};

function hold(isHolding: boolean): void {
  Atomics.store(data.flags, Flag.holding, isHolding ? 1 : 0);
}

function say(message: ThreadMessage): void {
  parentPort?.postMessage(message);
}

function load(): ThreadMessage {
  const shared = data.shared.map(({ spec, fd }) => new BpfMap(spec, new Fd(fd)));
  try {
    hold(true);
    const machine = probeMachine();
    const byName = new Map(shared.map((map) => [map.name, map]));
    const result = compileAndOpen(data.rules, { ...data.options, machine }, byName, steps);
    if (!result.ok) return { kind: "refused", diagnostics: result.diagnostics };
    return { kind: "loaded", facts: result.facts, handles: handOver(result.objects) };
  } catch (error) {
    return { kind: "failed", error: packError(error) };
  } finally {
    for (const map of shared) map.release();
  }
}

function handOver({ maps, programs, links }: KernelObjects): OpenedHandles {
  return {
    maps: maps.map((map) => ({ spec: map.spec, fd: map.release() })),
    programs: programs.map(({ name, type, fd }) => ({ name, type, fd: fd.release() })),
    links: links.map(({ descriptors }) => descriptors),
  };
}

stepBack();
say({ kind: "began", tid: gettid() });
say(load());
