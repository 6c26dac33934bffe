// What matches a filter, in a page that knows only the beginnings of payloads and whose capture answers a stretch at a time;
// chips, what is proposed for them, and what is kept of filters. Counterparts: renderer/event-log/matches.ts and filter.ts,
// workbench/event-table/filter-words.ts, highlights/saved.ts, bookmarks/bookmarks.ts.
import { describe, expect, test } from 'vitest'
import type { EventFilter, FilterResult } from '../../preload/contract/captures.ts'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import { completeFilter } from '../../preload/contract/filter-completion.ts'
import { formatFilter } from '../../preload/contract/filter-format.ts'
import { type FilterPart, parseFilter } from '../../preload/contract/filter-language.ts'
import type { EndpointId } from '../../preload/contract/vocabulary.ts'
import { createBookmarks } from '../../renderer/bookmarks/bookmarks.ts'
import { createEventLog } from '../../renderer/event-log/event-log.ts'
import { chipsOf, createFilter } from '../../renderer/event-log/filter.ts'
import { createMatches, filterOf } from '../../renderer/event-log/matches.ts'
import { readHighlightRules, readSavedFilters } from '../../renderer/highlights/saved.ts'
import { type Offer, offersFor } from '../../renderer/workbench/event-table/filter-words.ts'
import { type EventSketch, makeBatch } from './support/batches.ts'

const roomy = 64 * 1024 * 1024
const part = (text: string): FilterPart => {
  const parsed = parseFilter(text)
  if (!parsed.ok || parsed.part === null) throw new Error(text)
  return parsed.part
}
const settled = async (done: () => boolean) => {
  for (let turn = 0; turn < 5000 && !done(); turn++) await new Promise((resolve) => setTimeout(resolve, 1))
  expect(done()).toBe(true)
}

/** Events that receive these texts, of which the page has the first four bytes. */
const texts = (from: number, all: readonly string[]) =>
  makeBatch(
    from,
    all.map((text, i): EventSketch => {
      const bytes = Buffer.from(text)
      return { kind: 'data-received', at: from + i, connection: 1, data: bytes.subarray(0, 4), length: bytes.length }
    }),
  )

const answer = (fromSeq: number, endSeq: number, seqs: readonly number[]): FilterResult => {
  const bits = new Uint8Array(Math.ceil((endSeq - fromSeq) / 8))
  for (const seq of seqs) bits[(seq - fromSeq) >> 3]! |= 1 << ((seq - fromSeq) & 7)
  return { firstSeq: fromSeq, endSeq, matches: seqs.length, bits }
}

