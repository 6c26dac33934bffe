// What is asked for in the filter language: the archive, the host's memory and a page's previews come to the same answer for
// any events and any filter, or the page says that it does not know. Counterparts: main/archive/filter.ts, memory-filter.ts,
// contract/filter-evaluation.ts.
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answerFilter, filterEvents } from '../../main/archive/filter.ts'
import { createMemoryCapture } from '../../main/archive/memory-capture.ts'
import { filterMemory } from '../../main/archive/memory-filter.ts'
import { openToWrite } from '../../main/archive/schema.ts'
import { slownessMs } from '../../main/archive/slow-callbacks.ts'
import { runAtMost, TookTooLong } from '../../main/archive/time-limit.ts'
import type { FilterResult } from '../../preload/contract/captures.ts'
import { type EventBatch, EventBatchWriter, openBatch } from '../../preload/contract/event-columns.ts'
import { compare, compileFilter, no, unknown, yes } from '../../preload/contract/filter-evaluation.ts'
import { formatFilter } from '../../preload/contract/filter-format.ts'
import { data, type EventSketch, makeBatch } from '../renderer/support/batches.ts'
import { makeLoopBatch } from '../renderer/support/loop-batches.ts'
import { expectOk } from '../support/engine.ts'
import { filterParts } from '../support/filters.ts'
import { newWriter, openFile, temporaryFolder } from './support/captures.ts'

