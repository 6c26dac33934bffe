// Exports of packets, read by tshark: what it shows is what was sent, and it finds nothing wrong. Counterpart: main/export.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ExportSource } from '../../main/export/source.ts'
import type { Address, Cause, ConnectionId, ConnectionInfo } from '../../preload/contract/vocabulary.ts'
import { data, type EventSketch, lost } from '../renderer/support/batches.ts'
import { call, makeLoopBatch } from '../renderer/support/loop-batches.ts'
import { missing, temporaryFolder } from '../support/peers.ts'
import { exportOf, madeAs, memorySource } from './support/memory-source.ts'
import { follow, packetsOf, streamOf } from './support/tshark.ts'

const server: Address = { host: '127.0.0.1', port: 8888 }
const client = (port: number): Address => ({ host: '127.0.0.1', port })
const text = (words: string) => new TextEncoder().encode(words)
const hex = (words: string) => Buffer.from(words).toString('hex')
/** tshark's words for what it does not have, as it prints them: as hex, with a zero behind. */
const gap = (bytes: number) => hex(`[${bytes} bytes missing in capture file]\0`)

const fileOf = async (source: ExportSource, spec: Parameters<typeof exportOf>[1] = {}) => {
  const file = join(temporaryFolder(), 'export.pcapng')
  const { bytes, counts } = await exportOf(source, spec)
  writeFileSync(file, bytes)
  return { file, counts }
}

const eof = (at: number, connection: number, kind: 'eof-received' | 'eof-sent'): EventSketch => ({
  kind,
  at,
  connection,
})
const accepted = (at: number, connection: number) => madeAs(at, connection, 'in', server, client(50_000 + connection))

/** Question and answer of one accepted connection. */
const talk = (connection: number, cause: Cause): EventSketch[] => [
  accepted(1, connection),
  data(2, connection, 'received', text('GET key\r\n')),
  data(3.25, connection, 'sent', text('VALUE\r\n')),
  ...(cause === 'closed-by-peer' ? [eof(4, connection, 'eof-received')] : []),
  lost(5, connection, cause),
]

