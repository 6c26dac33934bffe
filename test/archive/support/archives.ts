// Archives with their real threads for one test, fed with batches, and file systems that can be filled up or made read-only.
// Counterparts: main/archive/archive-host.ts; captures.ts, which does without threads.
import { execFileSync } from 'node:child_process'
import { rmdirSync } from 'node:fs'
import { onTestFinished } from 'vitest'
import type { Archive, ArchiveOptions, CaptureReader } from '../../../main/archive/archive.ts'
import { createArchive } from '../../../main/archive/archive-host.ts'
import { openBatch } from '../../../preload/contract/event-columns.ts'
import { type EventSketch, makeBatch } from '../../renderer/support/batches.ts'
import { expectOk } from '../../support/engine.ts'
import { until } from '../../support/loopback.ts'
import { type Row, readAll, rowsOf, temporaryFolder } from './captures.ts'

export interface TestArchive {
  readonly archive: Archive
  readonly folder: string
  /** Records a batch of these events; answers their rows. */
  record(events: readonly EventSketch[], gap?: number): Row[]
  /** Resolves when recording goes there. */
  goesTo(to: 'file' | 'memory', patienceMs?: number): Promise<void>
  /** Ends the archive before the test does. */
  stop(): Promise<void>
}

export const startArchive = (options: Partial<ArchiveOptions> = {}): TestArchive => {
  const folder = options.folder ?? temporaryFolder()
  const archive = createArchive({ startedAtEpochMs: 1_000_000, ...options, folder })
  let stopped: Promise<void> | null = null
  const stop = () => {
    stopped ??= archive.dispose()
    return stopped
  }
  onTestFinished(stop)
  let nextSeq = 1
  return {
    archive,
    folder,
    stop,
    record(events, gap = 0) {
      const batch = makeBatch(nextSeq + gap, events, gap)
      nextSeq += gap + events.length
      archive.record(batch.buffer, () => undefined)
      return rowsOf(batch)
    },
    goesTo: (to, patienceMs) =>
      until(
        () => archive.recording().to === to,
        () => `recording to go to ${to}; it is ${JSON.stringify(archive.recording())}`,
        patienceMs,
      ),
  }
}

/** Rows of a capture as a page reads them: payloads cut to a preview. */
export const readerRows = async (reader: CaptureReader, fromSeq = 0): Promise<Row[]> => {
  const buffers: ArrayBuffer[] = []
  for (let seq = fromSeq; ; ) {
    const buffer = expectOk(await reader.ask('readEvents', { fromSeq: seq, maxBytes: 1024 * 1024 }))
    if (buffer === null) break
    buffers.push(buffer)
    const { firstSeq, count } = openBatch(buffer)
    seq = firstSeq + count
  }
  let index = 0
  return readAll(() => buffers[index++] ?? null).flatMap(rowsOf)
}

const run = (command: string, ...args: string[]): void => {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
}

/** Whether this process may mount a file system of its own. Tests that need one are skipped otherwise, and say so. */
export const canMount = ((): boolean => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false
  try {
    run('mount', '--version')
    return true
  } catch {
    return false
  }
})()
if (!canMount)
  console.error('\n*** Skipping the tests that fill a disk or make a folder read-only: they need root on Linux ***\n')

export interface SmallDisk {
  readonly folder: string
  setReadOnly(readOnly: boolean): void
}

/** A file system in memory of so many MiB, unmounted when the test ends. Ask before the archive that is to use it. */
export const mountSmallDisk = (mebibytes: number): SmallDisk => {
  const folder = temporaryFolder()
  run('mount', '-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'tmpfs', folder)
  onTestFinished(() => {
    run('umount', '-l', folder)
    rmdirSync(folder)
  })
  return {
    folder,
    setReadOnly: (readOnly) => run('mount', '-o', `remount,${readOnly ? 'ro' : 'rw'}`, folder),
  }
}
