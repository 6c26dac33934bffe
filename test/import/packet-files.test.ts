// Packet captures of every kind that is read, made by hand byte by byte, and files that are none: a clear report, as far as they
// are whole. Counterpart: main/import.
import { existsSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openFileSource } from '../../main/export/file-source.ts'
import { chunksOf } from '../../main/export/streams.ts'
import { createFlows } from '../../main/import/flows.ts'
import { createImporter } from '../../main/import/importer.ts'
import { readTcp } from '../../main/import/layers.ts'
import { createPacketFile, maxInterfaces, toldPackets } from '../../main/import/packet-file.ts'
import { exportOf, madeAs, memorySource } from '../export/support/memory-source.ts'
import { data, lost } from '../renderer/support/batches.ts'
import { expectOk } from '../support/engine.ts'
import { temporaryFolder } from '../support/peers.ts'

const server = { host: '127.0.0.1', port: 80 }
const client = { host: '127.0.0.1', port: 50_000 }

/** Packets of one connection, as our own export writes them. */
const exported = async (host = '127.0.0.1'): Promise<Buffer> => {
  const at = (address: typeof server) => ({ ...address, host })
  const events = [
    madeAs(1, 1, 'out', at(client), at(server)),
    data(2, 1, 'sent', Buffer.from('hello')),
    data(3, 1, 'received', Buffer.from('world')),
    { kind: 'eof-received' as const, at: 4, connection: 1 },
    lost(5, 1, 'closed-by-peer'),
  ]
  return Buffer.from((await exportOf(memorySource([{ events }]), { comments: false })).bytes)
}

/** The Ethernet frames of a pcapng file. */
const framesOf = (file: Buffer): Buffer[] =>
  [...createPacketFile().push(file)].map((packet) => Buffer.from(packet.data))

const le32 = (...numbers: number[]) => {
  const bytes = Buffer.alloc(numbers.length * 4)
  for (const [i, number] of numbers.entries()) bytes.writeUInt32LE(number >>> 0, i * 4)
  return bytes
}
const swapped = (bytes: Buffer) => Buffer.from(bytes).swap32()

/** A classic file of frames with another link layer before their IP packets. */
const pcap = (linkType: number, before: Buffer, frames: readonly Buffer[], magic = 0xa1b2c3d4, big = false): Buffer => {
  const turn = big ? swapped : (bytes: Buffer) => bytes
  const header = Buffer.concat([
    turn(le32(magic)),
    Buffer.from(big ? [0, 2, 0, 4] : [2, 0, 4, 0]),
    turn(le32(0, 0, 65_535, linkType)),
  ])
  const records = frames.flatMap((frame, i) => {
    const packet = Buffer.concat([before, frame.subarray(14)])
    return [turn(le32(1_700_000_000, i * 1000, packet.length, packet.length)), packet]
  })
  return Buffer.concat([header, ...records])
}

const imported = async (file: Uint8Array, pieceBytes = file.length) => {
  const path = join(temporaryFolder(), 'imported.wireloop')
  const importer = createImporter(path)
  for (let at = 0; at < file.length; at += Math.max(1, pieceBytes)) importer.push(file.subarray(at, at + pieceBytes))
  const summary = importer.end()
  if (!summary.ok) return { failure: summary.failure, path }
  const source = expectOk(await openFileSource(path))
  const streams = { local: '', remote: '' }
  for await (const { from, data: bytes } of chunksOf(source, () => true, 'both'))
    streams[from] += Buffer.from(bytes).toString('latin1')
  const connections = await source.connections(1 as never, 10)
  const endpoints = source.endpoints
  source.close()
  return { summary: summary.value, streams, connections, endpoints, path }
}