describe('Matches', () => {
  const start = (respond: (args: { filter: EventFilter; fromSeq?: number }) => Result<FilterResult>) => {
    const log = createEventLog({ limitBytes: roomy })
    const asked: { filter: EventFilter; fromSeq?: number }[] = []
    const matches = createMatches(log, {
      ask: () => async (args) => {
        asked.push(args)
        return respond(args)
      },
      notes: () => new Map([[2, 'here']]),
      idsOf: (name) => (name === 'Echo' ? [7 as EndpointId] : []),
    })
    log.subscribe(() => matches.follow())
    const seqs = () => {
      const { index } = matches.store.getState()
      return index === null ? null : Array.from({ length: index.count }, (_, i) => index.select(i))
    }
    return { log, matches, asked, seqs }
  }

  test('are asked of the capture where a preview does not say, and only then', async () => {
    const { log, matches, asked, seqs } = start(({ fromSeq }) =>
      ok(fromSeq === undefined ? answer(1, 5, [2, 3]) : answer(fromSeq, 7, [6])),
    )
    log.append(texts(1, ['ab', 'abx!', 'x', '']))
    matches.set(part('text:x'))
    await settled(() => seqs()?.length === 2)
    expect(asked).toEqual([{ filter: { where: 'text:x' } }])
    // Of these the page knows the first; what the second says beyond its beginning only the capture does.
    log.append(texts(5, ['x!', 'long and x']))
    await settled(() => seqs()?.length === 4)
    expect([seqs(), asked[1]]).toEqual([[2, 3, 5, 6], { filter: { where: 'text:x' }, fromSeq: 6 }])
    expect(asked.length).toBe(2)
    matches.dispose()
  })

  test('come a stretch at a time, with how far they are', async () => {
    const { log, matches, asked, seqs } = start(({ fromSeq = 1 }) =>
      ok(answer(fromSeq, Math.min(11, fromSeq + 4), [fromSeq])),
    )
    log.append(
      texts(
        1,
        Array.from({ length: 10 }, () => 'more than four'),
      ),
    )
    const progress: number[] = []
    matches.store.subscribe((state) => progress.push(state.progress))
    matches.set(part('/y/'))
    await settled(() => !matches.store.getState().reading && matches.store.getState().index !== null)
    expect(asked.map(({ fromSeq }) => fromSeq)).toEqual([undefined, 5, 9])
    expect(seqs()).toEqual([1, 5, 9])
    expect(progress).toEqual([...progress].sort((a, b) => a - b))
    expect(progress.at(-1)).toBe(1)
    matches.dispose()
  })

  test('stay as they were where the capture gives up, and say why', async () => {
    let slow = false
    const { log, matches, seqs } = start(() => (slow ? fail('too-slow', 'It took too long') : ok(answer(1, 3, [1]))))
    log.append(texts(1, ['a', 'b']))
    matches.set(part('a'))
    await settled(() => seqs() !== null)
    slow = true
    matches.set(part('/(a+)+$/'))
    await settled(() => matches.store.getState().failure !== '')
    expect([matches.store.getState().failure, seqs()]).toEqual(['It took too long', [1]])
    matches.dispose()
  })

  test('know bookmarks, and endpoints by their names', async () => {
    const { log, matches, asked, seqs } = start(() => fail('wrong-state', 'Nothing is recorded to a file here'))
    log.append(texts(1, ['a', 'b', 'c']))
    matches.set(part('marked:HERE'))
    await settled(() => seqs()?.length === 1)
    expect(seqs()).toEqual([2])
    matches.set(part('endpoint:Echo size>1'))
    await settled(() => asked.length === 2)
    expect(asked[1]).toEqual({ filter: { endpoints: [7], where: 'size>1' } })
    matches.dispose()
  })

  test('are asked for by index as far as there is one', () => {
    expect(filterOf([part('kind:data-sent conn:3 not conn:4')])).toEqual({
      kinds: ['data-sent'],
      connections: [3],
      where: 'not conn:4',
    })
    expect(filterOf([part('kind:data-sent and kind:eof-sent')])).toEqual({
      kinds: ['data-sent'],
      where: 'kind:eof-sent',
    })
    expect(filterOf([part('kind:data-sent or conn:3')])).toEqual({ where: 'kind:data-sent or conn:3' })
  })
})

describe('Chips', () => {
  test('are one for each part that stands by itself', () => {
    expect(chipsOf('kind:data size>3').map(({ text }) => text)).toEqual(['kind:data-received,data-sent', 'size>3'])
    expect(chipsOf('conn:1 or conn:2 size>3').map(({ text }) => text)).toEqual(['conn:1 or (conn:2 size>3)'])
    expect(chipsOf('/(/')).toMatchObject([{ text: '/(/', part: null, error: { at: 0, end: 3 } }])
  })

  test('that are not understood filter nothing, and leave the others in force', () => {
    const filter = createFilter(createEventLog({ limitBytes: roomy }))
    filter.addText('size>3')
    filter.addText('hex:0')
    const { parts, chips } = filter.store.getState()
    expect([parts.map(formatFilter), chips.length]).toEqual([['size>3'], 2])
    filter.setOnly(true)
    expect(filter.store.getState().only).toBe(true)
    filter.removeAt(0)
    // Nothing is left out where nothing is filtered.
    expect(filter.store.getState()).toMatchObject({ parts: [], only: false })
    filter.reset()
  })
})

