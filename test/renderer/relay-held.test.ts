// The queue of held chunks against a relay that really holds them: what a person decides on, in which order it goes on, and
// what the page knows of what was done. Counterparts: renderer/relay/held-queue.ts, main/engine/endpoints/lab.
import { createServer } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { nothingInLab } from '../../preload/contract/faults.ts'
import { ActIndex, mostActsOfChunk } from '../../renderer/event-log/acts.ts'
import { createEventLog } from '../../renderer/event-log/event-log.ts'
import { Track } from '../../renderer/event-log/track.ts'
import {
  createHeldQueue,
  type HeldCommands,
  type KeptEdits,
  listLimit,
  mostListed,
} from '../../renderer/relay/held-queue.ts'
import { releaseAll } from '../../renderer/relay/release-plan.ts'
import { connectTo, startEngine, type TestEngine } from '../support/engine.ts'
import { comesTrue } from '../support/loopback.ts'
import { data, made, makeBatch } from './support/batches.ts'

/** A service that only keeps what it gets. */
const startSink = async () => {
  let got = ''
  const server = createServer((socket) => {
    socket.on('data', (chunk) => {
      got += chunk.toString('latin1')
    })
    socket.on('error', () => socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, got: () => got }
}

/** A relay that holds what its client sends, and messages that wait in it, one chunk each. */
const holding = async (messages: readonly string[]) => {
  const test: TestEngine = await startEngine()
  const sink = await startSink()
  const { id, local } = await test.do('createEndpoint', {
    spec: {
      role: 'relay',
      name: 'held',
      host: '127.0.0.1',
      port: 0,
      upstreamHost: '127.0.0.1',
      upstreamPort: sink.port,
      connectTimeoutMs: 5000,
      lab: {
        upstream: { ...nothingInLab, intercept: { on: true, pattern: { match: 'always', text: '' } } },
        downstream: nothingInLab,
      },
    },
  })
  const client = await connectTo(local!.port)
  onTestFinished(() => client.reset())
  for (const [i, message] of messages.entries()) {
    client.send(Buffer.from(message))
    await comesTrue(() => expect(test.told.endpoints.get(id)?.held).toBe(i + 1))
  }
  const commands: HeldCommands = {
    heldChunks: (args) => test.engine.ask('heldChunks', args),
    forwardHeld: (args) => test.engine.ask('forwardHeld', args),
    dropHeld: (args) => test.engine.ask('dropHeld', args),
  }
  const open = async (kept?: KeptEdits, dropAfterMs?: number) => {
    const queue = createHeldQueue(commands, id, kept, dropAfterMs)
    onTestFinished(() => queue.dispose())
    queue.refresh()
    await comesTrue(() => expect(queue.store.getState().known).toBe(true))
    return { queue, ids: () => queue.store.getState().chunks.map((chunk) => chunk.id), state: queue.store.getState }
  }
  return { ...test, id, sink, open }
}

const letters = ['a', 'b', 'c', 'd', 'e']

describe('The queue of held chunks', () => {
  it('lets all go in the order they came: edited ones as they are now, dropped ones not at all', async () => {
    const { open, sink, told, id } = await holding(letters)
    const { queue, ids, state } = await open()
    const [, second, third] = ids()
    queue.select(second!)
    queue.setEditing(true)
    queue.type(second!, 'B\\x21')
    queue.drop(third!)
    expect(state().selected).toBe(ids()[3])
    await queue.forwardAll()
    await comesTrue(() => expect(sink.got()).toBe('aB!de'))
    await comesTrue(() => expect(told.endpoints.get(id)?.held).toBe(0))
    await comesTrue(() => expect(state()).toMatchObject({ chunks: [], count: 0, failure: null }))
  })

  it('goes on with the next chunk when one has gone, and keeps bytes from overtaking bytes', async () => {
    const { open, sink } = await holding(letters)
    const { queue, ids, state } = await open()
    const [first, second, third] = ids()
    queue.select(second!)
    await queue.forward(second!)
    expect(state().selected).toBe(third)
    await queue.forward(first!)
    await comesTrue(() => expect(sink.got()).toBe('ab'))
    queue.step(1)
    queue.step(1)
    queue.step(1)
    expect(state().selected).toBe(ids().at(-1))
  })

  it('sends nothing that stands for no bytes, and shows it', async () => {
    const { open, sink } = await holding(letters)
    const { queue, ids, state } = await open()
    const last = ids().at(-1)!
    queue.select(last)
    queue.setEditing(true)
    queue.type(last, 'e\\q')
    queue.setMode(last, 'hex')
    expect(state().edits.get(last)).toEqual({ mode: 'text', text: 'e\\q' })
    queue.select(ids()[0]!)
    await queue.forwardAll()
    expect(state()).toMatchObject({ selected: last, editing: true })
    expect(ids()).toHaveLength(5)
    queue.revert(last)
    queue.setMode(last, 'hex')
    expect(state().edits.get(last)).toEqual({ mode: 'hex', text: '65' })
    queue.setEditing(false)
    expect(state().edits.size).toBe(0)
    await queue.forwardAll()
    await comesTrue(() => expect(sink.got()).toBe('abcde'))
  })

  it('throws a dropped chunk away when it can be brought back no more, and not before', async () => {
    const { open, sink, told, id } = await holding(letters)
    const patient = await open()
    const [first, second] = patient.ids()
    patient.queue.drop(first!)
    patient.queue.drop(second!)
    patient.queue.undo()
    expect([...patient.state().dropped]).toEqual([first])
    patient.queue.undo(first)
    expect(patient.state()).toMatchObject({ selected: first, dropped: new Set() })
    expect(told.endpoints.get(id)?.held).toBe(5)
    const hasty = await open(undefined, 0)
    hasty.queue.drop(first!)
    await comesTrue(() => expect(hasty.ids()).toEqual(patient.ids().slice(1)))
    await hasty.queue.forwardAll()
    await comesTrue(() => expect(sink.got()).toBe('bcde'))
  })

  it('is closed with its drops done, its edits kept, and all else still held', async () => {
    const { open, told, id, sink } = await holding(letters)
    const kept: KeptEdits = new Map()
    const before = await open(kept)
    const [first, second] = before.ids()
    before.queue.select(second!)
    before.queue.setEditing(true)
    before.queue.type(second!, 'B')
    before.queue.drop(first!)
    before.queue.dispose()
    await comesTrue(() => expect(told.endpoints.get(id)?.held).toBe(4))
    expect(sink.got()).toBe('')
    const after = await open(kept)
    expect(after.state().edits.get(second!)).toEqual({ mode: 'text', text: 'B' })
    await after.queue.forwardAll()
    await comesTrue(() => expect(sink.got()).toBe('Bcde'))
    after.queue.dispose()
    expect(kept.size).toBe(0)
  })

  it('keeps what was typed into a chunk far behind, and lets it go on so', async () => {
    const messages = Array.from({ length: 60 }, (_, i) => `${i};`)
    const { open, sink } = await holding(messages)
    const kept: KeptEdits = new Map()
    const before = await open(kept)
    await comesTrue(() => expect(before.ids()).toHaveLength(60))
    const edited = before.ids()[57]!
    before.queue.select(edited)
    before.queue.setEditing(true)
    before.queue.type(edited, 'edited;')
    before.queue.dispose()
    const after = await open(kept)
    expect(after.state().edits.get(edited)).toEqual({ mode: 'text', text: 'edited;' })
    await after.queue.forwardAll()
    await comesTrue(() => expect(sink.got()).toBe(messages.with(57, 'edited;').join('')))
  })

  it('lists as many as can come at once: fewer of large ones', () => {
    expect(listLimit(50, 50 * 98)).toBe(mostListed)
    expect(listLimit(256, 64 * 1024 * 1024)).toBe(32)
    expect(listLimit(3, 64 * 1024 * 1024)).toBe(8)
  })

  it('lists all of many small ones, although it asks for some first', async () => {
    const { open } = await holding(Array.from({ length: 60 }, (_, i) => `${i};`))
    const { ids, state } = await open()
    await comesTrue(() => expect(ids()).toHaveLength(60))
    expect(state().count).toBe(60)
  })

  it('names every chunk once, in order, whatever was decided', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(50), { maxLength: 12 }),
        fc.array(fc.nat(50)),
        fc.array(fc.nat(50)),
        (numbers, editedIds, droppedIds) => {
          const ids = numbers.toSorted((a, b) => a - b)
          const edited = new Map(editedIds.map((id) => [id, new Uint8Array([id])]))
          const plan = releaseAll(ids, edited, new Set(droppedIds))
          const rest = new Set(ids)
          const gone: number[] = []
          for (const { kind, chunks } of plan)
            for (const id of chunks ?? [...rest]) {
              expect(rest.delete(id)).toBe(true)
              if (kind === 'forward') gone.push(id)
            }
          expect(rest.size).toBe(0)
          expect(gone).toEqual(ids.filter((id) => !droppedIds.includes(id)))
          for (const release of plan)
            if (release.kind === 'forward' && release.data !== undefined)
              expect(release.chunks).toEqual([release.data[0]])
        },
      ),
    )
  })
})

