// Streams cut into messages, from chunks as they come: every byte is in one message, and every message knows its chunks and
// where it begins. Counterparts: renderer/messages, contract/framing.ts.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Framing } from '../../preload/contract/framing.ts'
import type { ConnectionId } from '../../preload/contract/vocabulary.ts'
import { createEventLog } from '../../renderer/event-log/event-log.ts'
import { createEventReader } from '../../renderer/event-log/reader.ts'
import { createMessages } from '../../renderer/messages/messages.ts'
import { type Message, StreamCutter } from '../../renderer/messages/stream-cutter.ts'
import { type EventSketch, lost, made, makeBatch } from './support/batches.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (data: Uint8Array) => new TextDecoder().decode(data)
const line: Framing = { kind: 'line' }
const roomy = 64 * 1024 * 1024

const cutterOf = (framing: Framing) => new StreamCutter(1 as ConnectionId, 'received', framing)

describe('A stream', () => {
  test('is cut into the same messages however its bytes come', () => {
    const lines = fc.array(fc.stringMatching(/^[a-z]{0,12}$/), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(lines, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 40 }), (all, sizes) => {
        const stream = bytes(all.map((each) => `${each}\n`).join(''))
        const cutter = cutterOf(line)
        const messages: Message[] = []
        const begins: number[] = []
        for (let at = 0, seq = 1; at < stream.length; seq++) {
          const to = Math.min(stream.length, at + sizes[seq % sizes.length]!)
          const chunk = stream.slice(at, to)
          const cut = cutter.push({ seq, at: seq, bytes: chunk, length: chunk.length })
          expect(cut.failure).toBeNull()
          messages.push(...cut.messages)
          begins.push(...cut.starts.map((start) => start + at))
          at = to
        }
        expect(messages.map(({ head }) => text(head))).toEqual(all.map((each) => `${each}\n`))
        let at = 0
        expect(begins).toEqual(
          all.map((each) => {
            const begin = at
            at += each.length + 1
            return begin
          }),
        )
        for (const { seqs, chunks, firstSeq, lastSeq } of messages) {
          expect([seqs[0], seqs.at(-1), seqs.length]).toEqual([firstSeq, lastSeq, chunks])
          expect(lastSeq - firstSeq + 1).toBe(chunks)
        }
        expect(cutter.end()).toBeNull()
      }),
    )
  })

  test('ends with what is left of a message, and says that it is not whole', () => {
    const cutter = cutterOf(line)
    cutter.push({ seq: 5, at: 1, bytes: bytes('a\nrest'), length: 6 })
    expect(cutter.waits).toBe(true)
    expect(cutter.end()).toMatchObject({ firstSeq: 5, size: 4, complete: false })
    expect(cutter.end()).toBeNull()
  })

  test('goes on chunk by chunk where it cannot be cut as it should be', () => {
    const cutter = cutterOf({ kind: 'length', size: 1, endian: 'big', offset: 0, inclusive: true })
    const cut = cutter.push({ seq: 1, at: 1, bytes: Uint8Array.of(0, 1, 2), length: 3 })
    expect(cut.failure?.code).toBe('bad-length')
    expect(cutter.push({ seq: 2, at: 2, bytes: bytes('ab'), length: 2 }).messages).toMatchObject([
      { firstSeq: 2, size: 2 },
    ])
  })
})

