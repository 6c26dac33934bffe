// The probe on the real engine thread and real sockets: what issue 3 promises of iterations, links and stalls.
import net from 'node:net'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { startDeafListener } from '../../support/deaf-listener.ts'
import { comesTrue } from '../../support/loopback.ts'
import { type Watched, watchEngine } from './watched.ts'

let watched: Watched

beforeEach(async () => {
  watched = await watchEngine()
  return () => watched.dispose()
})

const peers: net.Socket[] = []
afterEach(() => {
  for (const peer of peers.splice(0)) peer.destroy()
})

const listen = async (reply: 'echo' | 'discard' = 'echo') => {
  const spec = {
    role: 'listener',
    name: 'Echo',
    host: '127.0.0.1',
    port: 0,
    reply,
    greeting: new Uint8Array(0),
  } as const
  return (await watched.ask('createEndpoint', { spec })).local!.port
}

const connect = (port: number): Promise<net.Socket> =>
  new Promise((resolve, reject) => {
    const socket = net.connect({ host: '127.0.0.1', port, noDelay: true })
    peers.push(socket)
    socket.once('connect', () => resolve(socket)).once('error', reject)
  })

/** Sends one byte and waits for it to come back. */
const ping = (socket: net.Socket, byte: number): Promise<void> =>
  new Promise((resolve) => {
    socket.once('data', () => resolve())
    socket.write(Uint8Array.of(byte))
  })

const callbacks = () => watched.records.filter((record) => record.kind === 'callback')

it('counts each iteration exactly once, and as many as libuv counts', async () => {
  const port = await listen()
  const socket = await connect(port)
  const before = await watched.ask('snapshot', null)
  for (let i = 0; i < 300; i++) await ping(socket, i & 0xff)
  const after = await watched.ask('snapshot', null)
  await comesTrue(async () => {
    await watched.flush()
    const numbers = watched.records.filter((record) => record.kind === 'iteration').map((record) => record.iteration)
    expect(numbers.at(-1)).toBeGreaterThanOrEqual(after.iteration)
  })
  const counted = watched.records.filter(
    (record) =>
      record.kind === 'iteration' && record.iteration > before.iteration && record.iteration <= after.iteration,
  )
  expect(counted.length).toBe(after.iteration - before.iteration)
  expect(watched.dropped).toBe(0)
})

it('leaves an idle loop asleep: no more than 5 iterations a second', async () => {
  const port = await listen()
  await connect(port)
  // The traffic's own publications and acknowledgements come to rest first.
  let last = await watched.ask('snapshot', null)
  await vi.waitFor(
    async () => {
      const rested = await new Promise<typeof last>((resolve) => {
        setTimeout(() => void watched.ask('snapshot', null).then(resolve), 1000)
      })
      const turned = rested.iteration - last.iteration
      last = rested
      // The snapshot itself is a command, an answer, and the publication of what they did.
      expect(turned).toBeLessThanOrEqual(5 + 3)
    },
    { timeout: 60_000, interval: 1 },
  )
})

it('leads from every received byte to exactly one poll-phase callback of its connection, and back', async () => {
  const port = await listen()
  const sockets = await Promise.all(Array.from({ length: 20 }, () => connect(port)))
  await Promise.all(
    sockets.map(async (socket, n) => {
      for (let i = 0; i < 50; i++) await ping(socket, (n * 50 + i) & 0xff)
    }),
  )
  await comesTrue(async () => {
    await watched.flush()
    expect(watched.events.filter((event) => event.kind === 'data-received')).toHaveLength(1000)
    expect(callbacks().filter((record) => record.type === 'TCPWRAP').length).toBeGreaterThanOrEqual(1000)
  })
  const byId = new Map<number, number>()
  for (const record of watched.records) if (record.id > 0) byId.set(record.id, (byId.get(record.id) ?? 0) + 1)
  const received = watched.events.filter((event) => event.kind === 'data-received')
  for (const event of received) {
    expect(byId.get(event.callback)).toBe(1)
    const record = callbacks().find((each) => each.id === event.callback)!
    expect(record).toMatchObject({
      phase: 'poll',
      type: 'TCPWRAP',
      connection: event.connection,
      iteration: event.iteration,
    })
    expect(event.seq).toBeGreaterThanOrEqual(record.firstSeq)
    expect(event.seq).toBeLessThan(record.firstSeq + record.seqCount)
  }
  // One read a callback: a callback leads back to one received byte and to the echo of it.
  const bySeq = new Map(watched.events.map((event) => [event.seq, event]))
  for (const record of callbacks()) {
    for (let seq = record.firstSeq; seq < record.firstSeq + record.seqCount; seq++)
      expect(bySeq.get(seq)?.callback).toBe(record.id)
  }
})

