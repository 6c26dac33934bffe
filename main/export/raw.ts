// The bytes of a connection as they are, of one direction or of both as they were seen. Counterparts: streams.ts, exporting.ts;
// cli/export.ts writes many connections into files of their own.
import type { StreamDirection } from '../../preload/contract/exports.ts'
import { createByteSink } from './byte-sink.ts'
import { type Counts, createConnectionCount } from './counts.ts'
import type { ExportSource } from './source.ts'
import { chunksOf } from './streams.ts'

const chunkBytes = 256 * 1024

export async function* writeRaw(
  source: ExportSource,
  isChosen: (connection: number) => boolean,
  direction: StreamDirection,
  counts: Counts,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const sink = createByteSink()
  const connections = createConnectionCount()
  counts.droppedEvents += source.firstSeq - 1
  for await (const chunk of chunksOf(source, isChosen, direction)) {
    sink.write(chunk.data)
    counts.events++
    counts.payloadBytes += chunk.data.length
    counts.missingBytes += chunk.length - chunk.data.length
    connections.add(chunk.connection)
    counts.connections = connections.count
    if (sink.length < chunkBytes) continue
    yield sink.take()!
  }
  const rest = sink.take()
  if (rest !== null) yield rest
}
