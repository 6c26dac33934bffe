// What goes into a relay comes out of it: for any chunking, any order of ends, in both directions, with people injecting bytes,
// readers pausing, and resets. Through the real engine thread and real sockets. Counterpart: main/engine/endpoints/relay.ts.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ConnectionId } from '../../preload/contract/vocabulary.ts'
import { watchedEngine } from '../engine/endpoints/watched-engine.ts'
import { connectFarEnd, type FarEnd, farKinds, runningLoop, startFarServer, turns, until } from '../support/loopback.ts'
import { expectBytes } from '../support/playbook.ts'

/** Far more than these runs take, also on a machine that has other things to do. */
const timeoutMs = 60_000

type Side = 'client' | 'server'
type Action =
  | { readonly what: 'send'; readonly side: Side; readonly bytes: number }
  | { readonly what: 'pause' | 'resume' | 'finish' | 'reset'; readonly side: Side }
  /** A person sends bytes towards a side. */
  | { readonly what: 'inject'; readonly side: Side; readonly bytes: number }
  /** Lets the loop turn, so that actions do not all come in one breath. */
  | { readonly what: 'breathe'; readonly turns: number }

const anySide = fc.constantFrom<Side>('client', 'server')
const anySize = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1000, max: 200_000 }))
const action = <W extends Action['what']>(what: W) => fc.record({ what: fc.constant(what), side: anySide })
const sized = <W extends Action['what']>(what: W) =>
  fc.record({ what: fc.constant(what), side: anySide, bytes: anySize })
const breathe = fc.record({ what: fc.constant('breathe' as const), turns: fc.integer({ min: 1, max: 30 }) })

const orderly = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: sized('send') },
    { weight: 3, arbitrary: breathe },
    { weight: 2, arbitrary: sized('inject') },
    { weight: 1, arbitrary: action('pause') },
    { weight: 1, arbitrary: action('resume') },
    { weight: 1, arbitrary: action('finish') },
  ),
  { minLength: 3, maxLength: 20 },
)

/** Injected bytes are of this value, and no other byte is: so both can be told apart in what comes out. */
const injected = 0xff

/** Bytes that differ from place to place, so that none can be lost, doubled or moved unnoticed. */
const pattern = (from: number, bytes: number): Buffer => {
  const data = Buffer.alloc(bytes)
  for (let i = 0; i < bytes; i++) data[i] = ((from + i) * 31 + ((from + i) >> 8)) % injected
  return data
}

const otherSide = (side: Side): Side => (side === 'client' ? 'server' : 'client')

const relayed = async (kind: (typeof farKinds)[number]) => {
  const engine = await watchedEngine()
  const { loop } = runningLoop()
  const target = await startFarServer(kind, loop)
  const { endpoint, port } = await engine.relay(target.port)
  let pairs = 0

  /** Plays the actions through a new pair; resolves when both sides know how it ended. */
  const play = async (actions: readonly Action[]) => {
    const n = pairs++
    const client = await connectFarEnd(kind, loop, port)
    const ends: Record<Side, FarEnd> = { client, server: await target.accepted(n) }
    const halves: Record<Side, ConnectionId> = {
      client: await engine.made(endpoint.id, n, 'downstream'),
      server: await engine.made(endpoint.id, n, 'upstream'),
    }
    const sent: Record<Side, number> = { client: 0, server: 0 }
    const injections: Record<Side, number> = { client: 0, server: 0 }
    const finished = new Set<Side>()
    let reset: Side | null = null
    const finish = (side: Side) => {
      if (finished.has(side)) return
      finished.add(side)
      ends[side].finish()
    }
    for (const each of actions) {
      if (reset !== null) break
      switch (each.what) {
        case 'send':
          if (finished.has(each.side)) break
          ends[each.side].send(pattern(sent[each.side], each.bytes))
          sent[each.side] += each.bytes
          break
        case 'inject': {
          const data = new Uint8Array(each.bytes).fill(injected)
          const result = await engine.engine.ask('send', { connection: halves[each.side], data })
          // Behind a FIN there is no injecting.
          if (result.ok) injections[each.side] += each.bytes
          break
        }
        case 'pause':
        case 'resume':
          ends[each.side][each.what]()
          break
        case 'finish':
          finish(each.side)
          break
        case 'reset':
          reset = each.side
          ends[each.side].reset()
          break
        case 'breathe':
          await turns(each.turns)
          break
      }
    }
    const over = (side: Side) =>
      until(
        () => ends[side].ended !== null,
        () =>
          `the ${side} to be over; it has ${ends[side].receivedBytes} bytes, and ${ends[side].finSeen ? 'a' : 'no'} FIN`,
      )
    for (const side of ['client', 'server'] as const) ends[side].resume()
    // Nobody reads behind a FIN, so nobody meets a reset there: then it takes the other side's end.
    const met = reset !== null && !finished.has(reset)
    if (met) await over(otherSide(reset!))
    else for (const side of ['client', 'server'] as const) if (side !== reset) finish(side)
    await Promise.all([over('client'), over('server')])
    for (const half of Object.values(halves)) await engine.end(half)
    return {
      met,
      /** What came out at a side, without what was injected. */
      output: (side: Side) => ends[side].received().filter((byte) => byte !== injected),
      input: (side: Side) => pattern(0, sent[otherSide(side)]),
      injectedInto: (side: Side) => injections[side],
      injectionsSeen: (side: Side) => ends[side].received().filter((byte) => byte === injected).length,
      ended: (side: Side) => ends[side].ended,
      finSeen: (side: Side) => ends[side].finSeen,
    }
  }
  return { engine, endpoint, play }
}

describe.each(farKinds)('Between two ends of %s, what goes into a relay', (kind) => {
  it(
    'comes out of it, all of it and nothing else, for any chunking and any order of ends',
    async () => {
      const { engine, endpoint, play } = await relayed(kind)
      await fc.assert(
        fc.asyncProperty(orderly, async (actions) => {
          const played = await play(actions)
          for (const side of ['client', 'server'] as const) {
            expectBytes(played.output(side), played.input(side))
            expect(played.injectionsSeen(side)).toBe(played.injectedInto(side))
            expect({ ended: played.ended(side), finSeen: played.finSeen(side) }).toEqual({
              ended: 'closed',
              finSeen: true,
            })
          }
        }),
        { numRuns: 15, endOnFailure: true },
      )
      expect((await engine.endpoint(endpoint.id))?.connectionsNow).toBe(0)
    },
    timeoutMs,
  )

  it(
    'comes out of it up to a reset, and nothing else, and the reset does too',
    async () => {
      const { engine, endpoint, play } = await relayed(kind)
      await fc.assert(
        fc.asyncProperty(orderly, anySide, async (actions, side) => {
          const played = await play([...actions, { what: 'reset', side }])
          for (const each of ['client', 'server'] as const) {
            const output = played.output(each)
            expectBytes(output, played.input(each).subarray(0, output.length))
            expect(played.injectionsSeen(each)).toBeLessThanOrEqual(played.injectedInto(each))
          }
          if (played.met) expect(played.ended(otherSide(side))).toBe('ECONNRESET')
        }),
        { numRuns: 15, endOnFailure: true },
      )
      expect((await engine.endpoint(endpoint.id))?.connectionsNow).toBe(0)
    },
    timeoutMs,
  )
})
