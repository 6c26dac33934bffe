// The bytes of many connections, one file a connection and direction. Counterparts: raw.ts (one stream), cli/export.ts.
import { closeSync, openSync, writeSync } from 'node:fs'
import type { EventFilter } from '../../preload/contract/captures.ts'
import type { StreamDirection } from '../../preload/contract/exports.ts'
import { chosenConnections } from './chosen.ts'
import { type Counts, createConnectionCount, newCounts } from './counts.ts'
import type { ExportSource } from './source.ts'
import { chunksOf } from './streams.ts'

/** Files that are open at once; others are opened again when their next bytes come. */
const openFiles = 200

/** `connection-7-received.bin`. */
export const rawFileName = (connection: number, direction: 'received' | 'sent'): string =>
  `connection-${connection}-${direction}.bin`

/** Writes the files that `pathOf` names. Throws the file system's errors; `force` replaces files that are there. */
export const writeRawFiles = async (
  source: ExportSource,
  filter: EventFilter,
  direction: StreamDirection,
  pathOf: (name: string) => string,
  force: boolean,
): Promise<Counts> => {
  const counts = newCounts()
  const isChosen = await chosenConnections(source, filter)
  const begun = new Set<string>()
  const files = new Map<string, number>()
  const connections = createConnectionCount()
  const fileOf = (name: string): number => {
    const known = files.get(name)
    if (known !== undefined) {
      // The one used last goes last.
      files.delete(name)
      files.set(name, known)
      return known
    }
    const [oldest] = files
    if (files.size >= openFiles && oldest !== undefined) {
      closeSync(oldest[1])
      files.delete(oldest[0])
    }
    const file = openSync(pathOf(name), begun.has(name) ? 'a' : force ? 'w' : 'wx')
    begun.add(name)
    files.set(name, file)
    return file
  }
  counts.droppedEvents = source.firstSeq - 1
  try {
    for await (const { connection, from, data, length } of chunksOf(source, isChosen, direction)) {
      const file = fileOf(rawFileName(connection, from === 'remote' ? 'received' : 'sent'))
      for (let at = 0; at < data.length; ) at += writeSync(file, data, at)
      counts.events++
      counts.payloadBytes += data.length
      counts.writtenBytes += data.length
      counts.missingBytes += length - data.length
      connections.add(connection)
    }
  } finally {
    for (const file of files.values()) closeSync(file)
  }
  counts.connections = connections.count
  return counts
}
