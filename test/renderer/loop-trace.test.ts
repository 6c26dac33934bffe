// The exported recording against the rules of Chrome's trace-event format: every event has what its kind asks for, complete
// events of one track nest or stand apart, pairs are paired, and every track is named.
import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { type TraceOptions, traceParts } from '../../renderer/loop/trace-export.ts'
import { lanes } from '../../renderer/loop-log/lanes.ts'
import { createLoopLog, type LoopLog } from '../../renderer/loop-log/loop-log.ts'
import { call, type LoopSketch, makeLoopBatch, turn } from './support/loop-batches.ts'

const options: TraceOptions = {
  stretch: null,
  own: true,
  nameOf: (callback) => `callback ${callback.id} "quoted" \u2028`,
  words: {
    process: 'Wireloop',
    turns: 'iterations',
    lane: Object.fromEntries(lanes.map((lane) => [lane, lane])) as TraceOptions['words']['lane'],
    collections: 'gc',
    ownWork: 'own',
    pollWaits: 'poll waits',
    collection: 'GC',
    waiting: 'waiting',
  },
}

const name = v.pipe(v.string(), v.nonEmpty())
const id = v.pipe(v.number(), v.integer(), v.minValue(0))
const time = v.pipe(v.number(), v.finite())
const place = { pid: id, tid: id, name, args: v.record(v.string(), v.unknown()) }
const event = v.variant('ph', [
  v.strictObject({ ph: v.literal('M'), ...place }),
  v.strictObject({
    ph: v.literal('X'),
    ...place,
    cat: name,
    ts: time,
    dur: v.pipe(v.number(), v.finite(), v.minValue(0)),
  }),
  v.strictObject({ ph: v.literal('b'), ...place, cat: name, id, ts: time }),
  v.strictObject({ ph: v.literal('e'), ...place, cat: name, id, ts: time }),
])
const document = v.strictObject({ displayTimeUnit: v.literal('ms'), traceEvents: v.array(event) })
type Event = v.InferOutput<typeof event>

const exported = (log: LoopLog, change: Partial<TraceOptions> = {}): readonly Event[] =>
  v.parse(document, JSON.parse([...traceParts(log, { ...options, ...change })].join(''))).traceEvents

const complete = (events: readonly Event[]) => events.flatMap((each) => (each.ph === 'X' ? [each] : []))

/** In whole nanoseconds, as the format's microseconds with three decimals are. */
const nanos = (micros: number) => Math.round(micros * 1000)

const expectValid = (events: readonly Event[]) => {
  const named = new Set(events.flatMap((each) => (each.ph === 'M' && each.name === 'thread_name' ? [each.tid] : [])))
  const byTrack = Map.groupBy(complete(events), (each) => each.tid)
  for (const [tid, track] of byTrack) {
    expect(named).toContain(tid)
    let end = Number.NEGATIVE_INFINITY
    for (const each of track.toSorted((a, b) => a.ts - b.ts || a.dur - b.dur)) {
      expect(nanos(each.ts)).toBeGreaterThan(end)
      end = nanos(each.ts) + nanos(each.dur)
    }
  }
  const open = new Map<number, Event>()
  for (const each of events) {
    if (each.ph === 'b') {
      expect(open.has(each.id)).toBe(false)
      open.set(each.id, each)
    }
    if (each.ph !== 'e') continue
    const begin = open.get(each.id)
    expect(begin).toMatchObject({ name: each.name, cat: each.cat, pid: each.pid, tid: each.tid })
    expect(begin?.ph === 'b' && begin.ts <= each.ts).toBe(true)
    open.delete(each.id)
  }
  expect(open.size).toBe(0)
}

const logOf = (rows: readonly LoopSketch[]) => {
  const log = createLoopLog({ limitBytes: 64 * 1024 * 1024 })
  if (rows.length > 0) log.append(makeLoopBatch(1, rows))
  return log
}

/** Two turns: a stall in poll with two behind it, a late timer, own work, a collection. */
const session: readonly LoopSketch[] = [
  call(1, 1, 'poll', 10, 28, { readyAt: 10, connection: 7, firstSeq: 5, seqCount: 2 }),
  call(2, 1, 'poll', 28, 28.1, { readyAt: 10, connection: 3 }),
  turn(1, 2, 10, 28.2, 2),
  call(3, 1, 'check', 28.2, 28.3, { own: true, type: 'Immediate' }),
  call(4, 1, 'timers', 28.4, 28.5, { readyAt: 20, connection: 4, type: 'Timeout' }),
  { kind: 'gc', start: 12, end: 14 },
  { kind: 'gc', start: 13, end: 16 },
  call(5, 2, 'poll', 40, 40.2, { readyAt: 40, connection: 3 }),
  turn(2, 28.6, 40, 40.3, 1),
]

