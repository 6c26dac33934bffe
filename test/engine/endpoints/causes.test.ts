// Every way in which a connection ends or is not made, with its cause and errno name, in the events, in the connection's facts
// and in the endpoint's state: acceptance line 4. Counterparts: main/engine/endpoints/connection.ts, loop/errors.ts.
import { describe, expect, it } from 'vitest'
import type { Cause, ConnectionId, EndpointInfo } from '../../../preload/contract/vocabulary.ts'
import { connectTo } from '../../support/engine.ts'
import { type FarEnd, freePort, localhost, runningLoop, startFarServer, until } from '../../support/loopback.ts'
import { startBlackHole } from '../../support/rude-peers.ts'
import { type WatchedEngine, watchedEngine } from './watched-engine.ts'

const plenty = new Uint8Array(10 * 1024 * 1024)

interface Made {
  readonly engine: WatchedEngine
  readonly connection: ConnectionId
  readonly far: FarEnd
}

/** How a connection that was made can end. */
const endings: readonly {
  readonly title: string
  readonly happens: (made: Made) => Promise<unknown> | unknown
  readonly cause: Cause
  readonly errno: string | null
  /** In what state it leaves a client: what somebody wanted is no failure. */
  readonly client: EndpointInfo['state']
  readonly unsent?: boolean
}[] = [
  {
    title: 'the peer sends FIN',
    happens: ({ far }) => far.finish(),
    cause: 'closed-by-peer',
    errno: null,
    client: 'stopped',
  },
  {
    title: 'we close',
    happens: ({ engine, connection }) => engine.do('close', { connection }),
    cause: 'closed-here',
    errno: null,
    client: 'stopped',
  },
  {
    title: 'the peer sends RST',
    happens: ({ far }) => far.reset(),
    cause: 'reset-by-peer',
    errno: 'ECONNRESET',
    client: 'failed',
  },
  {
    title: 'we reset',
    happens: ({ engine, connection }) => engine.do('reset', { connection }),
    cause: 'reset-here',
    errno: null,
    client: 'stopped',
  },
  {
    title: 'the peer sends RST in mid-transfer',
    happens: async ({ engine, connection, far }) => {
      far.pause()
      await engine.do('send', { connection, data: plenty })
      expect((await engine.connection(connection))?.bufferedBytes).toBeGreaterThan(0)
      far.reset()
    },
    cause: 'reset-by-peer',
    errno: 'ECONNRESET',
    client: 'failed',
    unsent: true,
  },
  {
    title: 'we reset in mid-transfer',
    happens: async ({ engine, connection, far }) => {
      far.pause()
      await engine.do('send', { connection, data: plenty })
      await engine.do('reset', { connection })
    },
    cause: 'reset-here',
    errno: null,
    client: 'stopped',
    unsent: true,
  },
]

describe('A connection that was made', () => {
  for (const { title, happens, cause, errno, client, unsent = false } of endings) {
    const expectEnd = async (engine: WatchedEngine, connection: ConnectionId) => {
      const end = await engine.end(connection)
      expect(end).toMatchObject({ cause, errno, ignoredBytes: 0, unreadBytes: 0 })
      expect(end['unsentBytes'] as number)[unsent ? 'toBeGreaterThan' : 'toBe'](0)
      const facts = await engine.connection(connection)
      expect(facts).toMatchObject({ state: 'lost', cause, bufferedBytes: 0, writingPaused: false })
      expect(facts?.error?.code ?? null).toBe(errno)
      expect(facts!.endedAt).toBeGreaterThanOrEqual(facts!.madeAt!)
    }

    it(`and accepted, when ${title}: ${cause}`, async () => {
      const engine = await watchedEngine()
      const { endpoint, port } = await engine.listen({ reply: 'discard' })
      const far = await connectTo(port)
      const connection = await engine.made(endpoint.id)
      await happens({ engine, connection, far })
      await expectEnd(engine, connection)
      expect((await engine.endpoint(endpoint.id))?.state).toBe('live')
      far.resume()
    })

    it(`and opened, when ${title}: ${cause}`, async () => {
      const engine = await watchedEngine()
      const { port, accepted } = await startFarServer('node:net', runningLoop().loop)
      const endpoint = await engine.connect(port)
      const connection = await engine.made(endpoint.id)
      const far = await accepted()
      await happens({ engine, connection, far })
      await expectEnd(engine, connection)
      const state = await engine.becomes(endpoint.id, client)
      expect(state.reason?.code ?? null).toBe(client === 'failed' ? errno : null)
      far.resume()
    })
  }
})

describe('A connection that is not made', () => {
  const failures: readonly {
    readonly title: string
    readonly target: () => Promise<{ port: number; host?: string; connectTimeoutMs?: number }>
    readonly cause: Cause
    readonly errno: RegExp
    /** The sentence: what it means, not what Node calls it. */
    readonly says: RegExp
  }[] = [
    {
      title: 'nobody listens',
      target: async () => ({ port: await freePort() }),
      cause: 'refused',
      errno: /^ECONNREFUSED$/,
      says: /^Nothing accepts connections on 127\.0\.0\.1:\d+$/,
    },
    {
      title: 'nobody answers in time',
      target: async () => ({ port: await startBlackHole(), connectTimeoutMs: 50 }),
      cause: 'timed-out',
      errno: /^ETIMEDOUT$/,
      says: /^no answer within 50 ms$/,
    },
    {
      title: 'there is no such name',
      target: async () => ({ port: 1, host: 'no-such-name.invalid' }),
      cause: 'name-not-found',
      errno: /^(ENOTFOUND|EAI_AGAIN)$/,
      says: /^(No address was found for the name|The name) no-such-name\.invalid\b/,
    },
  ]

  it.each(failures)('because $title: $cause', async ({ target, cause, errno, says }) => {
    const engine = await watchedEngine()
    const { port, ...spec } = await target()
    const endpoint = await engine.connect(port, spec)
    const failed = await engine.becomes(endpoint.id, 'failed')
    expect(failed.reason?.code).toMatch(errno)
    expect(failed.reason?.message).toMatch(says)
    expect(failed).toMatchObject({ connectionsNow: 0, connectionsTotal: 0, local: null })
    const event = await engine.event(({ kind }) => kind === 'connection-failed')
    expect(event).toMatchObject({
      cause,
      details: { error: failed.reason, remote: { host: spec.host ?? localhost, port } },
    })
    const facts = await engine.connection(event.connection)
    expect(facts).toMatchObject({ state: 'failed', cause, error: failed.reason, madeAt: null, local: null })
    expect(engine.story(event.connection)).toEqual(['connection-started', 'connection-failed'])
  })
})

describe('A peer that both sends and resets', () => {
  it('has its bytes recorded before the reset', async () => {
    const engine = await watchedEngine()
    const { endpoint, port } = await engine.listen({ reply: 'discard' })
    const far = await connectTo(port)
    const connection = await engine.made(endpoint.id)
    far.send(Buffer.from('last words'))
    await until(
      () => far.unsentBytes === 0,
      () => 'the bytes to leave',
    )
    far.reset()
    expect(await engine.end(connection)).toMatchObject({ cause: 'reset-by-peer' })
    expect(engine.story(connection, true)).toEqual(['connection-made', 'data-received', 'connection-lost'])
  })
})
