/**
 * The tables of a history file. Rows of `batch` are small, so that a query over all of them reads little; the
 * compressed records lie in `content`. An entry without content is a report (losses, throttling), reported in its place.
 * Times are wall-clock µs as of the moment of storing; `boot_offset` makes the exact time of a record.
 */
import { DatabaseSync } from "node:sqlite";

/** "sctH": file(1) and we know whose file it is. */
const APPLICATION_ID = 0x73637448;
const VERSION = 1;
const PAGE_BYTES = 8192;
/** Another connection never holds the file for long: there is one service, and readers do not block it. */
const BUSY_MS = 100;
const CACHE_KIB = 4096;

const TABLES = `
CREATE TABLE ring (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  position INTEGER NOT NULL
);
CREATE TABLE generation (
  ring INTEGER NOT NULL,
  first_site INTEGER NOT NULL,
  site_count INTEGER NOT NULL,
  number INTEGER NOT NULL,
  loaded_ms INTEGER NOT NULL,
  source TEXT NOT NULL,
  sites BLOB NOT NULL,
  PRIMARY KEY (ring, first_site)
) WITHOUT ROWID;
CREATE TABLE batch (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  ring INTEGER NOT NULL,
  count INTEGER NOT NULL,
  first_us INTEGER NOT NULL,
  last_us INTEGER NOT NULL,
  first_site INTEGER NOT NULL,
  boot_offset INTEGER NOT NULL,
  report TEXT,
  keys BLOB
);
CREATE INDEX batch_time ON batch (last_us, first_us);
CREATE TABLE content (
  id INTEGER PRIMARY KEY,
  records BLOB NOT NULL
);
`;

/** Came later than the others; files without them are of the same version. */
const ADDED_TABLES = `
CREATE TABLE IF NOT EXISTS told (
  ring INTEGER PRIMARY KEY,
  losses TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS output (
  name TEXT PRIMARY KEY,
  state TEXT NOT NULL
);
`;

/** The file is of another program or of another version of this one. */
export class ForeignHistoryError extends Error {
  override readonly name = "ForeignHistoryError";
}

/** Opens the file for the service, makes what is missing; SQLite's own errors pass through. */
export function openForWriting(file: string, walBytes: number): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: BUSY_MS });
  try {
    db.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA auto_vacuum = INCREMENTAL`);
    db.exec("PRAGMA journal_mode = WAL");
    // a commit is in the log of the file system's cache: killing the service loses nothing, a power cut its last moments
    db.exec("PRAGMA synchronous = NORMAL");
    db.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
    db.exec(`PRAGMA wal_autocheckpoint = ${Math.max(1, Math.floor(walBytes / 2 / PAGE_BYTES))}`);
    db.exec(`PRAGMA journal_size_limit = ${walBytes}`);
    const tables = Number(db.prepare("SELECT count(*) AS n FROM sqlite_schema").get()?.["n"]);
    if (tables === 0) {
      db.exec(`BEGIN IMMEDIATE; ${TABLES}
        PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${VERSION}; COMMIT`);
    } else checkVersion(db);
    db.exec(ADDED_TABLES);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Throws ForeignHistoryError unless the tables are ours and of this version. */
export function checkVersion(db: DatabaseSync): void {
  const application = pragma(db, "application_id");
  const version = pragma(db, "user_version");
  if (application !== APPLICATION_ID) throw new ForeignHistoryError("it is not a history");
  if (version !== VERSION) {
    throw new ForeignHistoryError(`it has format ${version}, this version knows ${VERSION}`);
  }
}

/** Value of a PRAGMA that is one number. */
export function pragma(db: DatabaseSync, name: string): number {
  return Number(Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
}
