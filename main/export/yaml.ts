// Streams as Wireshark's Follow Stream saves them as YAML: the two peers, then the chunks in base64 with times in nanoseconds; one
// document a connection. Counterparts: streams.ts, exporting.ts.
import type { StreamDirection } from '../../preload/contract/exports.ts'
import type { Address, ConnectionId, ConnectionInfo } from '../../preload/contract/vocabulary.ts'
import { createByteSink } from './byte-sink.ts'
import type { Counts } from './counts.ts'
import { connectionsOf, ExportFailure, type ExportSource } from './source.ts'
import { chunksOf } from './streams.ts'

/** Each connection is read by itself, because documents follow each other: of more, another format is the right one. */
export const maxYamlConnections = 10_000

const chunkBytes = 256 * 1024
/** Bytes in a line of 76 characters of base64, as Wireshark has it. */
const lineBytes = 57

const peer = (number: 0 | 1, address: Address | null): string =>
  `  - peer: ${number}\n    host: ${JSON.stringify(address?.host ?? '')}\n    port: ${address?.port ?? 0}\n`

/** Seconds since 1970 with nine decimals; exact to the microsecond of the event clock. */
const seconds = (startedAtEpochMs: number, at: number): string => {
  const ns = BigInt(Math.round(startedAtEpochMs * 1000)) * 1000n + BigInt(Math.round(at * 1e6))
  return `${ns / 1_000_000_000n}.${String(ns % 1_000_000_000n).padStart(9, '0')}`
}

/** The first seq of a connection, and the seq after its last one. */
const stretchOf = async (source: ExportSource, id: ConnectionId): Promise<{ from: number; to: number }> => {
  const { bits, firstSeq } = await source.filter({ connections: [id] }, 0)
  const first = bits.findIndex((byte) => byte !== 0)
  const last = bits.findLastIndex((byte) => byte !== 0)
  return first < 0
    ? { from: 0, to: 0 }
    : { from: Math.max(source.firstSeq, firstSeq + first * 8), to: firstSeq + last * 8 + 8 }
}

export async function* writeYaml(
  source: ExportSource,
  isChosen: (connection: number) => boolean,
  direction: StreamDirection,
  counts: Counts,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const chosen: ConnectionInfo[] = []
  for await (const info of connectionsOf(source)) {
    if (!isChosen(info.id)) continue
    chosen.push(info)
    if (chosen.length > maxYamlConnections)
      throw new ExportFailure({
        code: 'too-many',
        message: `YAML is for at most ${maxYamlConnections} connections; choose some, or export pcapng`,
      })
  }
  const sink = createByteSink()
  counts.droppedEvents += source.firstSeq - 1
  for (const info of chosen) {
    const opener = info.direction === 'out' ? 'local' : 'remote'
    if (counts.connections > 0) sink.text('---\n')
    counts.connections++
    sink.text(`# connection ${info.id}\npeers:\n${peer(0, info[opener])}`)
    sink.text(`${peer(1, info[opener === 'local' ? 'remote' : 'local'])}packets:\n`)
    const { from, to } = await stretchOf(source, info.id)
    const within = { ...source, endSeq: Math.min(source.endSeq, to) }
    for await (const chunk of chunksOf(within, (id) => id === info.id, direction, from)) {
      sink.text(`  - packet: ${chunk.seq}\n    peer: ${chunk.from === opener ? 0 : 1}\n`)
      sink.text(`    timestamp: ${seconds(source.startedAtEpochMs, chunk.at)}\n`)
      if (chunk.data.length < chunk.length) sink.text(`    # ${chunk.length - chunk.data.length} bytes are missing\n`)
      sink.text('    data: !!binary |\n')
      const data = Buffer.from(chunk.data.buffer, chunk.data.byteOffset, chunk.data.byteLength)
      for (let at = 0; at < data.length; at += lineBytes)
        sink.text(`      ${data.toString('base64', at, at + lineBytes)}\n`)
      counts.events++
      counts.payloadBytes += chunk.data.length
      counts.missingBytes += chunk.length - chunk.data.length
      if (sink.length >= chunkBytes) yield sink.take()!
    }
  }
  const rest = sink.take()
  if (rest !== null) yield rest
}
