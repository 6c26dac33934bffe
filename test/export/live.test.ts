// Exports of real traffic: what tshark reads out of the packets is what the connections carried, and what dumpcap saw on the
// loopback interface meanwhile. Counterparts: main/export, main/import.
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openFileSource } from '../../main/export/file-source.ts'
import type { ExportSource } from '../../main/export/source.ts'
import { chunksOf } from '../../main/export/streams.ts'
import { openViewSource, type ViewSource } from '../../main/export/view-source.ts'
import { importPacketFile } from '../../main/import/importer.ts'
import { liveSource } from '../../main/page-source.ts'
import { expectOk, startWorkbench } from '../support/engine.ts'
import { until } from '../support/loopback.ts'
import { eventually, missing, peer, temporaryFolder } from '../support/peers.ts'
import { exportOf } from './support/memory-source.ts'
import { type Findings, follow, packetsOf, tshark } from './support/tshark.ts'

/** `client port and direction` → bytes as hex, of what a capture has recorded. */
const recordedStreams = async (source: ExportSource, clientIsRemote: boolean): Promise<Map<string, string>> => {
  const portOf = new Map<number, number>()
  for (const info of await source.connections(1 as never, 10_000))
    portOf.set(info.id, (clientIsRemote ? info.remote : info.local)!.port)
  const streams = new Map<string, string>()
  for await (const { connection, from, data } of chunksOf(source, () => true, 'both')) {
    const toServer = (from === 'remote') === clientIsRemote
    const key = `${portOf.get(connection)} ${toServer ? 'to' : 'from'} server`
    streams.set(key, (streams.get(key) ?? '') + Buffer.from(data).toString('hex'))
  }
  return streams
}

/** The same out of packets, in the order of the file. */
const packetStreams = ({ packets }: Pick<Findings, 'packets'>, serverPort: number): Map<string, string> => {
  const streams = new Map<string, string>()
  for (const { from, to, payload } of packets) {
    if (payload === '') continue
    const toServer = to.endsWith(`:${serverPort}`)
    const port = (toServer ? from : to).split(':').at(-1)
    const key = `${port} ${toServer ? 'to' : 'from'} server`
    streams.set(key, (streams.get(key) ?? '') + payload)
  }
  return streams
}

const sorted = (streams: Map<string, string>) => [...streams].sort(([a], [b]) => (a < b ? -1 : 1))

const opened = (port: number): Promise<Socket> => {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true })
  return once(socket, 'connect').then(() => socket)
}

const closed = (socket: Socket) => (socket.closed ? Promise.resolve() : once(socket, 'close'))

/** One connection of each kind of ending, by its number; all of them have an answer first. */
const talk = async (socket: Socket, number: number): Promise<void> => {
  socket.on('error', () => {})
  const question = Buffer.from(`question ${number} ${'x'.repeat(number % 97)}`)
  let answered = 0
  const answer = new Promise<void>((resolve) => {
    socket.on('data', (data) => {
      answered += data.length
      if (answered >= question.length) resolve()
    })
  })
  socket.write(question)
  await answer
  if (number % 3 === 0) socket.resetAndDestroy()
  else {
    if (number % 3 === 1) socket.end('and one more word')
    else socket.end()
    if (number % 3 === 1) socket.on('end', () => socket.destroy())
    else socket.destroySoon()
  }
  await closed(socket)
}

const fileOf = async (source: ViewSource) => {
  const file = join(temporaryFolder(), 'live.pcapng')
  const { bytes, counts } = await exportOf(source)
  writeFileSync(file, bytes)
  return { file, counts }
}

