// A message again and again: as often as was asked, never in bursts, and not beyond its connection. That the mean period is
// right is measured in test/bench/repeat.bench.ts.
import { describe, expect, it } from 'vitest'
import type { RunInfo, RunMessage, RunSpec } from '../../../preload/contract/runs.ts'
import { keptEndedRuns } from '../../../preload/contract/runs.ts'
import type { ConnectionId } from '../../../preload/contract/vocabulary.ts'
import { startEngine } from '../../support/engine.ts'
import { until } from '../../support/loopback.ts'
import { startScriptedServer } from '../../support/scripted-server.ts'

const message: RunMessage = {
  parts: [{ kind: 'bytes', bytes: Buffer.from('n') }, { kind: 'counter' }, { kind: 'bytes', bytes: Buffer.from(';') }],
  macros: 'ascii',
}

/** An engine with a client that is connected to a server which keeps what comes. */
const connected = async (reads = true) => {
  let came = ''
  const server = await startScriptedServer((socket) => {
    if (reads) socket.setEncoding('latin1').on('data', (chunk) => (came += chunk))
  })
  const engine = await startEngine()
  const runs = new Map<number, RunInfo>()
  const forgotten: number[] = []
  engine.engine.onState((change) => {
    for (const run of change.runs ?? []) runs.set(run.id, run)
    forgotten.push(...(change.removedRuns ?? []))
  })
  await engine.do('createEndpoint', {
    spec: { role: 'client', name: '', host: '127.0.0.1', port: server.port, connectTimeoutMs: 10_000 },
  })
  await engine.event(({ kind }) => kind === 'connection-made')
  const on = { connection: 1 as ConnectionId }
  const repeat = (everyMs: number, times: number | null, sent = message): RunSpec => ({
    kind: 'repeat',
    name: 'test',
    on,
    message: sent,
    everyMs,
    times,
  })
  const ended = async (id: number): Promise<RunInfo> => {
    await until(
      () => runs.get(id) !== undefined && runs.get(id)!.state !== 'running',
      () => `run ${id} is over`,
    )
    return runs.get(id)!
  }
  return { engine, server, came: () => came, runs, forgotten, repeat, ended }
}

describe('A repetition', () => {
  it('sends as often as was asked, each message anew', async () => {
    const { engine, repeat, ended, came } = await connected()
    const { id } = await engine.do('startRun', { run: repeat(2, 20) })
    const run = await ended(id)
    expect(run).toMatchObject({ state: 'passed', message: '', repeat: { sent: 20, times: 20, everyMs: 2 } })
    const expected = Array.from({ length: 20 }, (_, i) => `n${i + 1};`).join('')
    await until(
      () => came() === expected,
      () => `${expected}, not ${came()}`,
    )
  })

  it('counts what a busy loop made it miss, and does not catch up with it', async () => {
    const { engine, repeat, ended } = await connected()
    const started = engine.do('startRun', { run: repeat(20, 10) })
    // Comes right behind the first one, in the loop's own order.
    await engine.do('blockLoop', { durationMs: 300 })
    const run = await ended((await started).id)
    expect(run.repeat!.missed).toBeGreaterThanOrEqual(10)
    const sent = engine.told.events.filter(({ kind }) => kind === 'data-sent')
    expect(sent).toHaveLength(10)
    // On the grid of its first: the events' order of times says so, whatever the machine does.
    for (const [i, { at }] of sent.entries()) if (i > 0) expect(at).toBeGreaterThan(sent[i - 1]!.at)
  })

  it('goes on until it is stopped, and sends nothing after that', async () => {
    const { engine, repeat, ended, runs } = await connected()
    const { id } = await engine.do('startRun', { run: repeat(1, null) })
    await until(
      () => (runs.get(id)?.repeat?.sent ?? 0) >= 5,
      () => 'five were sent',
    )
    const stopped = await engine.do('stopRun', { run: id })
    expect(await ended(id)).toMatchObject({ state: 'stopped', message: 'Stopped by hand' })
    // What the engine does next comes after what it did before.
    await engine.do('snapshot', null)
    expect(engine.told.events.filter(({ kind }) => kind === 'data-sent')).toHaveLength(stopped.repeat!.sent)
  })

  it('stops when its connection ends', async () => {
    const { engine, repeat, ended, server } = await connected()
    const { id } = await engine.do('startRun', { run: repeat(1, null) })
    await engine.event(({ kind }) => kind === 'data-sent')
    ;(await server.accepted()).resetAndDestroy()
    expect(await ended(id)).toMatchObject({
      state: 'stopped',
      message: expect.stringMatching(/^Connection 1 is over \((reset-by-peer|error)\)/),
    })
  })

  it('does not fill memory for a peer that does not read', async () => {
    const { engine, repeat, runs } = await connected(false)
    const large: RunMessage = { parts: [{ kind: 'bytes', bytes: new Uint8Array(1024 * 1024) }], macros: 'ascii' }
    const { id } = await engine.do('startRun', { run: repeat(1, null, large) })
    await until(
      () => (runs.get(id)?.repeat?.missed ?? 0) >= 50,
      () => 'fifty were left out',
    )
    const { connections } = await engine.do('snapshot', null)
    expect(connections[0]!.bufferedBytes).toBeLessThan(4 * 1024 * 1024)
    await engine.do('stopRun', { run: id })
  })

  it('is remembered for a while when it is over', async () => {
    const { engine, repeat, forgotten, ended } = await connected()
    for (let i = 0; i < keptEndedRuns + 3; i++) {
      const { id } = await engine.do('startRun', { run: repeat(1, 1) })
      await ended(id)
    }
    expect(forgotten).toEqual([1, 2, 3])
    expect((await engine.do('snapshot', null)).runs).toHaveLength(keptEndedRuns)
  })
})

describe('Whoever sends piece by piece', () => {
  it('is told when the peer has taken enough, or is gone', async () => {
    const { engine, server } = await connected(false)
    const connection = 1 as ConnectionId
    const data = new Uint8Array(8 * 1024 * 1024)
    expect(await engine.do('waitUntilWritable', { connection })).toBe(0)
    await engine.do('send', { connection, data })
    let told = false
    const writable = engine.do('waitUntilWritable', { connection }).then((buffered) => {
      told = true
      return buffered
    })
    await engine.event(({ kind }) => kind === 'writing-paused')
    await engine.do('snapshot', null)
    expect(told).toBe(false)
    ;(await server.accepted()).resume()
    expect(await writable).toBeLessThan(data.length)
    ;(await server.accepted()).pause()
    await engine.do('send', { connection, data: new Uint8Array(16 * 1024 * 1024) })
    const over = engine.do('waitUntilWritable', { connection })
    ;(await server.accepted()).destroy()
    await over
  })
})
