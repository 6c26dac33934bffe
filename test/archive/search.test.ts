// A search finds what is there: in chunks, across them, in bytes that two events share. Counterparts: main/archive/search.ts,
// search-pattern.ts, search-streams.ts.
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSearch } from '../../main/archive/search.ts'
import { maxMatches } from '../../main/archive/search-finder.ts'
import { compilePattern } from '../../main/archive/search-pattern.ts'
import type { EventFilter, SearchSpec } from '../../preload/contract/captures.ts'
import type { ConnectionId } from '../../preload/contract/vocabulary.ts'
import { data, type EventSketch } from '../renderer/support/batches.ts'
import { type BatchSketch, newWriter, openFile, type Row, temporaryFolder, writeBatches } from './support/captures.ts'

type Found = [seq: number, offset: number, length: number]

const spec = (pattern: string, parts: Partial<SearchSpec> = {}): SearchSpec => ({
  pattern,
  notation: 'text',
  ignoreCase: false,
  filter: {},
  ...parts,
})

const searchFile = (path: string, wanted: SearchSpec): { found: Found[]; truncated: boolean } => {
  const file = openFile(path)
  const pattern = compilePattern(wanted)
  if (!pattern.ok) throw new Error(pattern.failure.message)
  const search = createSearch(file, wanted, pattern.value)
  const found: Found[] = []
  let last = search.take()
  for (let more = true; more; ) {
    more = search.step()
    last = search.take()
    for (let i = 0; i < last.seqs.length; i++) found.push([last.seqs[i]!, last.offsets[i]!, last.lengths[i]!])
  }
  expect(last).toMatchObject({ done: true, scannedBytes: last.truncated ? expect.any(Number) : last.totalBytes })
  file.close()
  return { found: found.sort(([a, b], [c, d]) => a - c || b - d), truncated: last.truncated }
}

let files = 0
const written = (folder: string, batches: readonly BatchSketch[]): { path: string; rows: Row[] } => {
  const path = join(folder, `${++files}.wireloop`)
  const pen = newWriter(path)
  const rows = writeBatches(pen, batches, (index) => index % 2 === 0)
  pen.writer.close()
  return { path, rows }
}

const text = (letters: string) => Uint8Array.from(letters, (letter) => letter.charCodeAt(0))
const batches = (...events: EventSketch[][]): BatchSketch[] => events.map((list) => ({ gap: 0, events: list }))

/** Matches of bytes, `?` for any, by looking at every place of every stream. */
const bruteForce = (rows: readonly Row[], pattern: string, filter: EventFilter = {}): Found[] => {
  const found: Found[] = []
  const streams = new Map<string, { bytes: string; places: [number, number][] }>()
  let next = rows[0]?.seq ?? 0
  const look = ({ bytes, places }: { bytes: string; places: [number, number][] }) => {
    for (let at = 0; at + pattern.length <= bytes.length; at++)
      if ([...pattern].every((letter, i) => letter === '?' || letter === bytes[at + i]))
        found.push([...places[at]!, pattern.length])
  }
  const end = (name: string) => {
    const stream = streams.get(name)
    if (stream !== undefined) look(stream)
    streams.delete(name)
  }
  for (const row of rows) {
    if (row.seq !== next) for (const name of [...streams.keys()]) end(name)
    next = row.seq + 1
    if (!row.kind.startsWith('data-')) continue
    if (!(filter.connections?.includes(row.connection as ConnectionId) ?? true)) continue
    const name = `${row.connection} ${row.kind}`
    const stream = streams.get(name) ?? { bytes: '', places: [] }
    streams.set(name, stream)
    for (let i = 0; i < row.bytes.length; i++) stream.places.push([row.seq, i])
    stream.bytes += row.bytes
    if (row.bytes.length < row.length) end(name)
  }
  for (const name of [...streams.keys()]) end(name)
  return found.sort(([a, b], [c, d]) => a - c || b - d)
}

/** Chunks of few letters: whatever is looked for is there often, and mostly across their borders. */
const traffic: fc.Arbitrary<BatchSketch[]> = fc
  .array(
    fc.record({
      gap: fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(2) }),
      events: fc.array(
        fc.record({
          connection: fc.integer({ min: 1, max: 3 }),
          way: fc.constantFrom('received', 'sent', 'again'),
          letters: fc.array(fc.constantFrom('a', 'b', 'A'), { maxLength: 6 }),
          cut: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(3) }),
        }),
        { minLength: 1, maxLength: 10 },
      ),
    }),
    { maxLength: 30, size: 'max' },
  )
  .map((list) =>
    list.map(({ gap, events }) => {
      let last = text('ab')
      return {
        gap,
        events: events.map(({ connection, way, letters, cut }, at): EventSketch => {
          if (way !== 'again') last = text(letters.join(''))
          const way_ = way === 'again' ? 'sent' : way
          return { ...data(at, connection, way_, last), endpoint: 1, length: last.length + cut }
        }),
      }
    }),
  )

