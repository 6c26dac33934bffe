// Times what a person does with a large capture, through the archive as the hosts have it. Counterparts: ../big-capture.ts,
// ../ingest.bench.ts, make-capture.ts.
import { tmpdir } from 'node:os'
import type { CaptureReader } from '../../../main/archive/archive.ts'
import { createArchive } from '../../../main/archive/archive-host.ts'
import type { SearchSpec } from '../../../preload/contract/captures.ts'
import type { Result } from '../../../preload/contract/failure.ts'
import type { ConnectionId } from '../../../preload/contract/vocabulary.ts'

const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.failure.message)
  return result.value
}

/** Runs a search to its end; answers its matches, and ms to the first and to the last. */
const search = async (reader: CaptureReader, spec: SearchSpec) => {
  const startedAt = performance.now()
  const id = value(await reader.ask('startSearch', { search: spec }))
  let matches = 0
  let firstMs = Number.NaN
  for (;;) {
    const progress = value(await reader.ask('continueSearch', { search: id }))
    matches += progress.seqs.length
    if (matches > 0 && Number.isNaN(firstMs)) firstMs = performance.now() - startedAt
    if (progress.done) return { matches, firstMs, ms: performance.now() - startedAt }
  }
}

export interface CaptureTimes {
  readonly events: number
  readonly payloadBytes: number
  readonly openMs: number
  readonly summariesMs: number
  readonly filterMs: number
  readonly filterMatches: number
  readonly readMs: number
  readonly seekMs: number
  readonly search: { readonly matches: number; readonly firstMs: number; readonly ms: number }
  readonly searchIgnoringCase: { readonly matches: number; readonly firstMs: number; readonly ms: number }
}

export const timeCapture = async (path: string, pattern: string): Promise<CaptureTimes> => {
  const archive = createArchive({ folder: tmpdir(), startedAtEpochMs: 0 })
  try {
    // The thread itself takes its time to start, once in a session.
    await archive.list()
    const timed = async <T>(run: () => Promise<T>): Promise<[T, number]> => {
      const startedAt = performance.now()
      return [await run(), performance.now() - startedAt]
    }
    const [reader, openMs] = await timed(async () => {
      const known = value(await archive.know(path))
      const opened = value(await archive.open(known.id))
      value(await opened.snapshot())
      value(await opened.ask('readEvents', { fromSeq: 0, maxBytes: 64 * 1024 }))
      return opened
    })
    const info = value(await archive.know(path))
    const [, summariesMs] = await timed(async () => value(await reader.ask('readSummaries', { fromSegment: 0 })))
    const connections = [3, 5, 40].map((id) => id as ConnectionId)
    const [filtered, filterMs] = await timed(async () =>
      value(await reader.ask('filterEvents', { filter: { connections, kinds: ['data-sent', 'connection-lost'] } })),
    )
    const [, readMs] = await timed(async () => {
      for (let i = 1; i <= 20; i++)
        value(await reader.ask('readEvents', { fromSeq: Math.floor((info.events / 21) * i), maxBytes: 64 * 1024 }))
    })
    const [, seekMs] = await timed(async () => value(await reader.ask('seekTime', { at: info.lastAt / 2 })))
    const spec = { pattern, notation: 'text', ignoreCase: false, filter: {} } as const
    return {
      events: info.events,
      payloadBytes: info.payloadBytes,
      openMs,
      summariesMs,
      filterMs,
      filterMatches: filtered.matches,
      readMs: readMs / 20,
      seekMs,
      search: await search(reader, spec),
      searchIgnoringCase: await search(reader, { ...spec, ignoreCase: true }),
    }
  } finally {
    await archive.dispose()
  }
}
