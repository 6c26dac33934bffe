// `wireloop export`: takes a capture file elsewhere. Counterparts: main/export, which makes the bytes; docs/exports.md.
import { existsSync, statSync } from 'node:fs'
import { mkdir, open, rm } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { EventFilter } from '../../preload/contract/captures.ts'
import {
  type ExportFormat,
  type ExportSummary,
  exportFormats,
  type StreamDirection,
  streamDirections,
} from '../../preload/contract/exports.ts'
import type { ConnectionId } from '../../preload/contract/vocabulary.ts'
import { whyNoCaptures } from '../archive/archive-host.ts'
import { createExporting, extensionOf } from '../export/exporting.ts'
import { openFileSource } from '../export/file-source.ts'
import { writeRawFiles } from '../export/raw-files.ts'
import { ExportFailure, type ExportSource } from '../export/source.ts'
import { printable } from './human-line.ts'
import { withOutputOptions } from './options.ts'
import { done, failed, type Outcome, type Run } from './outcome.ts'
import { isSameFile } from './same-file.ts'

interface ExportOptions {
  readonly json?: true
  readonly format: ExportFormat
  readonly out?: string
  readonly connection?: readonly ConnectionId[]
  readonly direction: StreamDirection
  readonly comments: boolean
  readonly force?: true
}

/** A connection's number; the option may be given again and again. */
const connectionNumber = (text: string, before: readonly ConnectionId[] = []): readonly ConnectionId[] => {
  const value = /^\d+$/.test(text) ? Number(text) : 0
  if (value < 1 || value > 0xffff_ffff)
    throw new InvalidArgumentError('Use the number of a connection, as “wireloop info FILE” lists them.')
  return [...before, value as ConnectionId]
}

export const defineExport = (program: Command, version: string, run: Run): void => {
  const command = withOutputOptions(program.command('export'), version)
    .summary('take a capture elsewhere: packets, JSON lines, a table, bytes')
    .description(
      'Writes what a capture file holds in another format, and says at the end, on standard error, how much that is and what ' +
        'the capture does not have. --json says it as one JSON object.',
    )
    .argument('<FILE>', 'a capture')
    .addOption(new Option('--format <FORMAT>', 'what to write').choices(exportFormats).makeOptionMandatory())
    .addOption(
      new Option(
        '-o, --out <OUT>',
        'the file to write, - for standard output (default: one in this folder, named as the capture); for raw ' +
          'bytes of several connections, a folder',
      ),
    )
    .addOption(new Option('--connection <N>', 'only this connection; may be repeated').argParser(connectionNumber))
    .addOption(
      new Option('--direction <DIRECTION>', 'which bytes of a stream, for raw and yaml')
        .choices(streamDirections)
        .default('both'),
    )
    .addOption(new Option('--no-comments', 'pcapng without comments on its packets'))
    .addOption(new Option('--force', 'replace a file that is there'))
  command.action((file: string, options: ExportOptions) => run(() => exportCapture(file, options)))
}

/** What was written and what was not, in a sentence. */
export const summaryWords = (summary: ExportSummary): string => {
  const { events, packets, connections, payloadBytes, missingBytes, droppedEvents, twins, withoutAddress } = summary
  const some = (count: number, words: string) => (count === 0 ? '' : `; ${count} ${words}`)
  return (
    `${packets > 0 ? `${packets} packets` : `${events} events`} of ${connections} connections with ${payloadBytes} bytes of ` +
    `payload (${summary.writtenBytes} bytes in all)` +
    some(missingBytes, 'bytes went over the wire and are not in the capture') +
    some(droppedEvents, 'events are not in the capture') +
    some(twins, 'connections are told of from their other end, which is there too') +
    some(withoutAddress, 'connections have no numeric address and are left out')
  )
}

/** Writes to standard output, as fast as somebody reads. False where nobody does any more. */
const writeOut = (chunk: Uint8Array): Promise<boolean> =>
  new Promise((resolve) => process.stdout.write(chunk, (error) => resolve(error == null)))

const toStandardOutput = async (chunks: AsyncIterable<Uint8Array>): Promise<void> => {
  // Told by the write's own callback; without a listener it would end the process first.
  process.stdout.on('error', () => undefined)
  for await (const chunk of chunks) if (!(await writeOut(chunk))) return
}

/** A file that is there is not replaced unless that was asked for; one that could not be finished is not left behind. */
const toFile = async (path: string, force: boolean, chunks: AsyncIterable<Uint8Array>): Promise<void> => {
  const file = await open(path, force ? 'w' : 'wx')
  try {
    for await (const chunk of chunks) await file.writeFile(chunk)
    await file.close()
  } catch (error) {
    await file.close().catch(() => undefined)
    await rm(path, { force: true })
    throw error
  }
}

const outName = (capture: string, format: ExportFormat): string =>
  `${basename(capture, extname(capture))}.${extensionOf[format]}`

/** Raw bytes of anything but one direction of one connection go into a folder, one file each. */
const goesIntoFolder = ({ format, out, connection }: ExportOptions): boolean =>
  format === 'raw' && out !== '-' && connection?.length !== 1

const writeExport = async (
  source: ExportSource,
  capture: string,
  options: ExportOptions,
): Promise<{ readonly place: string; readonly summary: ExportSummary }> => {
  const { format, direction, comments, force = false } = options
  const filter: EventFilter = options.connection === undefined ? {} : { connections: options.connection }
  if (goesIntoFolder(options)) {
    const folder = options.out ?? basename(capture, extname(capture))
    await mkdir(folder, { recursive: true })
    return {
      place: folder,
      summary: await writeRawFiles(source, filter, direction, (name) => join(folder, name), force),
    }
  }
  const { chunks, counts } = createExporting(source, { format, filter, direction, comments })
  const place = options.out ?? outName(capture, format)
  if (place === '-') await toStandardOutput(chunks)
  else await toFile(place, force, chunks)
  return { place, summary: counts }
}

const plainReason = (error: unknown, place: string): string => {
  if (error instanceof ExportFailure) return error.message
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EEXIST') return `${place} exists already; --force replaces it (EEXIST)`
  return `${place} cannot be written: ${message}`
}

const exportCapture = async (path: string, options: ExportOptions): Promise<Outcome> => {
  const unavailable = whyNoCaptures()
  if (unavailable !== null) return failed(unavailable)
  if (!existsSync(path)) return failed(printable(`There is no file ${path}`))
  if (statSync(path).isDirectory()) return failed(printable(`${path} is a folder; name a capture in it`))
  const opened = await openFileSource(path)
  if (!opened.ok) return failed(printable(opened.failure.message))
  const source = opened.value
  try {
    for (const id of options.connection ?? [])
      if ((await source.connections(id, 1))[0]?.id !== id)
        return failed(printable(`${path} has no connection ${id}; “wireloop info” lists them`))
    const out = options.out ?? outName(path, options.format)
    if (isSameFile(path, out)) return failed(printable(`${out} is the capture itself; name another file`))
    const { place, summary } = await writeExport(source, path, options)
    const told = options.json
      ? JSON.stringify({ kind: 'exported', file: place, ...summary })
      : `wireloop: ${printable(place)} has ${summaryWords(summary)}.`
    // Standard output may be the export itself.
    process.stderr.write(`${told}\n`)
    return done
  } catch (error) {
    if (!(error instanceof ExportFailure) && (error as NodeJS.ErrnoException).code === undefined) throw error
    return failed(printable(plainReason(error, options.out ?? path)))
  } finally {
    source.close()
  }
}