const text = fc.oneof(
  fc.constantFrom('PING', 'ping 1', 'a b and (x)', 'P\\NG/"', 'é한 #3', 'a\r\n\t\0', ''),
  fc.uint8Array({ maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
)
const sketches: fc.Arbitrary<EventSketch[]> = fc
  .array(
    fc
      .record({
        what: fc.constantFrom('data-received', 'data-sent', 'eof-sent', 'connection-lost', 'script-logged'),
        connection: fc.nat(4),
        endpoint: fc.integer({ min: 1, max: 4 }),
        callback: fc.nat(12),
        text,
        cause: fc.constantFrom('reset-by-peer', 'closed-here'),
      })
      .map(({ what, text: words, cause, ...rest }): EventSketch => {
        const common = { ...rest, kind: what, at: 0 } as EventSketch
        if (what === 'data-received' || what === 'data-sent') return { ...common, data: Buffer.from(words) }
        if (what === 'script-logged') return { ...common, details: { text: words } }
        if (what === 'eof-sent') return common
        return {
          ...common,
          cause: cause as 'closed-here',
          details: { error: null, unsentBytes: 0, unreadBytes: 4, ignoredBytes: 0 },
        }
      }),
    { minLength: 1, maxLength: 60 },
  )
  .map((events) => events.map((event, i) => ({ ...event, at: i * 2.5 })))

const loop = (lengths: readonly number[]) =>
  makeLoopBatch(
    1,
    lengths.map((ms, i) => ({
      kind: 'callback',
      id: i + 1,
      start: i * 100,
      end: i * 100 + ms,
      readyAt: i * 100 - ((i * 7) % 30),
    })),
  )

const seqsOf = ({ firstSeq, endSeq, bits, matches }: FilterResult): number[] => {
  const found: number[] = []
  for (let i = 0; i < endSeq - firstSeq; i++) if ((bits[i >> 3]! >> (i & 7)) & 1) found.push(firstSeq + i)
  expect(found.length).toBe(matches)
  return found
}

/** A batch as a page has it: the first bytes of each payload. */
const preview = (batch: EventBatch, bytes: number): EventBatch => {
  const writer = new EventBatchWriter(batch.count, batch.arenaBytes + batch.count * bytes)
  for (let i = 0; i < batch.count; i++) writer.copyRow(batch, i, bytes)
  return openBatch(writer.take(batch.firstSeq, 0))
}

const notes = new Map([
  [2, 'look Later'],
  [5, ''],
])

describe('A filter in words', () => {
  it('means the same events in a file, in memory and in a page, as far as that knows', async () => {
    const folder = temporaryFolder()
    let file = 0
    await fc.assert(
      fc.asyncProperty(
        sketches,
        fc.array(fc.nat(40), { minLength: 6, maxLength: 6 }),
        fc.array(filterParts, { minLength: 4, maxLength: 8 }),
        async (events, lengths, parts) => {
          const path = join(folder, `${++file}.wireloop`)
          const { writer, facts } = newWriter(path)
          const batch = makeBatch(1, events)
          facts.events(batch)
          writer.events(batch)
          writer.loop(loop(lengths))
          writer.close()
          const db = openToWrite(path)
          for (const [seq, note] of notes) db.prepare('INSERT INTO bookmarks (seq, note) VALUES (?, ?)').run(seq, note)
          db.close()
          const capture = createMemoryCapture()
          capture.append(makeBatch(1, events).buffer)
          capture.appendLoop(loop(lengths).buffer)
          const opened = openFile(path)
          const records = loop(lengths)
          const page = preview(batch, 2)
          for (const part of parts) {
            const where = formatFilter(part)
            const inFile = seqsOf(opened.inSnapshot(() => filterEvents(opened, { where })))
            // Of callbacks without a record a file that is over says no, one that goes on says that it does not know yet.
            const knows = events.every(({ callback = 0 }) => callback <= lengths.length)
            if (knows)
              expect([where, seqsOf(expectOk(await filterMemory(capture, { where }, 0, notes)))]).toEqual([
                where,
                inFile,
              ])
            const own = compileFilter(part, {
              wholePayloads: false,
              latin1: null,
              notes,
              slow: (is, ms) => (callback) =>
                callback > records.count ? no : compare(is, slownessMs(records, callback - 1), ms) ? yes : no,
            })
            for (let row = 0; row < page.count; row++) {
              const verdict = own(page, row)
              if (verdict !== unknown)
                expect([where, row + 1, verdict]).toEqual([where, row + 1, inFile.includes(row + 1) ? yes : no])
            }
            const from = events.length >> 1
            expect(seqsOf(opened.inSnapshot(() => filterEvents(opened, { where }, from)))).toEqual(
              inFile.filter((seq) => seq >= from),
            )
          }
          opened.close()
        },
      ),
      { numRuns: 25 },
    )
  })

  it('sees whole payloads, of which a page has only the beginning', () => {
    const bytes = Buffer.concat([Buffer.alloc(3000, '.'), Buffer.from('NEEDLE')])
    const path = join(temporaryFolder(), 'long.wireloop')
    const { writer, facts } = newWriter(path)
    const batch = makeBatch(1, [data(1, 1, 'received', 8), { kind: 'data-received', at: 2, data: bytes }])
    facts.events(batch)
    writer.events(batch)
    writer.close()
    const opened = openFile(path)
    for (const where of ['needle', 'hex:4e4545444c45', '/NEED[A-Z]E$/'])
      expect(seqsOf(opened.inSnapshot(() => filterEvents(opened, { where })))).toEqual([2])
    expect(seqsOf(opened.inSnapshot(() => filterEvents(opened, { where: 'not needle' })))).toEqual([1])
  })

  it('tells how far it came where there is much to look at, and goes on from there', () => {
    const path = join(temporaryFolder(), 'much.wireloop')
    const { writer, facts } = newWriter(path)
    for (let part = 0; part < 6; part++) {
      const batch = makeBatch(
        1 + part * 2000,
        Array.from(
          { length: 2000 },
          (_, i): EventSketch => ({ kind: 'data-received', at: part * 2000 + i, data: Buffer.from(`${i}`) }),
        ),
      )
      facts.events(batch)
      writer.events(batch)
      writer.commit()
    }
    writer.close()
    const opened = openFile(path)
    const found: number[] = []
    for (let from = 1; from < opened.nextSeq; ) {
      const result = opened.inSnapshot(() => filterEvents(opened, { where: 'text:77' }, from))
      expect(result.endSeq).toBeGreaterThan(from)
      found.push(...seqsOf(result))
      from = result.endSeq
    }
    const expected = Array.from({ length: 12_000 }, (_, i) => i).filter((i) => `${i % 2000}`.includes('77'))
    expect(found).toEqual(expected.map((i) => i + 1))
  })

  it('gives a regular expression up that does not end', () => {
    // As a regular expression may, that tries every way there is; V8 is told elsewhere in the app to find another one.
    const forever = () => {
      let turns = 0
      while (turns >= 0) turns = (turns + 1) % 1000
      return turns
    }
    expect(() => runAtMost(50, forever)).toThrow(TookTooLong)
    expect(runAtMost(10_000, () => 'ended')).toBe('ended')
    expect(() => runAtMost(10_000, () => JSON.parse('{'))).toThrow(SyntaxError)
    const answer = answerFilter(() =>
      runAtMost(50, () => ({ firstSeq: 1, endSeq: 1, matches: forever(), bits: new Uint8Array(0) })),
    )
    expect(answer).toMatchObject({ ok: false, failure: { code: 'too-slow' } })
  })
})