describe('A search for bytes', () => {
  it('finds every place, in chunks and across their borders, that a look at each place of each stream finds', () => {
    const folder = temporaryFolder()
    const patterns = fc
      .array(fc.constantFrom('a', 'b', 'A', '?'), { minLength: 1, maxLength: 7 })
      .filter((letters) => letters.some((letter) => letter !== '?'))
      .map((letters) => letters.join(''))
    fc.assert(
      fc.property(traffic, fc.array(patterns, { minLength: 1, maxLength: 6 }), (sketches, wanted) => {
        const { path, rows } = written(folder, sketches)
        for (const pattern of wanted) {
          const hex = [...pattern]
            .map((letter) => (letter === '?' ? '??' : Buffer.from(letter).toString('hex')))
            .join(' ')
          expect(searchFile(path, spec(hex, { notation: 'hex' })).found).toEqual(bruteForce(rows, pattern))
          const filter = { connections: [2 as ConnectionId] }
          expect(searchFile(path, spec(hex, { notation: 'hex', filter })).found).toEqual(
            bruteForce(rows, pattern, filter),
          )
          const lower = rows.map((row) => ({ ...row, bytes: row.bytes.toLowerCase() }))
          expect(searchFile(path, spec(hex, { notation: 'hex', ignoreCase: true })).found).toEqual(
            bruteForce(lower, pattern.toLowerCase()),
          )
        }
      }),
      { numRuns: 25 },
    )
  })

  it('finds bytes that were received and sent again in both events, and what lies in details in none', () => {
    const chunk = text('Hello World!')
    const { path } = written(
      temporaryFolder(),
      batches([
        {
          kind: 'listener-failed',
          at: 0,
          details: { error: { code: 'World', message: 'World' }, local: { host: 'World', port: 1 } },
        },
        data(1, 1, 'received', chunk),
        data(2, 1, 'sent', chunk),
      ]),
    )
    expect(searchFile(path, spec('World')).found).toEqual([
      [2, 6, 5],
      [3, 6, 5],
    ])
  })

  it('finds a match over several chunks, segments and other connections’ chunks, and not over what is missing', () => {
    const parts = [...'Hello World!'].map((letter, i) => [
      data(i, 1, 'received', text(letter)),
      data(i, 2, 'received', text('x')),
    ])
    const { path } = written(temporaryFolder(), [
      ...batches(...parts),
      { gap: 0, events: [data(20, 1, 'sent', text('Hello W'))] },
      { gap: 3, events: [data(21, 1, 'sent', text('orld!'))] },
    ])
    expect(searchFile(path, spec('Hello World!')).found).toEqual([[1, 0, 12]])
    expect(searchFile(path, spec('lo Wo')).found).toEqual([[7, 0, 5]])
  })

  it('takes text as UTF-8', () => {
    const { path } = written(temporaryFolder(), batches([data(1, 1, 'sent', new TextEncoder().encode('für 5 €'))]))
    expect(searchFile(path, spec('ür 5 €')).found).toEqual([[1, 1, 9]])
  })

  it('ends early, and says so, where there are more matches than anybody looks through', () => {
    const { path } = written(temporaryFolder(), batches([data(1, 1, 'sent', new Uint8Array(maxMatches + 10).fill(97))]))
    const { found, truncated } = searchFile(path, spec('a'))
    expect([found.length, truncated]).toEqual([maxMatches, true])
  })
})

describe('A search by a regular expression', () => {
  it('finds matches within and across chunks, once each', () => {
    const { path } = written(
      temporaryFolder(),
      batches(
        [data(1, 1, 'received', text('GET /in')), data(2, 2, 'received', text('GET /other HTTP/1.1\n'))],
        [data(3, 1, 'received', text('dex.html HTTP/1.1\r\nHost: a\r\n'))],
        [data(4, 1, 'received', text('\r\nGET /two HTTP/1.0'))],
      ),
    )
    expect(searchFile(path, spec('GET /\\w+', { notation: 'regex' })).found).toEqual([
      [1, 0, 10],
      [2, 0, 10],
      [4, 2, 8],
    ])
    expect(searchFile(path, spec('get .*?http/1', { notation: 'regex', ignoreCase: true })).found).toEqual([
      [1, 0, 22],
      [2, 0, 17],
      [4, 2, 15],
    ])
  })

  it('finds what a byte search finds, of patterns of one length that do not overlap themselves', () => {
    const folder = temporaryFolder()
    fc.assert(
      fc.property(traffic, (sketches) => {
        const { path } = written(folder, sketches)
        for (const pattern of ['ab', 'aab', 'bA'])
          expect(searchFile(path, spec(pattern, { notation: 'regex' })).found).toEqual(
            searchFile(path, spec(pattern)).found,
          )
      }),
      { numRuns: 15 },
    )
  })
})

describe('A pattern that is none', () => {
  it.each([
    ['hex', '4', /pairs of hex digits/],
    ['hex', '4g', /pairs of hex digits/],
    ['hex', '?? ??', /matches everywhere/],
    ['regex', '(', /Unterminated group|Invalid regular expression/],
  ] as const)('is refused in words: %s “%s”', (notation, pattern, message) => {
    const compiled = compilePattern(spec(pattern, { notation }))
    expect(compiled).toMatchObject({
      ok: false,
      failure: { code: 'bad-argument', path: 'search.pattern', message: expect.stringMatching(message) },
    })
  })
})
