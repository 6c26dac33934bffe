// A capture file that is read: an index of its segments in memory, their rows on demand, and whatever is damaged left out and
// told of. Counterparts: schema.ts (the tables), writer.ts (which may go on writing meanwhile), readings.ts (the questions).
import { statSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import { crc32 } from 'node:zlib'
import type { CaptureInfo } from '../../preload/contract/api.ts'
import type { CaptureFileInfo, CaptureState } from '../../preload/contract/captures.ts'
import type { EventBatch } from '../../preload/contract/event-columns.ts'
import { type LoopBatch, openLoopBatch } from '../../preload/contract/loop-columns.ts'
import {
  isSound,
  type LoopEntry,
  number,
  type Row,
  readIndex,
  recoverLoops,
  recoverSegments,
  type SegmentEntry,
  toLoop,
  toSegment,
} from './capture-index.ts'
import {
  type Keys,
  openColumns,
  openKeys,
  openSummary,
  type RowColumns,
  rowsOf,
  type SlotSummaries,
} from './event-segment.ts'
import { openToRead } from './schema.ts'
import { writerRuns } from './writer-name.ts'

/** Bytes of segments kept decoded: what a person scrolls through is asked for in small pieces. */
const cacheBytes = 32 * 1024 * 1024
export class CaptureFile {
  readonly path: string
  readonly #recording: boolean
  readonly #db: DatabaseSync
  readonly #version: number
  /** What is wrong with the file, in sentences. */
  readonly problems: string[]
  segments: SegmentEntry[] = []
  loops: LoopEntry[] = []
  #dataVersion = -1
  readonly #cache = new Map<number, { readonly batch: EventBatch; readonly bytes: number }>()
  #cachedBytes = 0
  readonly #bytesOf: Record<
    'keys' | 'columns' | 'arenas' | 'summaries' | 'loop_columns',
    (id: number) => Uint8Array | null
  >
  #row: Row = {}

  /** `recording`: this app writes it. Throws `NotACapture` or SQLite's error. */
  constructor(path: string, recording: boolean) {
    const opened = openToRead(path)
    this.path = path
    this.#recording = recording
    this.#db = opened.db
    this.#version = opened.version
    this.problems = [...opened.problems]
    const reader = (table: string) => {
      const statement = this.#db.prepare(`SELECT data FROM ${table} WHERE id = ?`)
      return (id: number): Uint8Array | null => {
        try {
          const data = statement.get(id)?.['data']
          return data instanceof Uint8Array ? data : null
        } catch {
          // A page of it cannot be read: as good as not there.
          return null
        }
      }
    }
    this.#bytesOf = {
      keys: reader('keys'),
      columns: reader('columns'),
      arenas: reader('arenas'),
      summaries: reader('summaries'),
      loop_columns: reader('loop_columns'),
    }
    try {
      this.inSnapshot(() => undefined)
    } catch (error) {
      this.#db.close()
      throw error
    }
  }

  get db(): DatabaseSync {
    return this.#db
  }

  get version(): number {
    return this.#version
  }

  /** True where nobody writes the file any more. */
  get isOver(): boolean {
    return this.state !== 'recording'
  }

  get state(): CaptureState {
    if (this.problems.length > 0) return 'damaged'
    if (this.#recording) return 'recording'
    if (this.#row['closed'] === 1) return 'closed'
    return writerRuns(String(this.#row['writer'])) ? 'recording' : 'interrupted'
  }

  get startedAtEpochMs(): number {
    return number(this.#row['started_at_epoch_ms'])
  }

  /** The seq after the last event, and the record after the last one. */
  get nextSeq(): number {
    const last = this.segments.at(-1)
    return Math.max(last === undefined ? 1 : last.firstSeq + last.count, number(this.#row['next_seq']) || 1)
  }

  get nextRecord(): number {
    const last = this.loops.at(-1)
    return Math.max(last === undefined ? 1 : last.firstRecord + last.count, number(this.#row['next_record']) || 1)
  }

  /** Runs `read` with one view of the file, whatever is written meanwhile. */
  inSnapshot<T>(read: () => T): T {
    this.#db.exec('BEGIN')
    try {
      this.#refresh()
      return read()
    } finally {
      try {
        this.#db.exec('COMMIT')
      } catch {
        // After a page that cannot be read there may be nothing left to end.
        if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
      }
    }
  }

  #refresh(): void {
    const version = number(this.#db.prepare('PRAGMA data_version').get()?.['data_version'])
    if (version === this.#dataVersion) return
    this.#dataVersion = version
    let damaged = false
    const note = (what: string) => (why: string) => {
      const problem = `Part of the ${what} cannot be read (${why})`
      if (!this.problems.includes(problem)) this.problems.push(problem)
      damaged = true
    }
    try {
      this.#row = this.#db.prepare('SELECT * FROM capture').get() ?? {}
    } catch (error) {
      note('facts about the capture')((error as Error).message)
    }
    // Sealed segments stay as they are; what comes behind the last of them is read anew.
    this.segments.length = this.segments.findLastIndex((segment) => segment.number !== null) + 1
    this.loops.length = this.loops.findLastIndex((loop) => loop.number !== null) + 1
    const afterId = (entries: readonly { readonly id: number }[]) => (entries.at(-1)?.id ?? 0) + 1
    const listed = readIndex(this.#db, 'segments', afterId(this.segments), note('list of segments')).map(toSegment)
    const loops = readIndex(this.#db, 'loop_segments', afterId(this.loops), note('list of loop records')).map(toLoop)
    if (damaged) {
      const ids = (entries: readonly { readonly id: number }[]) => new Set(entries.map(({ id }) => id))
      listed.push(...recoverSegments(this.#db, ids([...this.segments, ...listed])))
      loops.push(...recoverLoops(this.#db, ids([...this.loops, ...loops])))
    }
    const inOrder = (a: { readonly id: number }, b: { readonly id: number }) => a.id - b.id
    for (const segment of listed.sort(inOrder)) {
      const before = this.segments.at(-1)
      if (isSound(segment.count, segment.firstSeq, before === undefined ? 0 : before.firstSeq + before.count))
        this.segments.push(segment)
    }
    for (const loop of loops.sort(inOrder)) {
      const before = this.loops.at(-1)
      if (isSound(loop.count, loop.firstRecord, before === undefined ? 0 : before.firstRecord + before.count))
        this.loops.push(loop)
    }
    this.#dropOldest()
  }

  /** What the writer has dropped since to stay within its limits. */
  #dropOldest(): void {
    if (!this.#recording) return
    const oldest = (table: string) => number(this.#db.prepare(`SELECT min(id) AS id FROM ${table}`).get()?.['id'])
    const first = oldest('segments')
    const kept = this.segments.findIndex(({ id }) => id >= first)
    if (kept > 0) this.segments.splice(0, kept)
    const firstLoop = oldest('loop_segments')
    const keptLoop = this.loops.findIndex(({ id }) => id >= firstLoop)
    if (keptLoop > 0) this.loops.splice(0, keptLoop)
  }

  /** Index of the first segment that ends after `seq`; `segments.length` where none does. */
  findSeq(seq: number): number {
    let low = 0
    let high = this.segments.length
    while (low < high) {
      const middle = (low + high) >> 1
      const { firstSeq, count } = this.segments[middle]!
      if (firstSeq + count <= seq) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Index of the first segment of loop records that ends after `record`. */
  findRecord(record: number): number {
    let low = 0
    let high = this.loops.length
    while (low < high) {
      const middle = (low + high) >> 1
      const { firstRecord, count } = this.loops[middle]!
      if (firstRecord + count <= record) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Keys, or null where they cannot be read. Not compared with their checksum: a filter reads all there are. */
  keys(segment: SegmentEntry): Keys | null {
    const bytes = this.#bytesOf.keys(segment.id)
    if (bytes === null) return null
    try {
      return openKeys(bytes, segment.count)
    } catch {
      return null
    }
  }

  /** Times, lengths and causes without the payloads, or null where they cannot be read. Not compared with their checksum. */
  columns(segment: SegmentEntry): RowColumns | null {
    const bytes = this.#bytesOf.columns(segment.id)
    if (bytes === null) return null
    try {
      return openColumns(bytes, segment.count)
    } catch {
      return null
    }
  }

  summary(segment: SegmentEntry): SlotSummaries | null {
    const bytes = this.#bytesOf.summaries(segment.id)
    return bytes === null ? null : openSummary(bytes)
  }

  /** The byte strings of a segment as they lie in the file; null for each that cannot be read. */
  raw(segment: SegmentEntry) {
    const { id } = segment
    return {
      keys: this.#bytesOf.keys(id),
      columns: this.#bytesOf.columns(id),
      arena: this.#bytesOf.arenas(id),
      summary: this.#bytesOf.summaries(id),
    }
  }

  rawLoop(loop: LoopEntry): Uint8Array | null {
    return this.#bytesOf.loop_columns(loop.id)
  }

  /** What is wrong with a segment's byte strings, in a sentence; null where they are as they were written. */
  damageOf(segment: SegmentEntry): string | null {
    const { keys, columns, arena, summary } = this.raw(segment)
    const wrong = [
      keys === null || crc32(keys) !== segment.keysCrc ? 'whose they are' : null,
      columns === null || crc32(columns) !== segment.columnsCrc ? 'times and sizes' : null,
      arena === null || arena.length !== segment.arenaBytes || crc32(arena) !== segment.arenaCrc ? 'payloads' : null,
      summary === null || crc32(summary) !== segment.summaryCrc ? 'summary' : null,
    ].filter((what) => what !== null)
    const events = `events ${segment.firstSeq} to ${segment.firstSeq + segment.count - 1}`
    return wrong.length === 0 ? null : `Of ${events}, ${wrong.join(' and ')} cannot be read`
  }

  /**
   * The rows of a segment; null where they cannot be read. Where only payloads cannot, their rows are told without them.
   */
  rows(segment: SegmentEntry): EventBatch | null {
    const cached = this.#cache.get(segment.id)
    if (cached !== undefined) {
      // The one used last goes last.
      this.#cache.delete(segment.id)
      this.#cache.set(segment.id, cached)
      return cached.batch
    }
    const batch = this.#load(segment)
    if (batch === null) return null
    const bytes = batch.arenaBytes + batch.count * 48
    this.#cache.set(segment.id, { batch, bytes })
    this.#cachedBytes += bytes
    for (const [id, { bytes: size }] of this.#cache) {
      if (this.#cachedBytes <= cacheBytes || id === segment.id) break
      this.#cache.delete(id)
      this.#cachedBytes -= size
    }
    return batch
  }

  #load(segment: SegmentEntry): EventBatch | null {
    const { keys, columns, arena } = this.raw(segment)
    if (keys === null || columns === null) return null
    if (crc32(keys) !== segment.keysCrc || crc32(columns) !== segment.columnsCrc) return null
    try {
      if (arena !== null && crc32(arena) === segment.arenaCrc)
        return rowsOf(segment.firstSeq, segment.count, keys, columns, arena as Uint8Array<ArrayBuffer>)
      const bytes = columns.slice()
      // dataOffset and dataLength are the two columns before the last.
      bytes.fill(0, segment.count * 20, segment.count * 28)
      return rowsOf(segment.firstSeq, segment.count, keys, bytes, new Uint8Array(0))
    } catch {
      return null
    }
  }

  loopRows(loop: LoopEntry): LoopBatch | null {
    const bytes = this.rawLoop(loop)
    if (bytes === null || crc32(bytes) !== loop.columnsCrc) return null
    try {
      return openLoopBatch(bytes.buffer as ArrayBuffer)
    } catch {
      return null
    }
  }

  /** Counts of the file as a list shows them. */
  info(): Omit<CaptureFileInfo, 'id' | 'name' | 'folder'> {
    const size = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0
    const count = (table: string): number => {
      try {
        return number(this.#db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'])
      } catch {
        return 0
      }
    }
    return {
      state: this.state,
      sizeBytes: size(this.path) + size(`${this.path}-wal`),
      startedAtEpochMs: this.startedAtEpochMs,
      lastAt: Math.max(number(this.#row['last_at']) || 0, this.segments.at(-1)?.lastAt ?? 0),
      events: this.segments.reduce((sum, segment) => sum + segment.count, 0),
      droppedEvents: number(this.#row['dropped_events']) || 0,
      connections: count('connections'),
      endpoints: count('endpoints'),
      payloadBytes: this.segments.reduce((sum, segment) => sum + segment.payloadBytes, 0),
    }
  }

  captureInfo(): CaptureInfo {
    const { sizeBytes, droppedEvents } = this.info()
    const limitBytes = number(this.#row['max_bytes']) || 0
    return {
      firstSeq: this.segments[0]?.firstSeq ?? this.nextSeq,
      nextSeq: this.nextSeq,
      droppedEvents,
      storedBytes: sizeBytes,
      limitBytes,
      loop: {
        firstRecord: this.loops[0]?.firstRecord ?? this.nextRecord,
        nextRecord: this.nextRecord,
        droppedRecords: number(this.#row['dropped_records']) || 0,
        storedBytes: sizeBytes,
        limitBytes,
      },
    }
  }

  close(): void {
    this.#db.close()
  }
}
