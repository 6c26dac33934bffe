// Measures the capture in memory: what appending costs by batch size, what an event costs in bytes by its own account and
// by the process's, and how fast it is read for a page. Run: node --expose-gc test/bench/capture.bench.ts. Prints figures,
// asserts nothing.
import { createMemoryCapture } from '../../main/archive/memory-capture.ts'
import { pageBatchBytes, pagePreviewBytes } from '../../preload/contract/api.ts'
import { openBatch } from '../../preload/contract/event-columns.ts'
import { type EventSketch, makeBatch } from '../renderer/support/batches.ts'

const timed = <T>(run: () => T): [ms: number, value: T] => {
  const start = performance.now()
  const value = run()
  return [performance.now() - start, value]
}

const usedBytes = () => {
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

const payload = new Uint8Array(64).fill(0x61)
const rows = (count: number): EventSketch[] =>
  Array.from({ length: Math.ceil(count / 2) }, (_, i) => {
    const data = payload.slice()
    const at = i / 100
    return [
      { kind: 'data-received', at, connection: 1 + i, data },
      { kind: 'data-sent', at, connection: 1 + i, data },
    ] satisfies EventSketch[]
  })
    .flat()
    .slice(0, count)

/** 1,000,000 events as echo traffic of 64 B, `perBatch` at a time. */
for (const perBatch of [1, 2, 16, 600, 8192]) {
  const events = 1_000_000
  const batch = rows(perBatch)
  const before = usedBytes()
  const capture = createMemoryCapture(Number.POSITIVE_INFINITY)
  let appending = 0
  let worst = 0
  for (let seq = 1; seq <= events; seq += perBatch) {
    const { buffer } = makeBatch(seq, batch)
    const [ms] = timed(() => capture.append(buffer))
    appending += ms
    worst = Math.max(worst, ms)
  }
  const info = capture.info()
  const count = info.nextSeq - info.firstSeq
  const really = usedBytes() - before
  const [reading, read] = timed(() => {
    let batches = 0
    let bytes = 0
    for (let seq = 0; ; batches++) {
      const buffer = capture.read(seq, pageBatchBytes, pagePreviewBytes)
      if (buffer === null) return { batches, bytes }
      bytes += buffer.byteLength
      const opened = openBatch(buffer)
      seq = opened.firstSeq + opened.count
    }
  })
  console.log(
    `${String(perBatch).padStart(4)} a batch: append ${((appending / count) * 1e6).toFixed(0)} ns an event, worst batch ${worst.toFixed(2)} ms;`,
    `${(info.storedBytes / count).toFixed(0)} B an event by its account, ${(really / count).toFixed(0)} B by the process's;`,
    `read ${((reading / count) * 1e6).toFixed(0)} ns an event, ${read.batches} batches, ${(read.bytes / count).toFixed(0)} B an event`,
  )
}

/** The same within the limit of 64 MiB, where the oldest go out. */
for (const perBatch of [1, 600]) {
  const batch = rows(perBatch)
  const before = usedBytes()
  const capture = createMemoryCapture()
  const [ms] = timed(() => {
    for (let seq = 1; seq <= 3_000_000; seq += perBatch) capture.append(makeBatch(seq, batch).buffer)
  })
  const info = capture.info()
  console.log(
    `${String(perBatch).padStart(4)} a batch, limited: ${(ms / 3000).toFixed(2)} µs an event with making it, ${info.nextSeq - info.firstSeq} held,`,
    `${info.droppedEvents} dropped, ${(info.storedBytes / 2 ** 20).toFixed(1)} MiB by its account, ${((usedBytes() - before) / 2 ** 20).toFixed(1)} MiB by the process's`,
  )
}
