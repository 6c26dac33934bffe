// A process that records under load until it is killed. `node killed-recorder.ts FOLDER` writes a line for every batch it has
// recorded: the seq after it and its last event's time. Counterpart: killed.test.ts.
import { writeSync } from 'node:fs'
import { createArchive } from '../../../main/archive/archive-host.ts'
import { data, type EventSketch, made, makeBatch } from '../../renderer/support/batches.ts'

const archive = createArchive({ folder: process.argv[2]!, startedAtEpochMs: Date.now() })
await archive.ready
const startedAt = performance.now()
const chunks = Array.from({ length: 64 }, (_, i) => new Uint8Array(64).fill(i))
let seq = 1

// 100,000 events a second, in batches as a busy engine sends them.
const everyMs = 16
const rows = 1600

const turn = () => {
  const at = performance.now() - startedAt
  const events = Array.from({ length: rows }, (_, i): EventSketch => {
    if (seq === 1 && i < 10) return made(at, i + 1)
    return {
      ...data(at, 1 + (i % 10), i % 2 === 0 ? 'received' : 'sent', chunks[(seq + i) % chunks.length]!),
      endpoint: 1,
    }
  })
  const batch = makeBatch(seq, events)
  seq += rows
  archive.record(batch.buffer, () => undefined)
  writeSync(1, `${seq} ${at}\n`)
}
setInterval(turn, everyMs)
