// The page's side of the event pipe, played by hand: what is asked in which order, what is paid back, and what happens when
// the pipe breaks, the engine ends, or another app answers.
import { describe, expect, test } from 'vitest'
import type { FromPage } from '../../preload/contract/api.ts'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import type { Snapshot } from '../../preload/contract/vocabulary.ts'
import { createFeed, type FeedSinks } from '../../renderer/link/feed.ts'
import { data, makeBatch } from './support/batches.ts'

const snapshotAt = (seq: number): Snapshot => ({
  seq,
  startedAtEpochMs: 0,
  endpoints: [],
  connections: [],
  probe: 'off',
  iteration: 0,
})

const sent = data(0, 1, 'sent', 64)

/** A feed between a scripted app and sinks that write down what they are told. */
const play = (answer: () => Result<Snapshot>) => {
  const story: string[] = []
  const posted: FromPage[] = []
  let nextSeq = 0
  let nextRecord = 1
  const sinks: FeedSinks = {
    append: (batch) => {
      nextSeq = batch.firstSeq + batch.count
      story.push(`append ${batch.firstSeq}..${nextSeq - 1}`)
    },
    nextSeq: () => nextSeq,
    appendLoop: (batch) => {
      nextRecord = batch.first + batch.count
      story.push(`append records ${batch.first}..${nextRecord - 1}`)
    },
    nextRecord: () => nextRecord,
    snapshot: (snapshot) => story.push(`snapshot ${snapshot.seq}`),
    state: (change) => story.push(`state ${change.seq}`),
    capture: (_, file) => story.push(file === null ? 'capture' : `capture ${file}`),
    recording: ({ to }) => story.push(`recording to ${to}`),
    workspace: (part, revision) => story.push(`${part} ${revision}`),
    reopened: () => null,
    beforeSubscription: () => null,
    engine: (running) => story.push(running ? 'engine runs' : 'engine stopped'),
    host: (host) => story.push(`host ${host.kind}`),
    ready: () => story.push('ready'),
    lost: () => story.push('lost'),
    stranger: () => story.push('stranger'),
  }
  const feed = createFeed(
    {
      commands: {
        snapshot: async () => {
          story.push('ask snapshot')
          return answer()
        },
      },
      post: (message) => {
        posted.push(message)
        story.push(message.type === 'subscribe' ? `subscribe ${message.fromSeq}` : `credit ${message.bytes}`)
      },
    },
    sinks,
  )
  /** Lets every answer that is on its way arrive. */
  const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 0))
  return { feed, story, posted, settle }
}

describe('a feed', () => {
  test('takes the snapshot before it subscribes, from the oldest event on a fresh page', async () => {
    const { feed, story, settle } = play(() => ok(snapshotAt(40)))
    feed.opened()
    await settle()
    expect(story).toEqual(['ask snapshot', 'snapshot 40', 'ready', 'subscribe 0'])
  })

  test('pays each batch back with its size, after it is taken in', async () => {
    const { feed, story, settle } = play(() => ok(snapshotAt(0)))
    feed.opened()
    await settle()
    const { buffer } = makeBatch(1, [data(0, 1, 'sent', 64), data(1, 1, 'received', 64)])
    feed.message({ type: 'batch', buffer })
    expect(story.slice(-2)).toEqual(['append 1..2', `credit ${buffer.byteLength}`])
  })

  test('goes on after a break where its log ends', async () => {
    const { feed, story, settle } = play(() => ok(snapshotAt(9)))
    feed.opened()
    await settle()
    feed.message({ type: 'batch', buffer: makeBatch(1, [sent, sent]).buffer })
    feed.lost()
    feed.opened()
    await settle()
    expect(story.slice(-5)).toEqual(['lost', 'ask snapshot', 'snapshot 9', 'ready', 'subscribe 3'])
  })

  test('drops the answer to a question from before a break', async () => {
    const { feed, story, settle } = play(() => ok(snapshotAt(9)))
    feed.opened()
    feed.lost()
    await settle()
    expect(story).toEqual(['ask snapshot', 'lost'])
  })

  test('subscribes without a snapshot where the engine is gone: the recorded events can still be read', async () => {
    const { feed, story, settle } = play(() => fail('engine-stopped', 'The engine thread has ended'))
    feed.opened()
    await settle()
    expect(story).toEqual(['ask snapshot', 'ready', 'subscribe 0'])
  })

  test('starts anew with what is looked at instead, and drops what was asked for before', async () => {
    const { feed, story, settle } = play(() => ok(snapshotAt(7)))
    feed.opened()
    feed.restart()
    await settle()
    expect(story).toEqual(['ask snapshot', 'ask snapshot', 'snapshot 7', 'ready', 'subscribe 0'])
  })

  test('does not mix its events with those of another run of the app', async () => {
    let seq = 9
    const { feed, story, settle } = play(() => ok(snapshotAt(seq)))
    feed.opened()
    await settle()
    feed.message({ type: 'batch', buffer: makeBatch(1, [sent, sent, sent]).buffer })
    feed.lost()
    seq = 2
    feed.opened()
    await settle()
    expect(story.slice(-3)).toEqual(['lost', 'ask snapshot', 'stranger'])
  })

  test('asks for the state again when a new engine runs, and keeps its subscription', async () => {
    const { feed, story, settle } = play(() => ok(snapshotAt(9)))
    feed.opened()
    await settle()
    feed.message({ type: 'engine', running: false, message: 'it ended' })
    feed.message({ type: 'engine', running: true, message: '' })
    await settle()
    expect(story.slice(-4)).toEqual(['engine stopped', 'engine runs', 'ask snapshot', 'snapshot 9'])
  })

  test('hands state, capture and host on as they come', () => {
    const { feed, story } = play(() => ok(snapshotAt(0)))
    feed.host({ kind: 'serve', version: '0.1.0', versions: {}, platform: 'linux' })
    feed.message({
      type: 'state',
      change: { seq: 3, probe: 'off', endpoints: [], connections: [], removedEndpoints: [], removedConnections: [] },
    })
    expect(story).toEqual(['host serve', 'state 3'])
  })

  test('refuses bytes that are not a batch, and pays nothing for them', () => {
    const { feed, posted } = play(() => ok(snapshotAt(0)))
    expect(() => feed.message({ type: 'batch', buffer: new ArrayBuffer(64) })).toThrow(RangeError)
    expect(posted).toEqual([])
  })
})