describe.skipIf(!isBuiltin('node:sqlite'))('An import', () => {
  it('has the connections of our own export as the side saw them that made them', async () => {
    const { summary, streams, connections, endpoints } = await imported(await exported())
    expect(summary).toMatchObject({ connections: 1, payloadBytes: 10, missingBytes: 0, repeatedBytes: 0, problems: [] })
    expect(streams).toEqual({ local: 'hello', remote: 'world' })
    expect(connections).toMatchObject([
      {
        direction: 'out',
        local: client,
        remote: server,
        state: 'lost',
        cause: 'closed-by-peer',
        startedAt: 0,
        madeAt: 0,
      },
    ])
    expect(endpoints).toMatchObject([
      { spec: { role: 'client', name: '127.0.0.1:80' }, state: 'stopped', connectionsTotal: 1 },
    ])
  })

  it('is the same in whatever pieces the file comes', async () => {
    const file = await exported('::1')
    for (const pieceBytes of [1, 7, 333]) {
      const { streams } = await imported(file, pieceBytes)
      expect(streams).toEqual({ local: 'hello', remote: 'world' })
    }
  })

  const sll = Buffer.from([0, 0, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0])
  const sll2 = Buffer.from([8, 0, 0, 0, 0, 0, 0, 1, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0])
  const vlan = Buffer.from([0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 0x81, 0, 0, 7, 8, 0])
  it.each([
    { name: 'Ethernet with a VLAN tag', linkType: 1, before: vlan },
    { name: 'loopback of the host’s byte order', linkType: 0, before: Buffer.from([2, 0, 0, 0]) },
    { name: 'OpenBSD loopback', linkType: 108, before: Buffer.from([0, 0, 0, 2]) },
    { name: 'raw IP', linkType: 101, before: Buffer.alloc(0) },
    { name: 'Linux cooked', linkType: 113, before: sll },
    { name: 'Linux cooked, version 2', linkType: 276, before: sll2 },
  ])('reads classic pcap of $name, in both byte orders, in µs and ns', async ({ linkType, before }) => {
    const frames = framesOf(await exported())
    for (const magic of [0xa1b2c3d4, 0xa1b23c4d])
      for (const big of [false, true]) {
        const { summary, streams } = await imported(pcap(linkType, before, frames, magic, big))
        expect(summary).toMatchObject({ connections: 1, passedOver: 0, problems: [] })
        expect(streams).toEqual({ local: 'hello', remote: 'world' })
      }
  })

  it('has a connection whose beginning is not in the file, and one whose middle is not', async () => {
    const frames = framesOf(await exported())
    const midway = await imported(pcap(1, frames[0]!.subarray(0, 14), frames.slice(3)))
    expect(midway.streams).toEqual({ local: 'hello', remote: 'world' })
    expect(midway.connections).toMatchObject([{ local: client, remote: server, madeAt: null, cause: 'closed-by-peer' }])

    const holed = await imported(
      pcap(
        1,
        frames[0]!.subarray(0, 14),
        frames.filter((_, i) => i !== 3),
      ),
    )
    expect(holed.streams).toEqual({ local: '', remote: 'world' })
    expect(holed.summary).toMatchObject({ payloadBytes: 10, missingBytes: 5 })
  })

  it('tells of refused connections, and of those that nobody answered', async () => {
    const failed = (connection: number, host: string, cause: 'refused' | 'timed-out') => [
      {
        kind: 'connection-started' as const,
        at: 1,
        connection,
        details: { remote: { host, port: 9 }, side: null, pair: null },
      },
      {
        kind: 'connection-failed' as const,
        at: 2,
        connection,
        cause,
        details: { error: { code: 'E', message: '' }, remote: { host, port: 9 } },
      },
    ]
    const events = [...failed(1, '127.0.0.1', 'refused'), ...failed(2, '127.0.0.2', 'timed-out')]
    const { connections } = await imported((await exportOf(memorySource([{ events }]))).bytes)
    expect(connections).toMatchObject([
      { state: 'failed', cause: 'refused', remote: { host: '127.0.0.1', port: 9 } },
      { state: 'connecting', endedAt: null, remote: { host: '127.0.0.2', port: 9 } },
    ])
  })

  it('reads a file that was cut off as far as it is whole, and says so', async () => {
    const file = await exported()
    const { summary, streams } = await imported(file.subarray(0, file.length - 30))
    expect(streams).toEqual({ local: 'hello', remote: 'world' })
    expect(summary?.problems).toEqual([
      expect.stringMatching(/^The file ends within a packet at byte \d+; it was read up to there$/),
    ])
  })

  it.each([
    { name: 'nothing', file: '', says: /The file is empty/ },
    { name: 'a text', file: 'GET / HTTP/1.1\r\n\r\n and more of the same', says: /neither pcapng nor pcap/ },
    { name: 'a compressed file', file: '\x1f\x8b\x08\x00 and more', says: /compressed.*gunzip/ },
    {
      name: 'a block of four gigabytes',
      file: '\n\r\r\n\xff\xff\xff\xff\x4d\x3c\x2b\x1a',
      says: /A block says that it has 4294967295 bytes/,
    },
  ])('refuses $name with a sentence, and leaves no file', async ({ file, says }) => {
    const { failure, path } = await imported(Buffer.from(file, 'latin1'))
    expect(failure).toMatchObject({ code: 'not-packets', message: expect.stringMatching(says) })
    expect(existsSync(path)).toBe(false)
  })

  /** A block of pcapng. */
  const block = (type: number, body: Buffer) =>
    Buffer.concat([le32(type, body.length + 12), body, le32(body.length + 12)])
  const section = block(0x0a0d0d0a, Buffer.concat([le32(0x1a2b3c4d, 1), le32(-1, -1)]))
  /** Packets without bytes, of the interface and the time (two numbers of 32 bits) that are said. */
  const empty = (of: number, high = 0, low = 0) => block(6, le32(of, high, low, 0, 0))

  it('tells of the first packets that are wrong, and then of how many there are', () => {
    const packets = createPacketFile()
    const file = Buffer.concat([section, ...Array.from({ length: toldPackets + 7 }, () => empty(5))])
    expect([...packets.push(file)]).toEqual([])
    packets.end()
    expect(packets.problems).toHaveLength(toldPackets + 1)
    expect(packets.problems.at(-1)).toBe('7 more packets are wrong')
  })

  it('believes no section of more interfaces than anybody has', () => {
    const packets = createPacketFile()
    const ethernet = block(1, le32(1, 0))
    const file = Buffer.concat([section, ...Array.from({ length: maxInterfaces + 1 }, () => ethernet), empty(0)])
    expect([...packets.push(file)]).toEqual([])
    expect(packets.problems).toEqual([expect.stringMatching(/^A section has more than \d+ interfaces at byte \d+/)])
  })

  it('gives a packet whose time is none that of the packet before it, and says so', () => {
    const packets = createPacketFile()
    // Its times are so many seconds after 1970 than no date is.
    const offset = Buffer.alloc(8)
    offset.writeBigInt64LE(2n ** 62n)
    const far = block(1, Buffer.concat([le32(1, 0), Buffer.from([14, 0, 8, 0]), offset, le32(0)]))
    const file = Buffer.concat([section, block(1, le32(1, 0)), far, empty(0, 0, 5), empty(1, 0, 9)])
    expect([...packets.push(file)].map(({ timeNs }) => timeNs)).toEqual([5000n, 5000n])
    expect(packets.problems).toEqual([expect.stringMatching(/^The time of a packet at byte \d+ is no time/)])
  })

  it('survives whatever is written over a file', async () => {
    const file = await exported()
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(file.length - 1), fc.nat(255)), { minLength: 1, maxLength: 20 }),
        (changes) => {
          const damaged = Buffer.from(file)
          for (const [at, byte] of changes) damaged[at] = byte
          const packets = createPacketFile()
          for (const packet of packets.push(damaged)) expect(packet.data.length).toBeLessThanOrEqual(damaged.length)
          packets.end()
        },
      ),
    )
  })

  it('tells of every connection in the order of its life, whatever is written over packets', async () => {
    const frames = framesOf(await exported())
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(frames.length - 1), fc.integer({ min: 12, max: 60 }), fc.nat(255)), { maxLength: 6 }),
        (changes) => {
          const damaged = frames.map((frame) => Buffer.from(frame))
          for (const [which, at, byte] of changes) if (at < damaged[which]!.length) damaged[which]![at] = byte
          /** Those that have been told of, and not of their end. */
          const open = new Set<number>()
          const known = (id: number) => expect(open.has(id)).toBe(true)
          const ends = (id: number) => {
            known(id)
            open.delete(id)
          }
          const flows = createFlows({
            opened: (id) => open.add(id),
            made: known,
            data: known,
            end: known,
            failed: ends,
            lost: ends,
          })
          for (const [i, frame] of damaged.entries()) {
            const tcp = readTcp({ linkType: 1, timeNs: 0n, data: frame })
            if (tcp !== null) flows.take(tcp, i)
          }
          flows.end()
        },
      ),
      { numRuns: 500 },
    )
  })

  it('stands whatever is written over packets', async () => {
    const frames = framesOf(await exported())
    const folder = temporaryFolder()
    let number = 0
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(frames.length - 1), fc.nat(70), fc.nat(255)), { maxLength: 12 }),
        (changes) => {
          const damaged = frames.map((frame) => Buffer.from(frame))
          for (const [which, at, byte] of changes) if (at < damaged[which]!.length) damaged[which]![at] = byte
          const importer = createImporter(join(folder, `${++number}.wireloop`))
          importer.push(pcap(1, damaged[0]!.subarray(0, 14), damaged))
          importer.end()
        },
      ),
      { numRuns: 10 },
    )
  })
})
