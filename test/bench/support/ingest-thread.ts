// A thread that records so many events a second with the engine's own recorder, as a busy engine would: received and sent
// again on many connections. Counterparts: ingest-host.ts, which takes them in; ../ingest.bench.ts.
import { parentPort, workerData } from 'node:worker_threads'
import { Recorder } from '../../../main/engine/record/recorder.ts'

export interface IngestData {
  readonly perSecond: number
  readonly seconds: number
  readonly payloadBytes: number
  readonly connections: number
}

/** What the host answers, as main does. */
export type IngestAnswer = { readonly bytes: number } | { readonly loan: number }

const { perSecond, seconds, payloadBytes, connections } = workerData as IngestData
const port = parentPort!
const total = perSecond * seconds

const recorder = new Recorder(
  (buffer, loan) => port.postMessage({ buffer, loan }, buffer instanceof ArrayBuffer ? [buffer] : []),
  () => undefined,
)
port.on('message', (answer: IngestAnswer) => {
  if ('loan' in answer) recorder.reuse(answer.loan)
  else recorder.acknowledge(answer.bytes)
})

// Different bytes in every chunk, as traffic has, from a pool that is made once.
const pool = new Uint8Array(1024 * 1024 + payloadBytes)
for (let i = 0, x = 1; i < pool.length; i++) {
  x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0
  pool[i] = x >>> 24
}

const startedAt = performance.now()
let recorded = 0
const turn = () => {
  const due = Math.min(total, ((performance.now() - startedAt) / 1000) * perSecond)
  while (recorded < due) {
    const connection = 1 + ((recorded >> 1) % connections)
    const at = (recorded * 97) % (1024 * 1024)
    recorder.data(recorded % 2 === 0 ? 'received' : 'sent', 1, connection, pool.subarray(at, at + payloadBytes))
    recorded++
  }
  if (recorded < total) setTimeout(turn, 1)
  else {
    recorder.flush()
    port.postMessage({ recorded, dropped: recorder.droppedEvents, ms: performance.now() - startedAt })
  }
}
turn()