describe.skipIf(missing('tshark') || !isBuiltin('node:sqlite'))('An export of live traffic', () => {
  it('has a thousand connections at once, with half-closes and resets, byte by byte', async () => {
    const count = 1000
    const test = await startWorkbench({ captures: { folder: temporaryFolder() } })
    const { port } = await test.listen()
    // Fifty at a time: a listener's queue of those that knock at once is a hundred long.
    const sockets: Socket[] = []
    while (sockets.length < count) sockets.push(...(await Promise.all(Array.from({ length: 50 }, () => opened(port)))))
    await until(
      () => test.told.events.filter(({ kind }) => kind === 'connection-made').length === count,
      () =>
        `all connections to be open at once; ${test.told.events.filter(({ kind }) => kind === 'connection-made').length} are`,
    )
    await Promise.all(sockets.map(talk))
    await until(
      () => test.told.events.filter(({ kind }) => kind === 'connection-lost').length === count,
      () => 'all connections to be lost',
    )
    const source = expectOk(await openViewSource(test.workbench, liveSource(test.workbench)))
    const { file, counts } = await fileOf(source)
    expect(counts).toMatchObject({ connections: count, missingBytes: 0, droppedEvents: 0, twins: 0, withoutAddress: 0 })

    const found = await packetsOf(file)
    expect(found.warnings).toEqual([])
    const recorded = await recordedStreams(source, true)
    expect(recorded.size).toBe(2 * count)
    expect(sorted(packetStreams(found, port))).toEqual(sorted(recorded))
    expect(found.packets.filter(({ flags }) => flags.includes('R'))).toHaveLength(
      test.told.events.filter(({ cause }) => cause === 'reset-by-peer').length,
    )
    for (const stream of [0, 1, 2]) {
      const one = found.packets
        .find((packet) => packet.stream === stream)!
        .from.split(':')
        .at(-1)
      const both = await follow(file, stream)
      expect(both.first).toBe(recorded.get(`${one} to server`))
      expect(both.second).toBe(recorded.get(`${one} from server`))
    }
    source.dispose()
  })

  it('has a relay’s pair as two connections, and each once where all of their ends are ours', async () => {
    const test = await startWorkbench({ captures: { folder: temporaryFolder() } })
    const { port } = await test.listen({ name: 'server' })
    const relay = await test.do('createEndpoint', {
      spec: {
        role: 'relay',
        name: 'between',
        host: '127.0.0.1',
        port: 0,
        upstreamHost: '127.0.0.1',
        upstreamPort: port,
        connectTimeoutMs: 5000,
      },
    })
    await test.do('createEndpoint', {
      spec: {
        role: 'client',
        name: 'client',
        host: '127.0.0.1',
        port: relay.local!.port,
        connectTimeoutMs: 5000,
        opening: { messages: [Buffer.from('there and back')], halfClose: true },
      },
    })
    await until(
      () => test.told.events.filter(({ kind }) => kind === 'connection-lost').length === 4,
      () => 'all four sides to be closed',
    )
    const source = expectOk(await openViewSource(test.workbench, liveSource(test.workbench)))
    const { file, counts } = await fileOf(source)
    expect(counts).toMatchObject({ connections: 2, twins: 2, missingBytes: 0 })
    const found = await packetsOf(file)
    expect(found.warnings).toEqual([])
    const question = Buffer.from('there and back').toString('hex')
    for (const [stream, to] of [relay.local!.port, port].entries()) {
      const both = packetStreams({ packets: found.packets.filter((each) => each.stream === stream) }, to)
      expect([...both.values()]).toEqual([question, question])
    }
    expect(new Set(found.packets.map((each) => each.interface))).toEqual(new Set(['client', 'between']))
    source.dispose()
  })

  it('agrees with what dumpcap sees on the loopback interface, and so does the import of that', async (context) => {
    if (missing('dumpcap')) context.skip()
    const folder = temporaryFolder()
    const test = await startWorkbench({ captures: { folder } })
    const { port } = await test.listen()
    const seen = join(folder, 'dumpcap.pcapng')
    const dumpcap = peer('dumpcap', ['-q', '-i', 'lo', '-f', `tcp port ${port}`, '-w', seen], null)
    let said = ''
    dumpcap.process.stderr?.on('data', (text: string) => {
      said += text
    })
    const started = await Promise.race([
      eventually(() => said.includes('File:')).then(() => true),
      dumpcap.ended.then(() => false),
    ])
    if (!started) {
      console.error(`\n*** Skipping the comparison with dumpcap: it may not capture here: ${said.trim()} ***\n`)
      context.skip()
    }
    const count = 12
    const sockets = await Promise.all(Array.from({ length: count }, () => opened(port)))
    await Promise.all(sockets.map((socket, i) => talk(socket, i)))
    await until(
      () => test.told.events.filter(({ kind }) => kind === 'connection-lost').length === count,
      () => 'all connections to be lost',
    )
    /** Characters of hex; none where the file ends in the middle of a packet just now. */
    const payloadSeen = () =>
      packetsOf(seen).then(
        ({ packets }) => packets.reduce((sum, { payload }) => sum + payload.length, 0),
        () => 0,
      )
    const source = expectOk(await openViewSource(test.workbench, liveSource(test.workbench)))
    const recorded = await recordedStreams(source, true)
    const bytes = [...recorded.values()].reduce((sum, hex) => sum + hex.length, 0)
    // It writes what it has seen now and then.
    await eventually(async () => (await payloadSeen()) >= bytes)
    dumpcap.process.kill('SIGINT')
    await dumpcap.ended

    const { file } = await fileOf(source)
    const ours = await packetsOf(file)
    const theirs = await packetsOf(seen)
    expect(sorted(packetStreams(ours, port))).toEqual(sorted(packetStreams(theirs, port)))
    const capture = join(folder, 'seen.wireloop')
    const summary = expectOk(await importPacketFile(seen, capture))
    expect(summary).toMatchObject({
      connections: count,
      missingBytes: 0,
      repeatedBytes: 0,
      passedOver: 0,
      problems: [],
    })
    const imported = expectOk(await openFileSource(capture))
    expect(sorted(await recordedStreams(imported, false))).toEqual(sorted(recorded))
    const endings = (await imported.connections(1 as never, 100)).map(({ cause }) => cause)
    expect(endings.filter((cause) => cause === 'reset-here')).toHaveLength(
      test.told.events.filter(({ cause }) => cause === 'reset-by-peer').length,
    )
    imported.close()
    source.dispose()
  })
})

describe.skipIf(missing('tshark'))('Follow Stream’s YAML', () => {
  it('is what tshark makes of the same connection', async () => {
    const test = await startWorkbench()
    const { port } = await test.listen()
    await talk(await opened(port), 1)
    await until(
      () => test.told.events.some(({ kind }) => kind === 'connection-lost'),
      () => 'the connection to be lost',
    )
    const source = expectOk(await openViewSource(test.workbench, liveSource(test.workbench)))
    const { file } = await fileOf(source)
    const { bytes } = await exportOf(source, { format: 'yaml' })
    const plain = (yaml: string) =>
      yaml
        .replace(/packet: \d+/g, 'packet: N')
        .replace(/timestamp: .*/g, 'timestamp: T')
        .replace(/^# connection .*\n/m, '')
        .replaceAll('"', '')
        .trim()
    const times = (yaml: string) => [...yaml.matchAll(/timestamp: (.*)/g)].map(([, time]) => Number(time))
    const theirs = await tshark(file, '-q', '-z', 'follow,tcp,yaml,0')
    const ours = Buffer.from(bytes).toString()
    expect(plain(ours)).toBe(plain(theirs))
    expect(times(ours)).toHaveLength(4)
    // tshark reckons in floating-point seconds.
    for (const [i, time] of times(theirs).entries()) expect(times(ours)[i]).toBeCloseTo(time, 5)
  })
})
