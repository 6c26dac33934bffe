// Measures the page's event log by itself: how fast it takes events in, what an event costs in memory, how fast it is
// searched. Run: node test/bench/event-log.bench.ts. Prints figures, asserts nothing.
import { EventBatchWriter, kindCode, openBatch } from '../../preload/contract/event-columns.ts'
import type { ConnectionId } from '../../preload/contract/vocabulary.ts'
import { createEventLog } from '../../renderer/event-log/event-log.ts'

const payload = new Uint8Array(64).fill(0x61)
const kinds = [kindCode('data-received'), kindCode('data-sent')]
const connections = 100

const makeBuffers = (events: number, perBatch: number): ArrayBuffer[] => {
  const buffers: ArrayBuffer[] = []
  for (let seq = 1; seq <= events; ) {
    const writer = new EventBatchWriter(perBatch, perBatch * payload.length)
    const firstSeq = seq
    for (; writer.count < perBatch && seq <= events; seq++)
      writer.append(
        kinds[seq & 1]!,
        0,
        seq / 500,
        1,
        1 + ((seq >> 1) % connections),
        64,
        seq >> 3,
        0,
        writer.store(payload),
        64,
      )
    buffers.push(writer.take(firstSeq, 0))
  }
  return buffers
}

const timed = (run: () => void): number => {
  const start = performance.now()
  run()
  return performance.now() - start
}

for (const perBatch of [1, 16, 600]) {
  const events = 1_000_000
  const buffers = makeBuffers(events, perBatch)
  const log = createEventLog({ limitBytes: 64 * 1024 * 1024 })
  let worst = 0
  const total = timed(() => {
    for (const buffer of buffers)
      worst = Math.max(
        worst,
        timed(() => log.append(openBatch(buffer))),
      )
  })
  console.log(
    `append, ${perBatch} a batch: ${((events / total) * 1000).toFixed(0)} events/s, ${((total / events) * 1e6).toFixed(0)} ns an event,`,
    `worst batch ${worst.toFixed(2)} ms, ${(log.storedBytes / log.count).toFixed(0)} B an event, ${log.count} held, ${log.droppedEvents} dropped`,
  )
  const reads = 1_000_000
  const span = log.nextSeq - log.firstSeq
  let sum = 0
  const inOrder = timed(() => {
    for (let i = 0; i < reads; i++) sum += log.at(log.firstSeq + (i % span))
  })
  const atRandom = timed(() => {
    for (let i = 0; i < reads; i++) sum += log.at(log.firstSeq + ((i * 7919) % span))
  })
  const byTime = timed(() => {
    for (let i = 0; i < reads / 10; i++) sum += log.seqAtTime(log.firstAt + ((i * 7919) % (log.lastAt - log.firstAt)))
  })
  const { track } = log.connections.get(1 as ConnectionId)!
  const pixels = timed(() => {
    for (let frame = 0; frame < 100; frame++) {
      let position = track.first
      const weights = { received: 0, sent: 0 }
      for (let x = 0; x < 650; x++) {
        const next = track.positionOfTime(log.firstAt + ((x + 1) * (log.lastAt - log.firstAt)) / 650, position)
        track.addWeights(position, next, weights)
        position = next
      }
      sum += weights.sent
    }
  })
  const minimap = timed(() => {
    for (let frame = 0; frame < 100; frame++) {
      const weights = { received: 0, sent: 0 }
      const width = (log.lastAt - log.firstAt) / 650
      for (let x = 0; x < 650; x++) log.addWeights(log.firstAt + x * width, log.firstAt + (x + 1) * width, weights)
      sum += weights.sent
    }
  })
  console.log(
    `  read at(seq): in order ${((inOrder / reads) * 1e6).toFixed(0)} ns, at random ${((atRandom / reads) * 1e6).toFixed(0)} ns;`,
    `seqAtTime ${((byTime / reads) * 1e7).toFixed(0)} ns;`,
    `a row of 650 px over ${track.size} events ${(pixels / 100).toFixed(3)} ms; minimap of 650 px over ${log.count} events ${(minimap / 100).toFixed(3)} ms`,
    sum > 0 ? '' : ' ',
  )
}
