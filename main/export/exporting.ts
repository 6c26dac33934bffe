// One export from its spec to its bytes: chunks in order, counted. Counterparts: the writers beside this, one a format;
// cli/export.ts and export-commands.ts, which take the chunks.
import type { EventFilter } from '../../preload/contract/captures.ts'
import type { ExportFormat, ExportSpec } from '../../preload/contract/exports.ts'
import { appVersion } from '../host-info.ts'
import { chosenConnections, chosenEvents } from './chosen.ts'
import { type Counts, newCounts } from './counts.ts'
import { writeCsv } from './csv.ts'
import { writeJsonLines } from './jsonl.ts'
import { writePcapng } from './pcapng.ts'
import { writeRaw } from './raw.ts'
import type { ExportSource } from './source.ts'
import { writeYaml } from './yaml.ts'

export const extensionOf: Readonly<Record<ExportFormat, string>> = {
  pcapng: 'pcapng',
  jsonl: 'jsonl',
  csv: 'csv',
  raw: 'bin',
  yaml: 'yaml',
}

export const mimeTypeOf: Readonly<Record<ExportFormat, string>> = {
  pcapng: 'application/x-pcapng',
  jsonl: 'application/x-ndjson',
  csv: 'text/csv',
  raw: 'application/octet-stream',
  yaml: 'application/yaml',
}

export interface Exporting {
  /** Ends with the last chunk. Throws `ExportFailure`. */
  readonly chunks: AsyncGenerator<Uint8Array<ArrayBuffer>>
  /** As far as it has come; final once `chunks` has ended. */
  readonly counts: Counts
}

async function* write(source: ExportSource, spec: ExportSpec, counts: Counts): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const events = (filter: EventFilter) => chosenEvents(source, filter)
  const connections = () => chosenConnections(source, spec.filter)
  switch (spec.format) {
    case 'jsonl':
      yield* writeJsonLines(source, await events(spec.filter), counts)
      break
    case 'csv':
      yield* writeCsv(source, await events(spec.filter), counts)
      break
    case 'raw':
      yield* writeRaw(source, await connections(), spec.direction, counts)
      break
    case 'yaml':
      yield* writeYaml(source, await connections(), spec.direction, counts)
      break
    case 'pcapng':
      yield* writePcapng(
        source,
        { isChosen: await connections(), comments: spec.comments, application: `Wireloop ${appVersion}` },
        counts,
      )
  }
}

/** `onRead` is told of the seq up to which events have been read, again and again. */
export const createExporting = (
  source: ExportSource,
  spec: ExportSpec,
  onRead: (seq: number) => void = () => undefined,
): Exporting => {
  const counts = newCounts()
  const watched: ExportSource = {
    ...source,
    events: (fromSeq, maxBytes) => {
      onRead(fromSeq)
      return source.events(fromSeq, maxBytes)
    },
  }
  const chunks = (async function* () {
    for await (const chunk of write(watched, spec, counts)) {
      counts.writtenBytes += chunk.length
      yield chunk
    }
  })()
  return { chunks, counts }
}
