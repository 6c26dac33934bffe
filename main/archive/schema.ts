// The tables of a capture file and how a file of an older version becomes one of this. Counterparts: writer.ts fills them,
// capture-file.ts reads them. Only the archive thread imports this: node:sqlite is not in every Node that runs the hosts.
import { existsSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'

/** Says of a SQLite file that it is a capture: "WLOP". */
const applicationId = 0x57_4c_4f_50

/**
 * One step a version. A step is never changed once a release has it: files of all versions are out there.
 *
 * A segment is a run of events without a gap. What filters need (`keys`), what rows need (`columns`), payloads (`arenas`) and
 * what timelines need (`summaries`) lie apart, so that each reader touches only what it asks for. `number` counts sealed
 * segments; it is null for the small ones at the end that are still to be merged.
 */
const migrations = [
  `CREATE TABLE capture (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    started_at_epoch_ms REAL NOT NULL,
    closed INTEGER NOT NULL DEFAULT 0,
    writer TEXT NOT NULL,
    max_bytes INTEGER NOT NULL,
    max_days REAL,
    snap_bytes INTEGER,
    last_at REAL NOT NULL DEFAULT 0,
    next_seq INTEGER NOT NULL DEFAULT 1,
    next_record INTEGER NOT NULL DEFAULT 1,
    events INTEGER NOT NULL DEFAULT 0,
    payload_bytes INTEGER NOT NULL DEFAULT 0,
    dropped_events INTEGER NOT NULL DEFAULT 0,
    records INTEGER NOT NULL DEFAULT 0,
    dropped_records INTEGER NOT NULL DEFAULT 0,
    next_number INTEGER NOT NULL DEFAULT 0,
    next_loop_number INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE segments (
    id INTEGER PRIMARY KEY,
    number INTEGER,
    first_seq INTEGER NOT NULL,
    count INTEGER NOT NULL,
    dropped_before INTEGER NOT NULL,
    first_at REAL NOT NULL,
    last_at REAL NOT NULL,
    kinds INTEGER NOT NULL,
    first_connection INTEGER NOT NULL,
    last_connection INTEGER NOT NULL,
    arena_bytes INTEGER NOT NULL,
    payload_bytes INTEGER NOT NULL,
    keys_crc INTEGER NOT NULL,
    columns_crc INTEGER NOT NULL,
    arena_crc INTEGER NOT NULL,
    summary_crc INTEGER NOT NULL
  );
  CREATE TABLE keys (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
  CREATE TABLE columns (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
  CREATE TABLE arenas (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
  CREATE TABLE summaries (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
  CREATE TABLE loop_segments (
    id INTEGER PRIMARY KEY,
    number INTEGER,
    first_record INTEGER NOT NULL,
    count INTEGER NOT NULL,
    dropped_before INTEGER NOT NULL,
    first_at REAL NOT NULL,
    last_at REAL NOT NULL,
    waited_ms REAL NOT NULL,
    longest_ms REAL NOT NULL,
    longest_at REAL,
    busy BLOB NOT NULL,
    columns_crc INTEGER NOT NULL
  );
  CREATE TABLE loop_columns (id INTEGER PRIMARY KEY, data BLOB NOT NULL);
  CREATE TABLE endpoints (id INTEGER PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, info TEXT NOT NULL);
  CREATE TABLE connections (
    id INTEGER PRIMARY KEY,
    endpoint INTEGER NOT NULL,
    direction TEXT NOT NULL,
    side TEXT,
    pair INTEGER,
    state TEXT NOT NULL,
    local_host TEXT,
    local_port INTEGER,
    remote_host TEXT,
    remote_port INTEGER,
    started_at REAL NOT NULL,
    made_at REAL,
    ended_at REAL,
    cause TEXT NOT NULL,
    error TEXT,
    bytes_received INTEGER NOT NULL,
    bytes_sent INTEGER NOT NULL,
    messages_received INTEGER NOT NULL,
    messages_sent INTEGER NOT NULL
  );
  CREATE INDEX connections_ended ON connections (ended_at) WHERE ended_at IS NOT NULL;`,
  // 2: what a person adds to a capture.
  'CREATE TABLE bookmarks (seq INTEGER PRIMARY KEY, note TEXT NOT NULL)',
] as const

/** What this Wireloop writes. */
export const schemaVersion = migrations.length

/** 32 KiB measured fastest to write through the log: 1.3 GB/s here, where 4 KiB pages made 0.5 and 64 KiB pages 0.8. */
const pageBytes = 32 * 1024
/** Pages of the log at which it is moved into the file: 2 MiB, which stay in the processor's cache meanwhile. */
const checkpointPages = 64
const cacheKiB = 8 * 1024
/** What a log that had to grow, because somebody read for long, is cut to when it can be, in bytes. */
const keptLogBytes = 32 * 1024 * 1024
/** How long to wait for another process that holds the file for a moment, in ms. */
const busyMs = 2_000

/** A number that a query of one value answers. */
export const numberOf = (db: DatabaseSync, sql: string): number =>
  Number(Object.values(db.prepare(sql).get() ?? { none: 0 })[0])

/** What is wrong with a file before its tables are looked at; the message is for a person. */
export class NotACapture extends Error {}

/** The version of a capture file. Throws `NotACapture`, also for one that a newer Wireloop wrote. */
export const versionOf = (db: DatabaseSync): number => {
  if (numberOf(db, 'PRAGMA application_id') !== applicationId) throw new NotACapture('This is no Wireloop capture')
  const version = numberOf(db, 'PRAGMA user_version')
  if (version > schemaVersion)
    throw new NotACapture(
      `This capture was made by a newer Wireloop (version ${version} of its format; this one reads up to ${schemaVersion})`,
    )
  return version
}

/** Brings a file to this version, in one transaction a step. */
export const migrate = (db: DatabaseSync): void => {
  for (let version = numberOf(db, 'PRAGMA user_version'); version < schemaVersion; version++) {
    db.exec(`BEGIN IMMEDIATE; ${migrations[version]}; PRAGMA user_version = ${version + 1}; COMMIT`)
  }
}

const prepareWriting = (db: DatabaseSync) => {
  // A kill of this process loses nothing that was committed; a power cut may lose the last moments, but no more.
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF')
  db.exec(`PRAGMA wal_autocheckpoint = ${checkpointPages}; PRAGMA cache_size = -${cacheKiB}`)
  db.exec(`PRAGMA journal_size_limit = ${keptLogBytes}`)
}

/** Makes a capture file. Throws where there is one of that name, or none can be made. */
export const createCaptureFile = (path: string): DatabaseSync => {
  if (existsSync(path)) throw new Error(`${path} exists already`)
  const db = new DatabaseSync(path, { timeout: busyMs })
  try {
    // Room that dropped segments leave is used again; `incremental` lets it be given back too.
    db.exec(
      `PRAGMA page_size = ${pageBytes}; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = ${applicationId}`,
    )
    prepareWriting(db)
    migrate(db)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Opens a capture to write to it. */
export const openToWrite = (path: string): DatabaseSync => {
  if (!existsSync(path)) throw new Error(`${path} is gone`)
  const db = new DatabaseSync(path, { timeout: busyMs })
  try {
    versionOf(db)
    prepareWriting(db)
    migrate(db)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/** Gives the pages that are free back to the file system. Value: bytes. */
export const compactFile = (db: DatabaseSync): number => {
  const bytes = () => numberOf(db, 'PRAGMA page_count') * numberOf(db, 'PRAGMA page_size')
  const before = bytes()
  db.exec('PRAGMA incremental_vacuum')
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  return before - bytes()
}

/** What there is of a file: `whole`, or as far as SQLite can read it, with what stood in the way. */
export interface OpenedFile {
  readonly db: DatabaseSync
  readonly version: number
  /** In sentences. */
  readonly problems: readonly string[]
}

const reading = { readOnly: true, timeout: busyMs, defensive: false } as const

/** Opens a capture to read it. Throws `NotACapture` or SQLite's error. */
export const openToRead = (path: string): OpenedFile => {
  const attempt = (name: string | URL, problems: string[], tolerant: boolean): OpenedFile => {
    const db = new DatabaseSync(name, reading)
    try {
      // First of all: a file that is shorter than it says is refused as a whole, unless its schema counts as being repaired.
      if (tolerant) db.exec('PRAGMA writable_schema = ON')
      db.exec('PRAGMA cache_size = -2048')
      const version = versionOf(db)
      // Whether the file is as long as it says is looked at with the first table only.
      db.prepare('SELECT count(*) FROM sqlite_schema').get()
      return { db, version, problems }
    } catch (error) {
      db.close()
      throw error
    }
  }
  try {
    return attempt(path, [], false)
  } catch (error) {
    if (error instanceof NotACapture) throw error
    const why = error instanceof Error ? error.message : String(error)
    if (/malformed/.test(why)) return attempt(path, ['The file is shorter than it was'], true)
    if (!/unable to open|readonly|read-only/.test(why) || !existsSync(path)) throw error
    // In a folder that cannot be written to SQLite cannot read the log beside a file; the file itself it can.
    const url = pathToFileURL(path)
    url.searchParams.set('immutable', '1')
    const problems = existsSync(`${path}-wal`)
      ? ['The newest part lies in a log beside the file that cannot be read in this folder']
      : []
    return attempt(url, problems, false)
  }
}
