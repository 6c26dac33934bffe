// Reading older events as they are looked at: each once, the most urgent first, and nothing that nobody wants any more.
import { describe, expect, test } from 'vitest'
import { fail } from '../../preload/contract/failure.ts'
import { createEventLog, type EventLog } from '../../renderer/event-log/event-log.ts'
import { createEventReader, type Read } from '../../renderer/event-log/reader.ts'
import { archiveOf } from './support/archive.ts'
import { data, makeBatch } from './support/batches.ts'

const stream = (from: number, to: number) =>
  makeBatch(
    from,
    Array.from({ length: to - from }, (_, i) => data(from + i, 1, 'sent', 64)),
  )

/** A log that holds nothing of a capture of `events` events. */
const emptyLog = (events: number): EventLog => {
  const log = createEventLog({ limitBytes: 64 * 1024 * 1024 })
  log.startAt(events + 1)
  log.setKept({ firstSeq: 1, firstAt: 1, lastAt: events })
  return log
}

const settled = async (done: () => boolean) => {
  for (let turn = 0; turn < 1000 && !done(); turn++) await new Promise((resolve) => setImmediate(resolve))
  expect(done()).toBe(true)
}

describe('the reader', () => {
  test('reads what is wanted, all of it and nothing twice', async () => {
    const log = emptyLog(10_000)
    const archive = archiveOf([stream(1, 5001), stream(5001, 10_001)], 300)
    const reader = createEventReader(log)
    reader.connect(archive.readEvents)
    reader.want('table', [{ from: 4500, to: 5500 }])
    await settled(() => log.firstUnheld(4500) >= 5500)
    expect(new Set(archive.asked).size).toBe(archive.asked.length)
    expect(log.has(4499)).toBe(false)
    expect(log.at(5400)).toBe(5400)
    const { length } = archive.asked
    reader.want('table', [{ from: 4600, to: 5400 }])
    reader.want('selection', [{ from: 4700, to: 4701 }])
    await new Promise((resolve) => setImmediate(resolve))
    expect(archive.asked.length).toBe(length)
  })

  test('leaves out what was scrolled past, and takes what is selected first', async () => {
    const log = emptyLog(1_000_000)
    const waiting: (() => void)[] = []
    const archive = archiveOf([stream(1, 20_001)], 300)
    const slow: Read = async (args) => {
      await new Promise<void>((resolve) => waiting.push(resolve))
      return archive.readEvents(args)
    }
    const reader = createEventReader(log)
    reader.connect(slow)
    for (let from = 1; from < 20_000; from += 500) reader.want('table', [{ from, to: from + 50 }])
    reader.want('selection', [{ from: 9000, to: 9050 }])
    await settled(() => {
      for (const resolve of waiting.splice(0)) resolve()
      return log.has(19_501) && log.has(9000)
    })
    expect(archive.asked).toEqual([1, 501, 1001, 9000, 19_501])
  })

  test('learns of a gap where an answer begins later than it was asked for', async () => {
    const log = emptyLog(1000)
    const reader = createEventReader(log)
    reader.connect(archiveOf([stream(1, 101), stream(301, 1001)]).readEvents)
    reader.want('table', [{ from: 50, to: 400 }])
    await settled(() => log.has(399) && log.has(50))
    expect(log.droppedEvents).toBe(200)
    expect(log.row(101)).toEqual({ kind: 'gap', events: 200, oldest: false })
  })

  test('says why it could not read, and drops answers of a capture that is not looked at any more', async () => {
    const log = emptyLog(1000)
    const reader = createEventReader(log)
    reader.connect(async () => fail('wrong-state', 'The file is gone'))
    reader.want('table', [{ from: 50, to: 100 }])
    await settled(() => reader.failure === 'The file is gone')
    let answer: () => void = () => undefined
    const archive = archiveOf([stream(1, 1001)])
    reader.reset()
    expect(reader.failure).toBe(null)
    reader.connect(async (args) => {
      await new Promise<void>((resolve) => {
        answer = resolve
      })
      return archive.readEvents(args)
    })
    reader.want('table', [{ from: 50, to: 100 }])
    reader.reset()
    answer()
    await new Promise((resolve) => setImmediate(resolve))
    expect(log.has(50)).toBe(false)
  })
})
