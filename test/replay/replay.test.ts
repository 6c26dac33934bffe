// Replays against live targets: what was recorded is sent again, in order and not before its time, and the answers are compared
// with the recorded ones. Counterpart: main/replay.
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ExportSource } from '../../main/export/source.ts'
import { startReplay } from '../../main/replay/replay.ts'
import type { ReplaySpec } from '../../preload/contract/exports.ts'
import type { ConnectionId } from '../../preload/contract/vocabulary.ts'
import { memorySource } from '../export/support/memory-source.ts'
import { data, type EventSketch, lost, made } from '../renderer/support/batches.ts'
import { expectOk, startEngine } from '../support/engine.ts'

const bytes = (text: string) => new TextEncoder().encode(text)

/** A server that hands every connection to `use`; its port. */
const serve = async (use: (socket: Socket) => void): Promise<number> => {
  const sockets = new Set<Socket>()
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    use(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const echo = (socket: Socket) => socket.pipe(socket)

/** An accepted connection that was asked twice, 120 ms apart, answered, and was closed by the peer. */
const asked: readonly EventSketch[] = [
  made(100, 1),
  data(101, 1, 'received', bytes('first ')),
  data(102, 1, 'sent', bytes('first ')),
  data(220, 1, 'received', bytes('second')),
  data(221, 1, 'sent', bytes('second')),
  lost(230, 1, 'closed-by-peer'),
]

const replayOf = async (source: ExportSource, port: number, more: Partial<ReplaySpec> = {}) => {
  const test = await startEngine()
  const spec: ReplaySpec = {
    connection: 1 as ConnectionId,
    direction: 'received',
    host: '127.0.0.1',
    port,
    speed: 0,
    waitMs: 5000,
    ...more,
  }
  const replay = expectOk(await startReplay(test.engine, source, spec))
  return { test, replay }
}

describe('A replay', () => {
  it('sends what was received, ends as the peer did, and finds the same answers', async () => {
    let came = ''
    const port = await serve((socket) => {
      socket.on('data', (chunk) => {
        came += chunk.toString()
      })
      echo(socket)
    })
    const { replay } = await replayOf(memorySource([{ events: asked }]), port)
    expect(await replay.done).toMatchObject({
      outcome: 'done',
      failure: null,
      // Our FIN came first, as that of the peer whose bytes these are.
      cause: 'closed-here',
      recordedBytes: 12,
      sentBytes: 12,
      recordedAnswerBytes: 12,
      answerBytes: 12,
      difference: null,
      notCompared: null,
    })
    expect(came).toBe('first second')
  })

  it('sends nothing before its time', async () => {
    const port = await serve(echo)
    const { test, replay } = await replayOf(memorySource([{ events: asked }]), port, { speed: 2 })
    expect(await replay.done).toMatchObject({ outcome: 'done', sentBytes: 12, difference: null })
    const sent = test.told.events.filter(({ kind }) => kind === 'data-sent')
    expect(sent.map(({ text }) => text)).toEqual(['first ', 'second'])
    const [madeAgain] = test.told.events.filter(({ kind }) => kind === 'connection-made')
    // Recorded 120 ms after the connection was made; at twice the speed 60, less the millisecond that timers may be early.
    expect(sent[1]!.at - madeAgain!.at).toBeGreaterThan(58)
  })

  it.each([
    { answers: 'first SECOND', offset: 6, recorded: 'second', came: 'SECOND' },
    { answers: 'first sec', offset: 9, recorded: 'ond', came: '' },
    { answers: 'first second and more', offset: 12, recorded: '', came: ' and more' },
  ])('tells where “$answers” first differs from what is recorded', async ({ answers, offset, recorded, came }) => {
    const port = await serve((socket) => {
      socket.on('data', () => {})
      socket.on('end', () => socket.end(answers))
    })
    const { replay } = await replayOf(memorySource([{ events: asked }]), port)
    const { outcome, difference } = await replay.done
    expect(outcome).toBe('done')
    expect(difference?.offset).toBe(offset)
    expect(Buffer.from(difference!.recorded).toString()).toBe(recorded)
    expect(Buffer.from(difference!.came).toString()).toBe(came)
  })

  it('goes no faster than the target reads, with many megabytes', async () => {
    const piece = Uint8Array.from({ length: 256 * 1024 }, (_, i) => i & 0xff)
    const count = 40
    let came = 0
    const port = await serve((socket) => {
      socket.pause()
      socket.on('data', (chunk) => {
        came += chunk.length
      })
      socket.on('end', () => socket.end())
      setImmediate(() => socket.resume())
    })
    const events = [
      made(0, 1),
      ...Array.from({ length: count }, (_, i) => data(i + 1, 1, 'received', piece)),
      lost(99, 1, 'closed-by-peer'),
    ]
    const { test, replay } = await replayOf(memorySource([{ events }]), port)
    const { outcome, sentBytes } = await replay.done
    expect([outcome, sentBytes, came]).toEqual(['done', count * piece.length, count * piece.length])
    const paused = test.told.events.filter(({ kind }) => kind === 'writing-paused')
    for (const { details } of paused)
      expect((details as { bufferedBytes: number }).bufferedBytes).toBeLessThan(2 * piece.length)
  })

  it('says how far it came where the target ends the connection', async () => {
    const port = await serve((socket) => socket.once('data', () => socket.resetAndDestroy()))
    const late = [
      made(0, 1),
      data(1, 1, 'received', bytes('first ')),
      data(3_600_000, 1, 'received', bytes('in an hour')),
    ]
    const { replay } = await replayOf(memorySource([{ events: late }]), port, { speed: 1 })
    expect(await replay.done).toMatchObject({
      outcome: 'ended',
      cause: 'reset-by-peer',
      sentBytes: 6,
      recordedBytes: 16,
    })
  })

  it('says why the target was not reached', async () => {
    const port = await serve(() => {})
    const closed = await new Promise<number>((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const address = server.address() as { port: number }
        server.close(() => resolve(address.port))
      })
    })
    expect(closed).not.toBe(port)
    const { replay } = await replayOf(memorySource([{ events: asked }]), closed)
    expect(await replay.done).toMatchObject({ outcome: 'failed', failure: { code: 'ECONNREFUSED' }, sentBytes: 0 })
  })

  it('can be cancelled while it waits', async () => {
    const port = await serve(echo)
    const late = [made(0, 1), data(1, 1, 'received', bytes('now')), data(3_600_000, 1, 'received', bytes('in an hour'))]
    const { replay } = await replayOf(memorySource([{ events: late }]), port, { speed: 1 })
    while (replay.progress().answerBytes < 3) await replay.changed()
    replay.cancel()
    expect(await replay.done).toMatchObject({ outcome: 'cancelled', answerBytes: 3 })
  })

  it('is refused for what the capture does not have', async () => {
    const test = await startEngine()
    const spec = { direction: 'sent' as const, host: '127.0.0.1', port: 1, speed: 0, waitMs: 1 }
    const source = memorySource([{ events: [made(1, 1), data(2, 1, 'received', bytes('x'))] }])
    const start = (connection: number) =>
      startReplay(test.engine, source, { ...spec, connection: connection as ConnectionId })
    expect(await start(9)).toMatchObject({ ok: false, failure: { code: 'not-found' } })
    expect(await start(1)).toMatchObject({ ok: false, failure: { code: 'nothing' } })
  })
})
