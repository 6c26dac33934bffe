// Capture files for tests: folders that go away, batches of any shape, and files written and read without threads between.
// Counterparts: main/archive; test/renderer/support/batches.ts, which makes the batches.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished } from 'vitest'
import { CaptureFile } from '../../../main/archive/capture-file.ts'
import { createFacts, type Facts } from '../../../main/archive/facts.ts'
import { readEvents } from '../../../main/archive/readings.ts'
import { type CaptureWriter, createCaptureWriter } from '../../../main/archive/writer.ts'
import type { CaptureLimits } from '../../../preload/contract/captures.ts'
import { type EventBatch, openBatch, rowBytesOf } from '../../../preload/contract/event-columns.ts'
import { causes, type EventKind, eventKinds } from '../../../preload/contract/vocabulary.ts'
import { type EventSketch, lost, made, makeBatch } from '../../renderer/support/batches.ts'

export const noLimits: CaptureLimits = { maxBytes: 2 ** 50, maxDays: null, snapBytes: null }

/** A folder of its own, deleted when the test ends. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'wireloop-captures-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** One event as a test compares it. */
export interface Row {
  readonly seq: number
  readonly kind: EventKind
  readonly cause: string
  readonly at: number
  readonly endpoint: number
  readonly connection: number
  readonly length: number
  readonly iteration: number
  readonly callback: number
  /** One character a byte. */
  readonly bytes: string
}

export const rowsOf = (batch: EventBatch): Row[] =>
  Array.from({ length: batch.count }, (_, i) => ({
    seq: batch.firstSeq + i,
    kind: eventKinds[batch.kind[i]!]!,
    cause: causes[batch.cause[i]!]!,
    at: batch.at[i]!,
    endpoint: batch.endpoint[i]!,
    connection: batch.connection[i]!,
    length: batch.length[i]!,
    iteration: batch.iteration[i]!,
    callback: batch.callback[i]!,
    bytes: Buffer.from(rowBytesOf(batch, i)).toString('latin1'),
  }))

/** Batches of a reading from `fromSeq` to its end. */
export const readAll = (
  read: (fromSeq: number) => ArrayBufferLike | null,
  fromSeq = 0,
  maxBytes = Number.POSITIVE_INFINITY,
): EventBatch[] => {
  const all: EventBatch[] = []
  for (let seq = fromSeq; ; ) {
    const buffer = read(seq)
    if (buffer === null) return all
    const batch = openBatch(buffer)
    expect(batch.count).toBeGreaterThan(0)
    expect(buffer.byteLength <= maxBytes || batch.count === 1).toBe(true)
    all.push(batch)
    seq = batch.firstSeq + batch.count
  }
}

const everything = Number.POSITIVE_INFINITY

/** All rows of a file. */
export const fileRows = (file: CaptureFile, fromSeq = 0, maxBytes = 64 * 1024): Row[] =>
  readAll((seq) => file.inSnapshot(() => readEvents(file, seq, maxBytes, everything)), fromSeq, maxBytes).flatMap(
    rowsOf,
  )

/** A batch of the engine and the gap before it. */
export interface BatchSketch {
  readonly gap: number
  readonly events: readonly EventSketch[]
}

/** A writer of a new file, and what a recording does for it; abandoned when the test ends, unless it was closed. */
export const newWriter = (path: string, limits = noLimits): { writer: CaptureWriter; facts: Facts } => {
  const facts = createFacts()
  const writer = createCaptureWriter({ path, limits, startedAtEpochMs: 1_000_000, facts })
  onTestFinished(() => {
    try {
      writer.abandon()
    } catch {
      // The test has closed it.
    }
  })
  return { writer, facts }
}

/** Opens a file to read; closed when the test ends. */
export const openFile = (path: string, recording = false): CaptureFile => {
  const file = new CaptureFile(path, recording)
  onTestFinished(() => {
    try {
      file.close()
    } catch {
      // The test has closed it.
    }
  })
  return file
}

/** Writes batches; `commitAfter` says after which of them a commit comes. Answers all rows. */
export const writeBatches = (
  { writer, facts }: { writer: CaptureWriter; facts: Facts },
  sketches: readonly BatchSketch[],
  commitAfter: (index: number) => boolean = () => true,
  from = 1,
): Row[] => {
  const rows: Row[] = []
  let seq = from
  for (const [index, { gap, events }] of sketches.entries()) {
    const batch = makeBatch(seq + gap, events, gap)
    rows.push(...rowsOf(batch))
    seq += gap + events.length
    facts.events(batch)
    writer.events(batch)
    if (commitAfter(index)) writer.commit()
  }
  return rows
}

const bytes = fc.uint8Array({ maxLength: 12 })

/** Events of a few connections, some of which share their bytes with the one before, or were kept in part. */
const event = fc.record({
  connection: fc.integer({ min: 0, max: 6 }),
  endpoint: fc.integer({ min: 1, max: 3 }),
  what: fc.constantFrom('received', 'sent', 'again', 'cut', 'made', 'lost', 'eof-received', 'reading-paused'),
  data: bytes,
  iteration: fc.nat({ max: 9 }),
})

/** Batches as an engine may send them, in the order of time. */
export const batchSketches: fc.Arbitrary<BatchSketch[]> = fc
  .array(
    fc.record({
      gap: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 5 }) }),
      events: fc.array(event, { minLength: 1, maxLength: 12 }),
    }),
    { maxLength: 40, size: 'max' },
  )
  .map((batches) => {
    let at = 0
    return batches.map(({ gap, events }) => {
      let last: Uint8Array = new Uint8Array()
      const sketches = events.map(({ connection, endpoint, what, data, iteration }): EventSketch => {
        at += 0.5
        const common = { at, endpoint, connection, iteration, callback: iteration * 2 }
        switch (what) {
          case 'made':
            return { ...made(at, connection), ...common }
          case 'lost':
            return { ...lost(at, connection, 'closed-by-peer'), ...common }
          case 'received':
          case 'sent':
            last = data
            return { ...common, kind: `data-${what}`, data }
          case 'again':
            return { ...common, kind: 'data-sent', data: last }
          case 'cut':
            return { ...common, kind: 'data-received', data, length: data.length + 100 }
          default:
            return { ...common, kind: what }
        }
      })
      return { gap, events: sketches }
    })
  })
