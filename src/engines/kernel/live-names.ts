/** Keeps the map of other names up to date: what tests of files mean while links on the way to their paths are exchanged. */
import type { BpfMap } from "../../bpf/index.ts";
import {
  halfOffset,
  namesContent,
  namesLayout,
  type TestSet,
  wordOffset,
} from "../../compiler/index.ts";
import { FileNames, type Steps } from "../names/index.ts";
import { Tried } from "./tried.ts";

const RETRY_MS = 1000;

export class LiveNames {
  readonly #map: BpfMap;
  readonly #sets: readonly TestSet[];
  readonly #names: FileNames;
  readonly #tried = new Tried("links that lead elsewhere by now are not followed by rules");
  #timer: NodeJS.Timeout | undefined;
  #half: 0 | 1;
  #left = 0;

  /** `sets` as in CompiledRules. Throws SyscallError. */
  constructor(map: BpfMap, sets: readonly TestSet[]) {
    this.#map = map;
    this.#sets = sets;
    this.#half = this.#usedHalf();
    this.#names = new FileNames(sets.flat(), () => this.#tryToWrite());
  }

  /** The map is right when all steps are done, and is kept so from then on. Throws SyscallError. */
  *learn(): Steps<void> {
    yield* this.#names.learn();
    this.#write();
    this.#timer = setInterval(() => this.#retry(), RETRY_MS).unref();
  }

  /** For how many tests there is no room for what they mean besides their texts. */
  get left(): number {
    return this.#left;
  }

  /** Why the map is not up to date; undefined: it is. */
  get problem(): string | undefined {
    return this.#tried.problem;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#names.close();
  }

  #retry(): void {
    if (this.problem !== undefined) this.#tryToWrite();
  }

  #tryToWrite(): void {
    this.#tried.run(() => this.#write());
  }

  /** Programs run meanwhile: first what the words in front will lead to, then the words. */
  #write(): void {
    const layout = namesLayout(this.#sets);
    const next = this.#half === 0 ? 1 : 0;
    const { half, words, left } = namesContent(this.#sets, (one) => this.#names.others(one), next);
    const value = Buffer.from(this.#map.lookup(0) ?? Buffer.alloc(layout.size));
    value.set(half, halfOffset(layout, this.#sets, next));
    this.#map.update(0, value);
    for (const [i, word] of words.entries()) value.writeBigUInt64LE(word, wordOffset(layout, i));
    this.#map.update(0, value);
    this.#half = next;
    this.#left = left;
  }

  /** What this or another process has written last. */
  #usedHalf(): 0 | 1 {
    const value = Buffer.from(this.#map.lookup(0) ?? []);
    const layout = namesLayout(this.#sets);
    const second = halfOffset(layout, this.#sets, 1);
    for (const i of this.#sets.keys()) {
      const descriptor = Number(value.readBigUInt64LE(wordOffset(layout, i)));
      if (descriptor > 0) return descriptor < second ? 0 : 1;
    }
    return 0;
  }
}
