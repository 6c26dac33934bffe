// A recording that the page does not hold, exported piece by piece: the same events as of one log that holds it all.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fail, ok } from '../../preload/contract/failure.ts'
import type { LoopBatch } from '../../preload/contract/loop-columns.ts'
import { type TraceOptions, traceParts } from '../../renderer/loop/trace-export.ts'
import { TraceFailure, type TraceReads, type WholeTrace, wholeTrace } from '../../renderer/loop/whole-trace.ts'
import { lanes } from '../../renderer/loop-log/lanes.ts'
import { createLoopLog } from '../../renderer/loop-log/loop-log.ts'
import { archiveOf } from './support/archive.ts'
import { data, makeBatch } from './support/batches.ts'
import { call, type LoopSketch, makeLoopBatch, turn } from './support/loop-batches.ts'

const words: TraceOptions['words'] = {
  process: 'Wireloop',
  turns: 'iterations',
  lane: Object.fromEntries(lanes.map((lane) => [lane, lane])) as TraceOptions['words']['lane'],
  collections: 'gc',
  ownWork: 'own',
  pollWaits: 'poll waits',
  collection: 'GC',
  waiting: 'waiting',
}

/** `turns` turns: a wait, callbacks of poll with an event each, one after check, own work, now and then a collection. */
const recording = (shape: readonly { readonly polled: number; readonly checked: boolean; readonly gc: boolean }[]) => {
  const rows: LoopSketch[] = []
  const events: ReturnType<typeof data>[] = []
  const lengths: number[] = []
  let at = 1
  let id = 0
  for (const [i, { polled, checked, gc }] of shape.entries()) {
    const start = at
    const readyAt = at + 0.5
    at = readyAt
    for (let k = 0; k < polled; k++) {
      events.push(data(at, k + 1, 'received', 10 + i))
      lengths.push(10 + i)
      const more = { readyAt, connection: k + 1, firstSeq: events.length, seqCount: 1 }
      rows.push(call(++id, i + 1, 'poll', at, at + 0.25, more))
      at += 0.25
    }
    if (gc) rows.push({ kind: 'gc', start: at - 0.1, end: at })
    rows.push(turn(i + 1, start, readyAt, at, polled))
    if (checked) rows.push(call(++id, i + 1, 'check', at, at + 0.125, { own: i % 3 === 0, type: 'Immediate' }))
    at += 0.125
  }
  return { rows, events, lengths }
}

/** Answers as the host does: whole batches from a record on. */
const readsOf = (batches: readonly LoopBatch[], events: ReturnType<typeof data>[]): TraceReads => ({
  readLoopRecords: async ({ fromRecord }) => {
    const batch = batches.find((each) => each.first + each.count > fromRecord)
    return ok(batch?.buffer ?? null)
  },
  readEvents: archiveOf(events.length === 0 ? [] : [makeBatch(1, events)], 7).readEvents,
})

const cutUp = (rows: readonly LoopSketch[], size: number): LoopBatch[] => {
  const batches: LoopBatch[] = []
  for (let i = 0; i < rows.length; i += size) batches.push(makeLoopBatch(1 + i, rows.slice(i, i + size)))
  return batches
}

const newLog = () => createLoopLog({ limitBytes: Number.POSITIVE_INFINITY })
const eventsOf = (text: string): unknown[] => (JSON.parse(text) as { traceEvents: unknown[] }).traceEvents
const inOrder = (events: readonly unknown[]): string[] => events.map((event) => JSON.stringify(event)).toSorted()

const readAll = async (reads: TraceReads, more: Partial<WholeTrace> = {}): Promise<unknown[]> => {
  const whole: WholeTrace = {
    stretch: null,
    own: true,
    words,
    fromRecord: 1,
    untilRecord: Number.POSITIVE_INFINITY,
    nameOf: ({ firstSeq, seqCount }, events) =>
      seqCount > 0 && events.has(firstSeq) ? `${events.kind(firstSeq)} ${events.length(firstSeq)}` : 'callback',
    ...more,
  }
  let text = ''
  for await (const part of wholeTrace(reads, newLog(), whole)) text += part
  return eventsOf(text)
}

const shapes = fc.array(fc.record({ polled: fc.nat(4), checked: fc.boolean(), gc: fc.boolean() }), {
  minLength: 1,
  maxLength: 60,
})

describe('a recording read piece by piece', () => {
  test('gives the same events as one that is held, whatever the batches and the pieces', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.integer({ min: 3, max: 40 }), fc.integer({ min: 1, max: 50 }), async (...drawn) => {
        const [shape, batchRows, pieceRecords] = drawn
        const { rows, events, lengths } = recording(shape)
        const log = newLog()
        log.append(makeLoopBatch(1, rows))
        const named = ({ firstSeq, seqCount }: { firstSeq: number; seqCount: number }) =>
          seqCount > 0 ? `data-received ${lengths[firstSeq - 1]}` : 'callback'
        const held = eventsOf([...traceParts(log, { stretch: null, own: true, words, nameOf: named })].join(''))
        const read = await readAll(readsOf(cutUp(rows, batchRows), events), { pieceRecords })
        expect(inOrder(read)).toEqual(inOrder(held))
      }),
      { numRuns: 60 },
    )
  })

  test('is cut to a stretch, and reads no further than that', async () => {
    const { rows, events } = recording(Array.from({ length: 100 }, () => ({ polled: 2, checked: false, gc: false })))
    const asked: number[] = []
    const reads = readsOf(cutUp(rows, 10), events)
    const read = await readAll(
      {
        ...reads,
        readLoopRecords: (args) => {
          asked.push(args.fromRecord)
          return reads.readLoopRecords(args)
        },
      },
      { stretch: { fromAt: 5, toAt: 9 }, pieceRecords: 5 },
    )
    const times = read.flatMap((event) => {
      const { ph, cat, ts, dur } = event as { ph: string; cat: string; ts: number; dur: number }
      // A turn that reaches into the stretch brings its whole wait along.
      return ph === 'X' && cat !== 'wait' ? [[ts / 1000, (ts + dur) / 1000] as const] : []
    })
    expect(times.length).toBeGreaterThan(5)
    for (const [start, end] of times) expect(start <= 9 && end >= 5).toBe(true)
    expect(Math.max(...asked)).toBeLessThan(rows.length / 4)
  })

  test('stops before records that came while it was read', async () => {
    const { rows, events } = recording(Array.from({ length: 30 }, () => ({ polled: 1, checked: false, gc: false })))
    const read = await readAll(readsOf(cutUp(rows, 10), events), { untilRecord: 11 })
    const callbacks = read.filter((event) => (event as { cat?: string }).cat === 'poll')
    expect(callbacks).toHaveLength(5)
  })

  test('fails as the capture does', async () => {
    const broken = { ...readsOf([], []), readLoopRecords: async () => fail('dropped', 'It is gone') }
    await expect(readAll(broken)).rejects.toSatisfy(
      (error) => error instanceof TraceFailure && !error.result.ok && error.result.failure.message === 'It is gone',
    )
  })
})
