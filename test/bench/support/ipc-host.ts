// Takes in what a thread sends, as main does: counts on where a next thread would take up, and appends to the capture in memory.
// `node ipc-host.ts WAY BYTES WARM SECONDS` prints one line of JSON. Counterparts: ipc-thread.ts, ../ipc.bench.ts.

import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { createMemoryCapture } from '../../../main/archive/memory-capture.ts'
import { trackOrigin } from '../../../main/engine-origin.ts'
import { type BatchBuffer, openBatch } from '../../../preload/contract/event-columns.ts'
import type { IpcAnswer, IpcBatch, IpcData, IpcEvent, IpcWay } from './ipc-thread.ts'

const [way, bytes, warmSeconds, seconds] = process.argv.slice(2)
const payloadBytes = Number(bytes)
const data: IpcData = { way: way as IpcWay, payloadBytes }
const thread = new Worker(new URL('./ipc-thread.ts', import.meta.url), { workerData: data })

let events = 0
let dropped = 0
const answer = (message: IpcAnswer) => thread.postMessage(message)
/** Memory that the capture keeps and the thread wants back. */
const loans = new Map<BatchBuffer, number>()
const capture = createMemoryCapture(undefined, (buffer) => {
  const loan = loans.get(buffer)
  if (loan === undefined) return
  loans.delete(buffer)
  answer({ loan })
})
const reached = trackOrigin()
/** As many objects as the capture would hold of such events. */
const kept: IpcEvent[][] = []
const keptMost = Math.ceil((64 * 1024 * 1024) / (payloadBytes + 64))
let keptEvents = 0

const takeBatch = ({ buffer, loan }: IpcBatch) => {
  const batch = openBatch(buffer)
  events += batch.count
  dropped += batch.droppedBefore
  if (batch.dataLength[batch.count - 1] !== payloadBytes) dropped += batch.count
  reached.events(buffer)
  if (loan !== null) loans.set(buffer, loan)
  capture.append(buffer)
  answer({ bytes: buffer.byteLength })
}

const takeObjects = (list: IpcEvent[]) => {
  kept.push(list)
  keptEvents += list.length
  while (keptEvents > keptMost) keptEvents -= kept.shift()!.length
  events += list.length
  answer({ bytes: list.length * (payloadBytes + 64) })
}

thread.on('message', (message: IpcEvent[] | IpcBatch) =>
  Array.isArray(message) ? takeObjects(message) : takeBatch(message),
)

const read = () => {
  const { user, system } = process.threadCpuUsage()
  const all = process.cpuUsage()
  return { events, at: performance.now(), mainMicros: user + system, allMicros: all.user + all.system }
}
await once(thread, 'message')
await sleep(Number(warmSeconds) * 1000)
const before = read()
await sleep(Number(seconds) * 1000)
const after = read()
const count = after.events - before.events
const mainMicros = after.mainMicros - before.mainMicros
console.log(
  JSON.stringify({
    perSecond: (count / (after.at - before.at)) * 1000,
    mainMicroseconds: mainMicros / count,
    threadMicroseconds: (after.allMicros - before.allMicros - mainMicros) / count,
    dropped,
  }),
)
process.exit()
