/** A map that the programs name; see MapSpec of src/bpf for the meaning of the sizes. */
export interface CompiledMap {
  readonly name: string;
  readonly type:
    | "ringbuf"
    | "array"
    | "percpu_array"
    | "hash"
    | "percpu_hash"
    | "lru_hash"
    | "task_storage";
  readonly keySize?: number;
  readonly valueSize?: number;
  readonly maxEntries?: number;
  /** Content of entry 0, written before programs are loaded; the map is then frozen. */
  readonly content?: Uint8Array;
}