describe('The messages of a recording', () => {
  const start = (
    events: readonly EventSketch[],
    framing: (endpoint: number) => Framing,
    whole: ReadonlyMap<number, Uint8Array> = new Map(),
  ) => {
    const log = createEventLog({ limitBytes: roomy })
    log.append(makeBatch(1, events))
    const messages = createMessages({
      log,
      reader: createEventReader(log),
      framingOf: framing,
      isFile: () => false,
      now: () => log.lastAt,
    })
    messages.connect({
      readPayload: async ({ seq }) => ({ ok: true, value: { data: whole.get(seq)!, length: whole.get(seq)!.length } }),
    })
    return { log, messages }
  }
  const settled = async (done: () => boolean) => {
    for (let turn = 0; turn < 5000 && !done(); turn++) await new Promise((resolve) => setTimeout(resolve, 1))
    expect(done()).toBe(true)
  }
  const at = (
    kind: 'data-received' | 'data-sent',
    time: number,
    connection: number,
    data: string,
    endpoint = 1,
  ): EventSketch => ({
    kind,
    at: time,
    connection,
    endpoint,
    data: bytes(data),
  })

  test('are those of each direction of each connection, and one a chunk where nothing is said of framing', async () => {
    const { log, messages } = start(
      [
        made(0, 1),
        made(0, 2),
        at('data-received', 1, 1, 'on'),
        at('data-received', 2, 2, 'two\nthree\n', 1),
        at('data-sent', 3, 1, 'answer\n'),
        at('data-received', 4, 1, 'e\nmore'),
        at('data-received', 5, 3, 'raw\nraw', 2),
        lost(6, 1, 'closed-by-peer'),
      ],
      (endpoint) => (endpoint === 1 ? line : { kind: 'raw' }),
    )
    const letGo = messages.use()
    await settled(() => !messages.store.getState().reading && messages.store.getState().messages.length >= 6)
    const told = messages.store
      .getState()
      .messages.map(({ connection, direction, head, seqs, complete }) => [
        connection,
        direction,
        text(head),
        seqs,
        complete,
      ])
    expect(told).toEqual([
      [2, 'received', 'two\n', [4], true],
      [2, 'received', 'three\n', [4], true],
      [1, 'sent', 'answer\n', [5], true],
      [1, 'received', 'one\n', [3, 6], true],
      [3, 'received', 'raw\nraw', [7], true],
      [1, 'received', 'more', [6], false],
    ])
    expect(messages.startsIn(6)).toEqual([2])
    expect(messages.startsIn(4)).toEqual([0, 4])
    expect(messages.startsIn(7)).toBeNull()
    log.append(makeBatch(9, [at('data-received', 7, 2, 'later\n')]))
    await settled(() => messages.store.getState().messages.length === 7)
    letGo()
  })

  test('are cut from whole payloads where a page has only their beginning', async () => {
    const long = bytes(`${'x'.repeat(400)}\nend\n`)
    const { messages } = start(
      [
        made(0, 1),
        { kind: 'data-received', at: 1, connection: 1, endpoint: 1, data: long.subarray(0, 256), length: long.length },
      ],
      () => line,
      new Map([[2, long]]),
    )
    const letGo = messages.use()
    await settled(() => messages.store.getState().messages.length === 2)
    expect(messages.store.getState().messages.map(({ size }) => size)).toEqual([401, 4])
    letGo()
  })

  test('of an opened file are read from its beginning on', async () => {
    const log = createEventLog({ limitBytes: roomy })
    const reader = createEventReader(log)
    const all = [
      made(0, 1),
      ...Array.from({ length: 300 }, (_, i) => at('data-received', i, 1, i % 2 === 0 ? 'a' : 'b\n')),
    ]
    reader.connect(async ({ fromSeq }) => {
      const from = Math.max(11, fromSeq)
      return { ok: true, value: from >= 311 ? null : makeBatch(from, all.slice(from - 11, from + 40)).buffer }
    })
    // Nothing of it is streamed, and where it begins is told later: its first ten events were dropped.
    log.startAt(312)
    const messages = createMessages({ log, reader, framingOf: () => line, isFile: () => true, now: () => 0 })
    const letGo = messages.use()
    log.setKept({ firstSeq: 11, firstAt: 0, lastAt: 300 })
    await settled(() => messages.store.getState().messages.length === 150)
    expect(messages.store.getState()).toMatchObject({ fromSeq: 11 })
    expect(messages.store.getState().messages[0]).toMatchObject({ firstSeq: 12, lastSeq: 13, chunks: 2, size: 3 })
    letGo()
  })

  test('of a length that stands in front are not guessed at where the beginning of the stream is not known', async () => {
    const length: Framing = { kind: 'length', size: 1, endian: 'big', offset: 0, inclusive: false }
    const { messages } = start([at('data-received', 1, 1, 'abc')], () => length)
    const letGo = messages.use()
    await settled(() => messages.store.getState().messages.length === 1)
    expect(messages.store.getState().messages[0]).toMatchObject({ size: 3, chunks: 1 })
    letGo()
  })
})
