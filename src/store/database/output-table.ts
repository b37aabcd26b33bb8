/** What the service notes of its outputs, by their names, for the next service. */
import type { DatabaseSync } from "node:sqlite";

export class OutputTable {
  readonly #db: DatabaseSync;
  readonly #all;
  readonly #insert;
  readonly #clear;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#all = db.prepare("SELECT name, state FROM output");
    this.#insert = db.prepare("INSERT INTO output (name, state) VALUES (?, ?)");
    this.#clear = db.prepare("DELETE FROM output");
  }

  read(): ReadonlyMap<string, string> {
    return new Map(this.#all.all().map((row) => [String(row["name"]), String(row["state"])]));
  }

  /** In one transaction; what was noted of others is gone. */
  write(states: ReadonlyMap<string, string>): void {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      this.#clear.run();
      for (const [name, state] of states) this.#insert.run(name, state);
      this.#db.exec("COMMIT");
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }
}
