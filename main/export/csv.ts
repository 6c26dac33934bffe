// A capture as a table: RFC 4180, UTF-8, CRLF, one row an event. No field begins with what a spreadsheet takes for a formula:
// a peer's bytes are somebody else's, and the person who opens the file is not to run them. Counterparts: exporting.ts.
import { formatEscaped } from '../../preload/contract/notation.ts'
import { createEventReader, type WireEvent } from '../cli/events.ts'
import { createByteSink } from './byte-sink.ts'
import { type Counts, createConnectionCount } from './counts.ts'
import { batchesOf, type ExportSource } from './source.ts'

export const csvColumns = [
  'seq',
  'time',
  'at_ms',
  'kind',
  'endpoint',
  'name',
  'connection',
  'side',
  'local',
  'remote',
  'length',
  'stored',
  'text',
  'hex',
  'cause',
  'error',
  'message',
] as const

/** Characters of the column `text` at most: spreadsheets take 32,767 a cell. `hex` has every byte. */
const mostText = 32_000

/**
 * A field. Where it begins with = + - @, a tab or a line end, an apostrophe is put before it: spreadsheets then take it for text.
 * Numbers of ours are no such fields.
 */
export const csvField = (value: string): string => {
  const safe = /^[=+\-@\t\r\n]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const hexOf = (data: Uint8Array): string => Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex')

/**
 * A semicolon before what might be a formula, with its escape in its place: where spreadsheets separate columns by semicolons
 * (German, French …), it would begin a cell of its own.
 */
const inOneCell = (escaped: string): string => escaped.replace(/;(?=[\s"]*[=+\-@])/g, '\\x3b')

const textOf = (data: Uint8Array): string => {
  const text = inOneCell(formatEscaped(data.subarray(0, mostText)))
  return text.length > mostText ? `${text.slice(0, mostText)}…` : text
}

/** `time`: with the day, in UTC, to the microsecond. */
const clock = (epochMs: number): string => {
  const whole = Math.floor(epochMs)
  const micros = Math.floor((epochMs - whole) * 1000)
  return new Date(whole).toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`)
}

const row = (event: WireEvent, name: string, startedAtEpochMs: number): string => {
  const { data, details, facts } = event
  const fields: readonly (string | number)[] = [
    event.seq,
    clock(startedAtEpochMs + event.at),
    event.at.toFixed(3),
    event.kind,
    event.endpoint === 0 ? '' : event.endpoint,
    csvField(name),
    event.connection === 0 ? '' : event.connection,
    facts.side ?? '',
    csvField(facts.local ?? ''),
    csvField(facts.remote ?? ''),
    data === null ? '' : event.length,
    data === null ? '' : data.length,
    data === null ? '' : csvField(textOf(data)),
    data === null ? '' : hexOf(data),
    event.cause === 'none' ? '' : event.cause,
    csvField(details.error?.code ?? ''),
    csvField(details.error?.message ?? ''),
  ]
  return `${fields.join(',')}\r\n`
}

export async function* writeCsv(
  source: ExportSource,
  isChosen: (seq: number) => boolean,
  counts: Counts,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const sink = createByteSink()
  const reader = createEventReader()
  const names = new Map(source.endpoints.map(({ id, spec }) => [id as number, spec.name]))
  const connections = createConnectionCount()
  let next = source.firstSeq
  counts.droppedEvents += next - 1
  sink.text(`${csvColumns.join(',')}\r\n`)
  for await (const batch of batchesOf(source)) {
    counts.droppedEvents += Math.max(0, batch.firstSeq - next)
    next = batch.firstSeq + batch.count
    for (const event of reader.read(batch)) {
      if (!isChosen(event.seq)) continue
      sink.text(row(event, names.get(event.endpoint) ?? '', source.startedAtEpochMs))
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
