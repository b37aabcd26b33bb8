/**
 * Which engines there are, how each is opened, and what it says of rules. Each is loaded when it is first used: a command
 * of one engine pays nothing for the others.
 */
import type { AttachEngine, AttachOptions } from "./attach/index.ts";
import type { EngineExplanation, EngineKind } from "./engine.ts";
import type {
  KernelEngine,
  KernelExplainer,
  KernelExplanation,
  KernelOptions,
  ResidentEngine,
  ResidentOptions,
} from "./kernel/index.ts";
import type {
  SupervisedEngine,
  SupervisedExplanation,
  SupervisedOptions,
} from "./supervised/index.ts";

const kernel = () => import("./kernel/index.ts");
const supervised = () => import("./supervised/index.ts");
const attach = () => import("./attach/index.ts");

/** Rules come later and one set after another: there is nothing to refuse yet when it is opened. */
interface Resident extends EngineKind<ResidentOptions, ResidentEngine, KernelExplanation> {
  explain(): Promise<KernelExplainer>;
  open(options: ResidentOptions): Promise<{ readonly ok: true; readonly engine: ResidentEngine }>;
}

/** Its explainer also says what the machine can do. */
interface Kernel extends EngineKind<KernelOptions, KernelEngine, KernelExplanation> {
  explain(): Promise<KernelExplainer>;
}

interface Engines {
  readonly kernel: Kernel;
  readonly resident: Resident;
  readonly supervised: EngineKind<SupervisedOptions, SupervisedEngine, SupervisedExplanation>;
  readonly attach: EngineKind<AttachOptions, AttachEngine, EngineExplanation>;
}

export const ENGINES: Engines = {
  kernel: {
    sees: "every process of the machine, while this one runs",
    explain: async () => (await kernel()).kernelExplainer(),
    open: async (options) => (await kernel()).loadKernelEngine(options),
  },
  resident: {
    sees: "every process of the machine, until the rules are unloaded",
    explain: async () => (await kernel()).kernelExplainer(),
    open: async (options) => ({ ok: true, engine: (await kernel()).ResidentEngine.open(options) }),
  },
  supervised: {
    sees: "a command and all its descendants",
    explain: async () => (await supervised()).explainSupervised,
    open: async (options) => (await supervised()).openSupervisedEngine(options),
  },
  attach: {
    sees: "a process that runs already, between two marks that it makes",
    explain: async () => (await attach()).explainAttached,
    open: async (options) => (await attach()).openAttachEngine(options),
  },
};
