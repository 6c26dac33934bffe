// A capture as JSON Lines, one event a line: the lines of `--json`, which docs/cli.md promises. Counterparts: cli/json-line.ts
// (a line), cli/events.ts (what it is made of).
import { createEventReader } from '../cli/events.ts'
import { formatDroppedJson, writeJson } from '../cli/json-line.ts'
import { createByteSink } from './byte-sink.ts'
import { type Counts, createConnectionCount } from './counts.ts'
import { batchesOf, type ExportSource } from './source.ts'

/** Bytes turned into base64 at a time, a multiple of 3. */
const base64StepBytes = 48 * 1024

export async function* writeJsonLines(
  source: ExportSource,
  isChosen: (seq: number) => boolean,
  counts: Counts,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const sink = createByteSink()
  const reader = createEventReader()
  const names = new Map(source.endpoints.map(({ id, spec }) => [id as number, spec.name]))
  const connections = createConnectionCount()
  const parts = {
    takesPayload: () => true,
    text: sink.text,
    base64(bytes: Uint8Array) {
      const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
      for (let at = 0; at < all.length; at += base64StepBytes)
        sink.text(all.toString('base64', at, at + base64StepBytes))
    },
  }
  let next = source.firstSeq
  counts.droppedEvents += next - 1
  if (next > 1) sink.text(`${formatDroppedJson(next - 1)}\n`)
  for await (const batch of batchesOf(source)) {
    const dropped = batch.firstSeq - next
    if (dropped > 0) {
      counts.droppedEvents += dropped
      sink.text(`${formatDroppedJson(dropped)}\n`)
    }
    next = batch.firstSeq + batch.count
    for (const event of reader.read(batch)) {
      if (!isChosen(event.seq)) continue
      writeJson(event, names.get(event.endpoint) ?? '', parts)
      sink.text('\n')
      counts.events++
      connections.add(event.connection)
      if (event.data !== null) {
        counts.payloadBytes += event.data.length
        counts.missingBytes += event.length - event.data.length
      }
    }
    counts.connections = connections.count
    const chunk = sink.take()
    if (chunk !== null) yield chunk
  }
  const rest = sink.take()
  if (rest !== null) yield rest
}