describe.skipIf(missing('tshark'))('A pcapng export in tshark', () => {
  it.each(['closed-by-peer', 'closed-here', 'reset-by-peer', 'reset-here', 'timed-out'] as const)(
    'has a connection that was %s with its bytes, its ends and its times',
    async (cause) => {
      const { file, counts } = await fileOf(memorySource([{ events: talk(1, cause) }]))
      const found = await packetsOf(file)
      const { packets } = found
      expect(found.warnings).toEqual([])
      const ends = {
        'closed-by-peer': ['AF', 'AF', 'A'],
        'closed-here': ['AF'],
        'reset-by-peer': ['AR'],
        'reset-here': ['AR'],
        'timed-out': [],
      }[cause]
      expect(packets.map(({ flags }) => flags)).toEqual(['S', 'AS', 'A', 'AP', 'AP', ...ends])
      const last = packets.at(-1)!
      if (cause === 'reset-by-peer') expect([last.from, last.to]).toEqual(['127.0.0.1:50001', '127.0.0.1:8888'])
      if (cause === 'reset-here') expect([last.from, last.to]).toEqual(['127.0.0.1:8888', '127.0.0.1:50001'])
      expect(packets[4]).toMatchObject({ from: '127.0.0.1:8888', to: '127.0.0.1:50001', time: '1700000000.003250000' })
      expect(streamOf(found, 0, '127.0.0.1:50001')).toBe(hex('GET key\r\n'))
      expect(streamOf(found, 0, '127.0.0.1:8888')).toBe(hex('VALUE\r\n'))
      expect(counts).toMatchObject({
        events: talk(1, cause).length,
        packets: packets.length,
        connections: 1,
        payloadBytes: 16,
        missingBytes: 0,
        droppedEvents: 0,
        withoutAddress: 0,
      })
    },
  )

  it('has what is sent after one side has ended its own', async () => {
    const events = [
      accepted(1, 1),
      data(2, 1, 'received', text('all of it')),
      eof(3, 1, 'eof-received'),
      data(4, 1, 'sent', text('the answer')),
      data(5, 1, 'sent', text(', in two')),
      eof(6, 1, 'eof-sent'),
      lost(7, 1, 'closed-by-peer'),
    ]
    const { file } = await fileOf(memorySource([{ events }]))
    const { packets, warnings } = await packetsOf(file)
    expect(warnings).toEqual([])
    expect(packets.map(({ flags }) => flags)).toEqual(['S', 'AS', 'A', 'AP', 'AF', 'AP', 'AP', 'AF', 'A'])
    expect(await follow(file, 0)).toEqual({ first: hex('all of it'), second: hex('the answer, in two') })
  })

  it('has what was refused, and what nobody answered', async () => {
    const started = (connection: number, host: string): EventSketch => ({
      kind: 'connection-started',
      at: connection,
      connection,
      details: { remote: { host, port: 9 }, side: null, pair: null },
    })
    const failed = (connection: number, host: string, cause: Cause): EventSketch => ({
      kind: 'connection-failed',
      at: connection + 0.5,
      connection,
      cause,
      details: { error: { code: 'E', message: '' }, remote: { host, port: 9 } },
    })
    const events = [
      started(1, '127.0.0.1'),
      failed(1, '127.0.0.1', 'refused'),
      started(2, '::1'),
      failed(2, '::1', 'timed-out'),
      started(3, 'no.such.host'),
      failed(3, 'no.such.host', 'name-not-found'),
    ]
    const { file, counts } = await fileOf(memorySource([{ events }]))
    const { packets, warnings } = await packetsOf(file)
    expect(warnings).toEqual([])
    expect(packets.map(({ flags, to }) => `${flags} ${to}`)).toEqual(['S 127.0.0.1:9', 'AR 127.0.0.1:49153', 'S ::1:9'])
    expect(counts.withoutAddress).toBe(1)
  })

  it('has IPv6, and IPv4 in IPv6 as the IPv4 that it is', async () => {
    const six = (host: string, port: number): Address => ({ host, port })
    const events = [
      madeAs(1, 1, 'out', six('fe80::1%lo', 40_000), six('2001:db8::a:0:7', 80)),
      data(2, 1, 'sent', text('six')),
      lost(3, 1, 'closed-here'),
      madeAs(4, 2, 'in', six('::ffff:127.0.0.1', 80), six('::ffff:127.0.0.1', 41_000)),
      data(5, 2, 'received', text('four')),
      lost(6, 2, 'closed-here'),
    ]
    const { file } = await fileOf(memorySource([{ events }]))
    const { packets, warnings } = await packetsOf(file)
    expect(warnings).toEqual([])
    expect(packets[0]).toMatchObject({ from: 'fe80::1:40000', to: '2001:db8::a:0:7:80', flags: 'S' })
    expect(packets.find(({ payload }) => payload === hex('four'))).toMatchObject({ from: '127.0.0.1:41000' })
  })

  it('cuts large chunks into packets, and goes on past the last of the sequence numbers', async () => {
    const large = Uint8Array.from({ length: 3_000_001 }, (_, i) => (i * 7 + (i >> 8)) & 0xff)
    // Numbers begin with the connection's id, spread over 32 bits: this one's begin right below the last of them.
    const id = Array.from({ length: 10_000 }, (_, i) => i + 1).find(
      (each) => Math.imul(each, 2_654_435_761) >>> 0 > 2 ** 32 - 2_000_000,
    )!
    const events = [
      accepted(1, id),
      data(2, id, 'received', large),
      data(3, id, 'sent', large),
      lost(4, id, 'closed-here'),
    ]
    const { file } = await fileOf(memorySource([{ events }]))
    const found = await packetsOf(file)
    expect(found.warnings).toEqual([])
    // Compared as one: a difference of six million digits helps nobody.
    const whole = Buffer.from(large).toString('hex')
    const both = await follow(file, 0)
    expect(both.first === whole && both.second === whole).toBe(true)
    const payloads = found.packets.filter(({ payload }) => payload !== '')
    expect(payloads.filter(({ flags }) => flags === 'AP')).toHaveLength(2)
    const numbers = payloads.filter(({ to }) => to === '127.0.0.1:8888').map(({ number }) => number)
    expect(numbers.filter((number, i) => i > 0 && number < numbers[i - 1]!)).toHaveLength(1)
    expect(Math.max(...payloads.map(({ payload }) => payload.length / 2))).toBe(65_495)
  })

  it('shows what a snap length has cut off as missing', async () => {
    const events: EventSketch[] = [
      accepted(1, 1),
      { ...data(2, 1, 'received', text('begin')), length: 100 },
      data(3, 1, 'sent', text('ok')),
      data(4, 1, 'received', text('more')),
      { ...data(5, 1, 'received', new Uint8Array(0)), length: 200_000 },
      lost(6, 1, 'closed-here'),
    ]
    const { file, counts } = await fileOf(memorySource([{ events }]))
    expect(counts.missingBytes).toBe(95 + 200_000)
    const { first, second } = await follow(file, 0)
    expect(first).toBe(`${hex('begin')}${gap(95)}${hex('more')}`)
    expect(second).toBe(hex('ok'))
  })

  it('leaves what dropped events had out of the numbers, where the gap was', async () => {
    const runs = [
      { events: [accepted(1, 1), data(2, 1, 'received', text('before'))] },
      {
        gap: 3,
        events: [data(9, 1, 'received', text('after')), eof(10, 1, 'eof-received'), lost(11, 1, 'closed-by-peer')],
      },
    ]
    const facts = (info: ConnectionInfo) => ({
      ...info,
      traffic: { bytesReceived: 111, bytesSent: 40, messagesReceived: 5, messagesSent: 1 },
    })
    const { file, counts } = await fileOf(memorySource(runs, { facts }))
    expect(counts).toMatchObject({ droppedEvents: 3, missingBytes: 111 - 11 + 40 })
    expect((await follow(file, 0)).first).toBe(`${hex('before')}${gap(100)}${hex('after')}`)
    const { packets, warnings } = await packetsOf(file)
    expect(warnings.some((words) => words.includes('Previous segment'))).toBe(true)
    expect(packets.find(({ payload }) => payload === hex('after'))!.comments).toContain(
      '100 bytes received before this are not in the capture',
    )
  })

  it('begins a connection whose beginning was dropped with what is known of it', async () => {
    const runs = [{ gap: 50, events: [data(900, 1, 'received', text('late')), lost(901, 1, 'closed-here')] }]
    const facts = (info: ConnectionInfo) => ({
      ...info,
      local: server,
      remote: client(50_001),
      startedAt: 5,
      madeAt: 5,
      traffic: { bytesReceived: 1004, bytesSent: 0, messagesReceived: 9, messagesSent: 0 },
    })
    const { file, counts } = await fileOf(memorySource(runs, { facts }))
    expect(counts).toMatchObject({ droppedEvents: 50, missingBytes: 1000 })
    const { packets } = await packetsOf(file)
    expect(packets.slice(0, 3).map(({ flags, time }) => `${flags} ${time}`)).toEqual([
      'S 1700000000.005000000',
      'AS 1700000000.005000000',
      'A 1700000000.005000000',
    ])
    expect((await follow(file, 0)).first).toBe(`${gap(1000)}${hex('late')}`)
  })

  it('has connections once whose both ends are ours, from the side that made them, and the accepted side where it is asked for', async () => {
    const events: EventSketch[] = [
      accepted(1, 1),
      madeAs(1.5, 2, 'out', client(50_001), server, 2),
      { ...data(2, 2, 'sent', text('ping')), endpoint: 2 },
      data(3, 1, 'received', text('ping')),
      data(4, 1, 'sent', text('pong')),
      { ...data(5, 2, 'received', text('pong')), endpoint: 2 },
      { ...lost(6, 2, 'closed-here'), endpoint: 2 },
      eof(7, 1, 'eof-received'),
      lost(8, 1, 'closed-by-peer'),
      // The same port again, by somebody else: no twin of theirs.
      accepted(100, 3),
      data(101, 3, 'received', text('alone')),
      lost(102, 3, 'closed-here'),
    ]
    const source = memorySource([{ events }])
    const { file, counts } = await fileOf(source)
    const found = await packetsOf(file)
    expect(found.warnings).toEqual([])
    expect(counts).toMatchObject({ connections: 2, twins: 1 })
    expect([streamOf(found, 0, '127.0.0.1:50001'), streamOf(found, 0, '127.0.0.1:8888')]).toEqual([
      hex('ping'),
      hex('pong'),
    ])
    expect(streamOf(found, 1, '127.0.0.1:50003')).toBe(hex('alone'))
    expect(new Set(found.packets.filter(({ stream }) => stream === 0).map((each) => each.interface))).toEqual(
      new Set(['endpoint 2']),
    )
    const one = await fileOf(source, { filter: { connections: [1 as ConnectionId] } })
    expect(one.counts).toMatchObject({ connections: 1, twins: 0 })
    const side = await packetsOf(one.file)
    expect([streamOf(side, 0, '127.0.0.1:50001'), streamOf(side, 0, '127.0.0.1:8888')]).toEqual([
      hex('ping'),
      hex('pong'),
    ])
  })

  it('says beside the packets which event they are of, what faults did, why it ended, and what a person noted', async () => {
    const events: EventSketch[] = [
      { ...accepted(1, 1), iteration: 7 },
      { ...data(2, 1, 'received', text('x')), iteration: 8, callback: 3 },
      {
        kind: 'fault-applied',
        at: 2.5,
        connection: 1,
        details: { fault: 'slow', action: 'latency', flow: 'upstream', chunk: 2, effect: { delayedMs: 132 } },
      },
      { kind: 'writing-paused', at: 3, connection: 1, details: { bufferedBytes: 10, highWaterBytes: 5 } },
      lost(4, 1, 'reset-by-peer'),
    ]
    const loop = makeLoopBatch(1, [call(3, 8, 'poll', 1.9, 2.1, { firstSeq: 2, seqCount: 1 })])
    const { file } = await fileOf(memorySource([{ events }], { loop, notes: { 2: 'look here' } }))
    const { packets } = await packetsOf(file)
    const chunk = packets.find(({ payload }) => payload !== '')!
    for (const words of [
      'event 2 data-received',
      'iteration 8',
      'callback 3 in poll',
      'event 3 fault-applied',
      '"delayedMs":132',
      'look here',
    ])
      expect(chunk.comments).toContain(words)
    for (const words of ['event 4 writing-paused', 'event 5 connection-lost', 'reset-by-peer'])
      expect(packets.at(-1)!.comments).toContain(words)
    const { file: plain } = await fileOf(memorySource([{ events }]), { comments: false })
    expect((await packetsOf(plain)).packets.map(({ comments }) => comments).join('')).toBe('')
  })
})
