// Measures capture files: written at 500,000 events/s through recorder, main and archive thread; and one of 10 million events
// and 2 GiB opened, filtered and searched. Run: node test/bench/ingest.bench.ts [--smoke]. Prints figures, asserts nothing.
// Counterparts: support/ingest-host.ts and ingest-thread.ts (writing), support/make-capture.ts and time-capture.ts (reading).
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeCapture, needle } from './support/make-capture.ts'
import { timeCapture } from './support/time-capture.ts'

const smoke = process.argv.includes('--smoke')
const folder = mkdtempSync(join(tmpdir(), 'wireloop-ingest-'))
const ms = (value: number) => `${value.toFixed(value < 10 ? 1 : 0)} ms`

const ingest = (perSecond: number, seconds: number, payloadBytes: number, connections: number) => {
  const path = join(folder, `${payloadBytes}-${connections}.wireloop`)
  const host = join(import.meta.dirname, 'support/ingest-host.ts')
  const args = [host, path, perSecond, seconds, payloadBytes, connections].map(String)
  const result = JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', maxBuffer: 1e6 }))
  rmSync(path, { force: true })
  const lost = result.droppedByRecorder + result.lostByArchive + result.payloadMissing + result.droppedInFile
  const archiveMs = result.threads['wireloop-archiv']
  console.log(
    `${(result.perSecond / 1000).toFixed(0)}k events/s of ${payloadBytes} B on ${connections} connections for ${(result.ms / 1000).toFixed(1)} s:`,
    `${lost} of ${result.recorded} lost, ${result.inFile} in the file;`,
    `${result.megabytesPerSecond.toFixed(0)} MB/s, ${result.megabytes.toFixed(0)} MB;`,
    `memory ${result.largestRssMegabytes.toFixed(0)} MB at most;`,
    `closed ${ms(result.closingMs)} after the last event;`,
    archiveMs === undefined ? '' : `archive thread ${((archiveMs / result.ms) * 100).toFixed(0)} % of a processor`,
  )
}

try {
  const seconds = smoke ? 1 : 20
  ingest(500_000, seconds, 64, 100)
  ingest(500_000, smoke ? 1 : 10, 64, 5000)
  ingest(8_000, smoke ? 1 : 10, 64 * 1024, 8)

  const path = join(folder, 'big.wireloop')
  const events = smoke ? 200_000 : 10_000_000
  const startedAt = performance.now()
  makeCapture(path, { events, payloadBytes: 215, connections: 1000, needleEvery: Math.floor(events / 12) })
  console.log(`A capture of ${events / 1e6} million events, made in ${ms(performance.now() - startedAt)}:`)
  const times = await timeCapture(path, needle)
  console.log(
    `  opened in ${ms(times.openMs)}, summaries of 1,000 connections in ${ms(times.summariesMs)}, a page of events in ${ms(times.readMs)}, a time found in ${ms(times.seekMs)}`,
  )
  console.log(`  filtered by connection and kind in ${ms(times.filterMs)} (${times.filterMatches} events)`)
  for (const [what, { matches, firstMs, ms: all }] of [
    ['found', times.search],
    ['found ignoring case', times.searchIgnoringCase],
  ] as const)
    console.log(
      `  ${needle.length} bytes ${what} in ${(times.payloadBytes / 2 ** 30).toFixed(2)} GiB: ${matches} times in ${ms(all)}, the first after ${ms(firstMs)}`,
    )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
