// Measures the page's loop log by itself: how fast it takes records in, what one costs in memory, how long a frame's share of
// the work takes. Run: node test/bench/loop-log.bench.ts. Prints figures, asserts nothing.
import { LoopBatchWriter, openLoopBatch, phaseCode, resourceTypeCode } from '../../preload/contract/loop-columns.ts'
import { gatherCallbacks, gatherTurns } from '../../renderer/loop/flame/columns.ts'
import { straightMap } from '../../renderer/loop/flame/time-map.ts'
import { createLoopLog, loopLogLimitBytes } from '../../renderer/loop-log/loop-log.ts'
import { measure } from '../../renderer/loop-log/measures.ts'

const poll = phaseCode('poll')
const check = phaseCode('check')
const tcp = resourceTypeCode('TCPWRAP')
const rowsPerBatch = 700

/** Turns of 0.1 ms with two reads and one beat of the probe each: what an echo at full speed looks like. */
const makeBuffers = (callbacks: number): ArrayBuffer[] => {
  const buffers: ArrayBuffer[] = []
  let writer = new LoopBatchWriter(rowsPerBatch)
  let first = 1
  let id = 0
  const flush = () => {
    const { count } = writer
    buffers.push(writer.compact(first, 0))
    first += count
  }
  const row = (
    kind: number,
    phase: number,
    type: number,
    own: number,
    iteration: number,
    start: number,
    end: number,
  ) => {
    if (writer.count === rowsPerBatch) {
      flush()
      writer = new LoopBatchWriter(rowsPerBatch)
    }
    const i = writer.count++
    const c = writer.columns
    c.kind[i] = kind
    c.phase[i] = phase
    c.type[i] = type
    c.own[i] = own
    c.iteration[i] = iteration
    c.start[i] = start
    c.end[i] = end
    c.readyAt[i] = start
    c.id[i] = kind === 0 ? ++id : 0
    c.connection[i] = own === 0 ? 1 + (iteration % 10) : 0
  }
  for (let turn = 0; id < callbacks; turn++) {
    const at = turn * 0.1
    row(0, poll, tcp, 0, turn + 1, at + 0.01, at + 0.04)
    row(0, poll, tcp, 0, turn + 1, at + 0.04, at + 0.07)
    row(3, poll, 0, 0, turn + 1, at, at + 0.08)
    row(0, check, 0, 1, turn + 1, at + 0.08, at + 0.09)
  }
  flush()
  return buffers
}

const timed = (run: () => void): number => {
  const start = performance.now()
  run()
  return performance.now() - start
}

for (const callbacks of [100_000, 300_000]) {
  const buffers = makeBuffers(callbacks)
  const log = createLoopLog({ limitBytes: loopLogLimitBytes })
  let records = 0
  let worst = 0
  const total = timed(() => {
    for (const buffer of buffers) {
      const batch = openLoopBatch(buffer)
      records += batch.count
      worst = Math.max(
        worst,
        timed(() => log.append(batch)),
      )
    }
  })
  console.log(
    `append: ${((records / total) * 1000).toFixed(0)} records/s, ${((total / records) * 1e6).toFixed(0)} ns a record,`,
    `worst batch ${worst.toFixed(2)} ms, ${(log.storedBytes / records).toFixed(0)} B a record, ${records} of them`,
  )
  const held = log.callbacks.end - log.callbacks.first
  const median = (run: () => void) => {
    const times = Array.from({ length: 21 }, () => timed(run)).sort((a, b) => a - b)
    return times[10]!.toFixed(2)
  }
  for (const share of [1, 0.1, 0.001]) {
    const span = (log.lastAt - log.firstAt) * share
    const map = straightMap({ startMs: log.firstAt, endMs: log.firstAt + span }, 960)
    const seen = log.callbacks.positionAtTime(log.firstAt + span) - log.callbacks.first
    console.log(
      `  ${seen} callbacks in view: gather callbacks ${median(() => gatherCallbacks(log.callbacks, map, 100, true))} ms,`,
      `turns ${median(() => gatherTurns(log.iterations, map))} ms`,
    )
  }
  console.log(
    `  measure all ${median(() => measure(log, log.firstAt, log.lastAt, 100))} ms, the last 10 s`,
    `${median(() => measure(log, log.lastAt - 10_000, log.lastAt, 100))} ms; longest of ${held}: ${median(() => log.callbacks.longest())} ms`,
  )
}
