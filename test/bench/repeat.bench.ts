// How well a repetition keeps its period: the engine sends a message every 10 ms (or --every MS), 1,000 times (--times N), to
// a server in this process; the times are those of its own events. A program of its own: `node test/bench/repeat.bench.ts`.
import { createServer } from 'node:net'
import { parseArgs } from 'node:util'
import { createEngineHost } from '../../main/engine-host.ts'
import { kindCode, openBatch } from '../../preload/contract/event-columns.ts'
import type { RunInfo } from '../../preload/contract/runs.ts'

const { values } = parseArgs({
  options: { every: { type: 'string', default: '10' }, times: { type: 'string', default: '1000' } },
})
const everyMs = Number(values.every)
const times = Number(values.times)

const server = createServer((socket) => socket.resume())
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const address = server.address()
if (typeof address !== 'object' || address === null) throw new Error('A TCP server has an address')

const engine = await createEngineHost()
const dataSent = kindCode('data-sent')
const sentAt: number[] = []
engine.onBatch((buffer) => {
  const batch = openBatch(buffer)
  for (let i = 0; i < batch.count; i++) if (batch.kind[i] === dataSent) sentAt.push(batch.at[i]!)
  return 'kept'
})
const run = await new Promise<RunInfo>((resolve, reject) => {
  engine.onState(({ runs }) => {
    const last = runs?.at(-1)
    if (last !== undefined && last.state !== 'running') resolve(last)
  })
  const message = { parts: [{ kind: 'bytes', bytes: Buffer.from('PING\r\n') }], macros: 'ascii' } as const
  const newClient = { role: 'client', name: '', host: '127.0.0.1', port: address.port, connectTimeoutMs: 5000 } as const
  const spec = { kind: 'repeat', name: 'bench', on: { newClient }, message, everyMs, times } as const
  void engine.ask('startRun', { run: spec }).then((started) => {
    if (!started.ok) reject(new Error(started.failure.message))
  })
})
await engine.stop(1000)
server.close()

const gaps = sentAt.slice(1).map((at, i) => at - sentAt[i]!)
const sorted = gaps.toSorted((a, b) => a - b)
const quantile = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
const figures = {
  everyMs,
  sent: sentAt.length,
  missed: run.repeat!.missed,
  meanMs: (sentAt.at(-1)! - sentAt[0]!) / gaps.length,
  p1Ms: quantile(0.01),
  medianMs: quantile(0.5),
  p99Ms: quantile(0.99),
}
for (const [name, value] of Object.entries(figures))
  process.stdout.write(`${name.padEnd(10)} ${Number.isInteger(value) ? value : value.toFixed(3)}\n`)