it('links connection-made, eof-received and connection-lost to callbacks too', async () => {
  const port = await listen()
  const socket = await connect(port)
  await ping(socket, 1)
  socket.end()
  await comesTrue(() => expect(watched.events.map((event) => event.kind)).toContain('connection-lost'))
  await watched.flush()
  const kinds = ['connection-made', 'data-received', 'eof-received', 'connection-lost']
  const phaseOf = kinds.map((kind) => {
    const event = watched.events.find((each) => each.kind === kind)!
    return callbacks().find((record) => record.id === event.callback)?.phase
  })
  expect(phaseOf).toEqual(['poll', 'poll', 'poll', 'closing'])
})

it('shows a stall as one long callback, and the connections that waited for it', async () => {
  const port = await listen()
  const sockets = await Promise.all(Array.from({ length: 7 }, () => connect(port)))
  await Promise.all(sockets.map((socket) => ping(socket, 0)))
  await watched.ask('blockLoop', { durationMs: 200 })
  // All seven talk while the loop is blocked.
  await Promise.all(sockets.map((socket) => ping(socket, 1)))
  await comesTrue(async () => {
    await watched.flush()
    expect(watched.events.filter((event) => event.kind === 'data-received')).toHaveLength(14)
    expect(callbacks().some((record) => record.end - record.start > 150)).toBe(true)
  })
  const long = callbacks().filter((record) => record.end - record.start > 150)
  expect(long).toHaveLength(1)
  expect(long[0]!.phase).toBe('check')
  expect(long[0]!.own).toBe(false)
  // Called by what it is; the immediates beside it keep their own name.
  expect(callbacks().filter(({ type }) => type === 'block-loop')).toEqual(long)
  expect(long[0]!.end - long[0]!.start).toBeGreaterThanOrEqual(200)
  const after = watched.events.filter((event) => event.kind === 'data-received' && event.iteration > long[0]!.iteration)
  expect(new Set(after.map((event) => event.connection)).size).toBe(7)
})

it('says when a timer was due and when it ran', async () => {
  // The connect timeout falls due while the loop is blocked: both are asked for in one breath, so that nothing comes between.
  const port = await startDeafListener()
  const spec = { role: 'client', name: 'late', host: '127.0.0.1', port, connectTimeoutMs: 100 } as const
  await Promise.all([watched.ask('createEndpoint', { spec }), watched.ask('blockLoop', { durationMs: 300 })])
  await comesTrue(async () => {
    await watched.flush()
    expect(watched.events.some((event) => event.kind === 'connection-failed')).toBe(true)
  })
  const failed = watched.events.find((event) => event.kind === 'connection-failed')!
  await comesTrue(async () => {
    await watched.flush()
    const record = callbacks().find((each) => each.id === failed.callback)
    expect(record).toMatchObject({ phase: 'timers', type: 'Timeout' })
    // Due 100 ms after the connect, run when the block of 300 ms was over.
    expect(record!.start - record!.readyAt).toBeGreaterThan(100)
  })
})

it('watches as much as its level says, switched while everything runs', async () => {
  const port = await listen()
  const socket = await connect(port)
  const during = async (level: 'off' | 'heartbeat' | 'callbacks' | 'microtasks') => {
    await watched.ask('setProbe', { level })
    const from = watched.events.length
    const records = watched.records.length
    await ping(socket, 1)
    await comesTrue(async () => {
      await watched.flush()
      expect(watched.events.slice(from).some((event) => event.kind === 'data-received')).toBe(true)
    })
    await ping(socket, 2)
    await watched.flush()
    return { events: watched.events.slice(from), kinds: new Set(watched.records.slice(records).map((r) => r.kind)) }
  }
  const off = await during('off')
  expect(off.events.every((event) => event.callback === 0)).toBe(true)
  const heartbeat = await during('heartbeat')
  expect(heartbeat.kinds).toContain('iteration')
  expect(heartbeat.kinds).not.toContain('callback')
  expect((await during('callbacks')).kinds).not.toContain('tick')
  const all = await during('microtasks')
  expect(all.kinds).toContain('callback')
  expect([...all.kinds].some((kind) => kind === 'tick' || kind === 'microtask')).toBe(true)
})
