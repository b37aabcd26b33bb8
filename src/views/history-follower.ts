/**
 * Follows a history as the service writes it: over restarts of the service, and when another file takes the place of
 * the one before.
 */
import { HistoryError, HistoryReader, identityOf, isDamaged } from "../store/index.ts";
import { BEGINNING, type StoredPlace } from "./place.ts";

/** Reads on from a place; returns the place behind what it has taken. */
export type Continue = (
  reader: HistoryReader,
  from: StoredPlace,
) => StoredPlace | Promise<StoredPlace>;

export class HistoryFollower {
  readonly #file: string;
  #reader: HistoryReader | undefined;
  #place: StoredPlace = BEGINNING;
  #version = -1;
  /** Identity of a file that could not be read any further. */
  #damaged: string | undefined;

  /** `from`: an open history and how far it is read; the follower closes it. Undefined: there is none yet. */
  constructor(
    file: string,
    from?: { readonly reader: HistoryReader; readonly place: StoredPlace },
  ) {
    this.#file = file;
    if (from === undefined) return;
    this.#reader = from.reader;
    this.#place = from.place;
  }

  /**
   * Hands over what has come since the last call. Resolves to an error where the file is damaged: the service meets it,
   * too, and begins a new file, which is followed then. Throws HistoryError where the file may not be read.
   */
  async poll(read: Continue): Promise<HistoryError | undefined> {
    try {
      const next = this.#findNext();
      if (this.#reader !== undefined) {
        const now = this.#reader.version;
        // what the file got before another took its place comes before that one's
        if (now !== this.#version || next !== undefined)
          this.#place = await read(this.#reader, this.#place);
        this.#version = now;
      }
      if (next === undefined) return undefined;
      this.#reader?.close();
      this.#reader = next;
      this.#place = BEGINNING;
      this.#version = -1;
      return undefined;
    } catch (error) {
      if (!isDamaged(error)) throw error;
      this.close();
      this.#damaged = identityOf(this.#file);
      return error;
    }
  }

  close(): void {
    this.#reader?.close();
    this.#reader = undefined;
  }

  /** The file that has taken the place of the one that is read. Undefined: there is none, or it is not ready. */
  #findNext(): HistoryReader | undefined {
    if (this.#reader?.isReplaced === false || identityOf(this.#file) === this.#damaged) return;
    return openIfReady(this.#file);
  }
}

/** Undefined: the service is about to make it, or to move a damaged one aside. Throws HistoryError where it may not be read. */
export function openIfReady(file: string): HistoryReader | undefined {
  try {
    return HistoryReader.open(file);
  } catch (error) {
    if (error instanceof HistoryError && error.code !== "privilege") return undefined;
    throw error;
  }
}