describe('What is offered', () => {
  const sources = {
    endpoints: new Map([[1 as EndpointId, 'my relay']]),
    hasConnection: (id: number) => id === 3,
    connections: () => [31, 3],
  }
  const said = (offers: readonly Offer[]) =>
    offers.map((offer) => (offer.type === 'part' ? formatFilter(offer.part) : `${offer.text}…`))

  test('is a field to go on with, a term, or the text itself', () => {
    expect(said(offersFor('siz', sources))).toEqual(['size>…', 'size<…', 'text:siz'])
    expect(said(offersFor('size>4', sources))).toEqual(['size>4'])
    expect(said(offersFor('/a b/', sources))).toEqual(['/a b/'])
    expect(said(offersFor('received', sources)).slice(0, 2)).toEqual(['kind:data-received', 'kind:eof-received'])
    expect(said(offersFor('received', sources)).at(-1)).toBe('text:received')
    expect(said(offersFor('conn:3', sources))).toEqual(['conn:3', 'conn:31'])
    expect(said(offersFor('size>', sources))).toEqual([])
    expect(said(offersFor('conn:3 and dir:', sources))).toEqual(['conn:3 and dir:in …', 'conn:3 and dir:out …'])
  })

  test('takes the place of the word at the cursor', () => {
    const completion = (text: string) =>
      completeFilter(text, text.length, {
        endpoints: ['my relay', 'redis'],
        connections: (digits) => [Number(`${digits}1`)],
      })
    expect(completion('size>3 endpoint:re')).toEqual({
      from: 7,
      to: 18,
      candidates: [
        { text: 'endpoint:"my relay"', complete: true },
        { text: 'endpoint:redis', complete: true },
      ],
    })
    expect(completion('kind:data-sent,eof-s').candidates).toEqual([{ text: 'kind:data-sent,eof-sent', complete: true }])
    expect(completion('conn:2').candidates).toEqual([{ text: 'conn:21', complete: true }])
    expect(completion('text:"a kind:').candidates).toEqual([])
    expect(completion('conn:1 o').candidates.map(({ text }) => text)).toContain('or')
  })
})

describe('What is kept', () => {
  test('of filters and highlights is read as far as it makes sense', () => {
    expect(
      readSavedFilters([{ id: '1', name: 'a', filter: 'conn:1' }, { id: 2 }, { id: '3', name: '', filter: 'x' }]),
    ).toEqual([{ id: '1', name: 'a', filter: 'conn:1' }])
    expect(
      readHighlightRules([
        { id: '1', filter: 'x', colour: 'violet', on: true },
        { id: '2', filter: 'x', colour: 'mauve', on: true },
      ]),
    ).toEqual([{ id: '1', filter: 'x', colour: 'violet', on: true }])
  })

  test('of bookmarks is shown at once, and taken back where it could not be kept', async () => {
    const reported: string[] = []
    const kept = new Map([[9, 'old']])
    let writable = true
    const bookmarks = createBookmarks(({ message }) => reported.push(message))
    bookmarks.connect({
      bookmarks: async () => ok([...kept].map(([seq, note]) => ({ seq, note }))),
      setBookmark: async () => (writable ? ok(null) : fail('unreadable', 'The file is read-only')),
    })
    expect(bookmarks.notes()).toBeNull()
    await bookmarks.read()
    await bookmarks.toggle(3)
    await bookmarks.setNote(3, 'look')
    expect([...bookmarks.store.getState().notes]).toEqual([
      [3, 'look'],
      [9, 'old'],
    ])
    expect([bookmarks.from(3, 1), bookmarks.from(9, 1), bookmarks.from(3, -1), bookmarks.from(null, 1)]).toEqual([
      9, 3, 9, 3,
    ])
    writable = false
    await bookmarks.toggle(3)
    expect([bookmarks.store.getState().notes.get(3), reported]).toEqual(['look', ['The file is read-only']])
  })
})