describe('an exported recording', () => {
  test('is valid, whatever ran: nothing overlaps on a track, and every pair is closed', () => {
    const length = fc.double({ min: 0, max: 30, noNaN: true })
    const step = fc.record({
      wait: length,
      callbacks: fc.array(fc.record({ pause: fc.double({ min: 0, max: 1, noNaN: true }), length, own: fc.boolean() }), {
        maxLength: 6,
      }),
      gc: length,
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 30 }), fc.boolean(), (steps, own) => {
        let at = 0
        let callbackId = 0
        const rows: LoopSketch[] = []
        for (const [i, { wait, callbacks, gc }] of steps.entries()) {
          const start = at
          const readyAt = start + wait
          at = readyAt
          for (const each of callbacks) {
            at += each.pause
            const phase = each.own ? 'check' : 'poll'
            rows.push(call(++callbackId, i + 1, phase, at, at + each.length, { own: each.own, readyAt }))
            at += each.length
          }
          rows.push(turn(i + 1, start, readyAt, at, callbacks.length), {
            kind: 'gc',
            start: readyAt,
            end: readyAt + gc,
          })
        }
        expectValid(exported(logOf(rows), { own }))
      }),
      { numRuns: 60 },
    )
  })

  test('has a track a phase in libuv’s order, with turns before and collections behind them', () => {
    const events = exported(logOf(session))
    const tracks = events
      .flatMap((each) => (each.ph === 'M' && each.name === 'thread_name' ? [each] : []))
      .sort((a, b) => a.tid - b.tid)
      .map((each) => each.args['name'])
    expect(tracks).toEqual(['iterations', ...lanes, 'gc', 'own'])
    const order = events.flatMap((each) =>
      each.ph === 'M' && each.name === 'thread_sort_index' ? [[each.tid, each.args['sort_index']]] : [],
    )
    expect(order.every(([tid, index]) => tid === index)).toBe(true)
    expect(events.filter((each) => each.name === 'process_name')).toHaveLength(1)
  })

  test('holds every callback with its length, what it served and what it produced', () => {
    const events = complete(exported(logOf(session)))
    expect(events.filter((each) => each.cat === 'poll')).toHaveLength(3)
    expect(events.find((each) => each.args['id'] === 1)).toMatchObject({
      ts: 10_000.001,
      // A nanosecond after the wait that it ends.
      dur: 17_999.999,
      args: { connection: 7, firstEvent: 5, events: 2, iteration: 1, waitedMs: 0 },
    })
    expect(events.filter((each) => each.cat === 'wait').map(({ ts, dur }) => [ts, dur])).toEqual([
      [2000, 8000],
      [28_600, 11_400],
    ])
    expect(events.filter((each) => each.cat === 'iteration').map((each) => each.name)).toEqual(['#1', '#2'])
    // Two collections that overlap stand one behind the other, a nanosecond apart.
    expect(events.filter((each) => each.cat === 'gc').map(({ ts, dur }) => [ts, dur])).toEqual([
      [12_000, 2000],
      [14_000.001, 1999.999],
    ])
  })

  test('shows waits as pairs of their own, because they overlap', () => {
    const events = exported(logOf(session))
    const begins = events.flatMap((each) => (each.ph === 'b' ? [[each.id, each.ts]] : []))
    const ends = events.flatMap((each) => (each.ph === 'e' ? [[each.id, each.ts]] : []))
    expect(begins).toEqual([
      [2, 10_000],
      [4, 20_000],
    ])
    expect(ends).toEqual([
      [2, 28_000],
      [4, 28_400],
    ])
  })

  test('leaves own work out where it is not asked for', () => {
    const events = exported(logOf(session), { own: false })
    expect(events.some((each) => each.args['id'] === 3)).toBe(false)
    expect(events.some((each) => each.args['name'] === 'own')).toBe(false)
    expectValid(events)
  })

  test('is cut to a stretch: what reaches into it is there whole, nothing else', () => {
    const events = complete(exported(logOf(session), { stretch: { fromAt: 28.05, toAt: 28.45 } }))
    const ids = events.flatMap((each) => (each.args['id'] === undefined ? [] : [each.args['id']]))
    expect(ids).toEqual([2, 3, 4])
    expect(events.some((each) => each.cat === 'gc')).toBe(false)
  })

  test('of nothing is still a document that viewers open', () => {
    const events = exported(logOf([]))
    expect(complete(events)).toEqual([])
    expectValid(events)
  })

  test('comes in many small parts, so that no recording is too long for one string', () => {
    const rows = Array.from({ length: 5000 }, (_, i) => call(i + 1, i + 1, 'poll', i, i + 0.5))
    const parts = [...traceParts(logOf(rows), options)]
    expect(parts.length).toBeGreaterThan(5000)
    expect(Math.max(...parts.map((part) => part.length))).toBeLessThan(1000)
  })
})
