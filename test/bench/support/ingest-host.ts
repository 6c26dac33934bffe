// Main's side of recording to a file: the newest events in memory, all of them to the archive, in a process of its own.
// `node ingest-host.ts FILE PER_SECOND SECONDS PAYLOAD_BYTES CONNECTIONS` prints one line of JSON. Counterparts:
// ingest-thread.ts (makes the events), main/workbench.ts (of which this is the part without sockets).

import { readdirSync, readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { createArchive } from '../../../main/archive/archive-host.ts'
import { createMemoryCapture } from '../../../main/archive/memory-capture.ts'
import { type BatchBuffer, openBatch } from '../../../preload/contract/event-columns.ts'
import type { IngestAnswer, IngestData } from './ingest-thread.ts'

const [file = '', perSecond, seconds, payloadBytes, connections] = process.argv.slice(2)
const data: IngestData = {
  perSecond: Number(perSecond),
  seconds: Number(seconds),
  payloadBytes: Number(payloadBytes),
  connections: Number(connections),
}

const archive = createArchive({
  folder: '',
  file,
  startedAtEpochMs: Date.now(),
  limits: { maxBytes: 64 * 1024 * 1024 * 1024 },
})
const thread = new Worker(new URL('./ingest-thread.ts', import.meta.url), { workerData: data })
const answer = (message: IngestAnswer) => thread.postMessage(message)

/** Loans of the recorder, and how many still look at each. */
const loans = new Map<BatchBuffer, { readonly loan: number; holders: number }>()
const giveBack = (buffer: BatchBuffer) => {
  const held = loans.get(buffer)
  if (held === undefined || --held.holders > 0) return
  loans.delete(buffer)
  answer({ loan: held.loan })
}
const capture = createMemoryCapture(undefined, (buffer) => giveBack(buffer as BatchBuffer))

/** ms of processor time by thread's name, where the system tells (Linux). */
const threadTimes = (): Record<string, number> => {
  const times: Record<string, number> = {}
  try {
    for (const task of readdirSync('/proc/self/task')) {
      const stat = readFileSync(`/proc/self/task/${task}/stat`, 'latin1')
      const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'))
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      times[name] = (times[name] ?? 0) + (Number(fields[11]) + Number(fields[12])) * 10
    }
  } catch {
    // Not on this system.
  }
  return times
}

let payloadMissing = 0
let largestRss = 0
const watch = setInterval(() => {
  largestRss = Math.max(largestRss, process.memoryUsage.rss())
}, 100)

const ended = new Promise<{ recorded: number; dropped: number; ms: number }>((resolve) =>
  thread.on('message', (message) => {
    if ('recorded' in message) return resolve(message)
    const { buffer, loan } = message as { buffer: BatchBuffer; loan: number | null }
    const batch = openBatch(buffer)
    if (batch.dataLength[batch.count - 1] !== data.payloadBytes) payloadMissing += batch.count
    if (loan !== null) loans.set(buffer, { loan, holders: 2 })
    capture.append(buffer)
    archive.record(buffer, () => giveBack(buffer))
    answer({ bytes: buffer.byteLength })
  }),
)

const made = await ended
const { lostEvents, reason } = archive.recording()
const backlogAt = performance.now()
const before = process.cpuUsage()
const times = threadTimes()
await archive.dispose()
const info = archive.live.info()
clearInterval(watch)
console.log(
  JSON.stringify({
    recorded: made.recorded,
    ms: made.ms,
    perSecond: (made.recorded / made.ms) * 1000,
    droppedByRecorder: made.dropped,
    lostByArchive: lostEvents,
    payloadMissing,
    inFile: info.nextSeq - info.firstSeq,
    droppedInFile: info.droppedEvents,
    megabytes: info.storedBytes / 1e6,
    megabytesPerSecond: info.storedBytes / 1e3 / made.ms,
    closingMs: performance.now() - backlogAt,
    largestRssMegabytes: largestRss / 1e6,
    cpuMs: (before.user + before.system) / 1000,
    threads: times,
    reason,
  }),
)
process.exit()
