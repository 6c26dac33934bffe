// A packet capture becomes a capture file: bytes in, packets, connections, events. Counterparts: packet-file.ts, layers.ts,
// flows.ts, capture-builder.ts; cli/import.ts and archive/reader.ts feed it.
import { createReadStream, rmSync } from 'node:fs'
import { basename } from 'node:path'
import type { ImportSummary } from '../../preload/contract/exports.ts'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import { type CaptureBuilder, createCaptureBuilder } from './capture-builder.ts'
import { createFlows, type Flows } from './flows.ts'
import { knowsLinkType, readTcp } from './layers.ts'
import { createPacketFile, toldPackets } from './packet-file.ts'

export interface Importer {
  push(bytes: Uint8Array): void
  /** Closes the file. Failure `not-packets`: the file is no packet capture, or there is no TCP in it; then there is no file. */
  end(): Result<ImportSummary>
  /** Gives up and leaves no file. */
  abandon(): void
}

/** Makes a new capture at `path` with the first packet of TCP. Throws where it cannot be written. */
export const createImporter = (path: string): Importer => {
  const file = createPacketFile()
  let firstNs: bigint | null = null
  let builder: CaptureBuilder | null = null
  let flows: Flows | null = null
  let packets = 0
  let passedOver = 0
  const unknownLinks = new Set<number>()

  const begin = (timeNs: bigint): { builder: CaptureBuilder; flows: Flows } => {
    if (builder === null || flows === null) {
      firstNs = timeNs
      builder = createCaptureBuilder(path, Number(timeNs / 1000n) / 1000)
      flows = createFlows(builder)
    }
    return { builder, flows }
  }

  const abandon = () => {
    if (builder === null) return
    builder.abandon()
    for (const beside of ['', '-wal', '-shm', '-journal']) rmSync(path + beside, { force: true })
    builder = null
  }

  return {
    push(bytes) {
      for (const packet of file.push(bytes)) {
        packets++
        if (!knowsLinkType(packet.linkType) && unknownLinks.size < toldPackets) unknownLinks.add(packet.linkType)
        const tcp = readTcp(packet)
        if (tcp === null) {
          passedOver++
          continue
        }
        // Before it is asked for what lies between: the first packet begins the clock.
        const to = begin(packet.timeNs)
        to.flows.take(tcp, Number(packet.timeNs - firstNs!) / 1e6)
      }
    },
    end() {
      file.end()
      const links = [...unknownLinks].map((link) => `Packets of link type ${link} are not known here`)
      const problems = [...file.problems, ...links]
      if (builder === null || flows === null) {
        const why = problems[0] ?? (packets === 0 ? 'there are no packets in it' : 'there is no TCP in it')
        return fail('not-packets', `Nothing was imported: ${why}`)
      }
      flows.end()
      builder.close()
      return ok({
        packets,
        connections: flows.connections,
        payloadBytes: builder.payloadBytes,
        missingBytes: builder.missingBytes,
        repeatedBytes: flows.repeatedBytes,
        passedOver,
        problems,
      })
    },
    abandon,
  }
}

/** Bytes read of a packet capture at once; others are answered in between. */
const readBytes = 1024 * 1024

/** Makes a capture at `to` of a packet capture. Failures: it is none, it cannot be read, or `to` cannot be written. */
export const importPacketFile = async (path: string, to: string): Promise<Result<ImportSummary>> => {
  const importer = createImporter(to)
  try {
    for await (const bytes of createReadStream(path, { highWaterMark: readBytes })) importer.push(bytes)
    return importer.end()
  } catch (error) {
    importer.abandon()
    const { code = 'error', message } = error as NodeJS.ErrnoException
    return fail(code, `${basename(path)} cannot be imported: ${message}`)
  }
}