describe('What is known of the acts on a chunk', () => {
  const fault = (at: number, chunk: number | null) => ({
    kind: 'fault-applied' as const,
    at,
    connection: 7,
    details: {
      fault: 'latency',
      action: 'latency' as const,
      flow: 'upstream' as const,
      chunk,
      effect: { delayedMs: 5 },
    },
  })

  it('is found by the chunk, whichever way its events came, and forgotten beyond its bounds', () => {
    const index = new ActIndex(2)
    index.addBatch(makeBatch(10, [fault(5, 3), fault(6, 3), fault(6, null)]), 0)
    index.addBatch(makeBatch(4, [fault(1, 3), data(2, 7, 'received', 5), fault(3, 2)]), 0)
    expect(index.of(3)).toEqual([4, 10, 11])
    expect(index.of(2)).toEqual([6])
    expect(index.of(99)).toEqual([])
    index.addBatch(makeBatch(20, [fault(7, 15)]), 0)
    expect([index.size, index.of(3), index.of(15)]).toEqual([2, [], [20]])
    index.addBatch(
      makeBatch(
        30,
        Array.from({ length: 100 }, (_, i) => fault(8 + i, 15)),
      ),
      0,
    )
    expect(index.of(15)).toHaveLength(mostActsOfChunk)
  })

  it('goes with the log: told of what is held, nothing of another capture', () => {
    const log = createEventLog({ limitBytes: 1e9 })
    log.append(makeBatch(1, [made(0, 7), data(1, 7, 'received', 5), fault(2, 2), data(2, 7, 'sent', 5)]))
    expect(log.acts(2)).toEqual([3])
    expect(log.acts(4)).toEqual([])
    const version = log.connectionsVersion
    log.append(makeBatch(5, [fault(3, 2)]))
    expect(log.acts(2)).toEqual([3, 5])
    // Nothing about the connection itself has changed.
    expect(log.connectionsVersion).toBe(version)
    log.startAt(1)
    expect(log.acts(2)).toEqual([])
  })

  it('is seen on the connection’s track among any number of other events', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('received' as const, 'sent' as const, 'acted' as const, 'other' as const), {
          minLength: 1,
          maxLength: 400,
        }),
        fc.nat(400),
        fc.nat(400),
        (events, a, b) => {
          const track = new Track(() => {})
          for (const [i, event] of events.entries()) track.push(i + 1, i, event, 100)
          const [from, to] = [Math.min(a, b, events.length), Math.min(Math.max(a, b), events.length)]
          expect(track.actedIn(from, to)).toBe(events.slice(from, to).includes('acted'))
          expect(track.hasActed).toBe(events.includes('acted'))
          expect(events.map((_, i) => track.eventAt(i))).toEqual(events)
          const weights = track.weightsOf(from, to)
          expect(weights.sent > 0).toBe(events.slice(from, to).includes('sent'))
        },
      ),
      { numRuns: 60 },
    )
  })
})
