// The bounded queue between the wire and standard output: order, its limits, what it says of what it dropped, and its end.
import { Writable } from 'node:stream'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import {
  createLineQueue,
  type LineQueue,
  payloadLimitBytes,
  queueLimitBytes,
  smallPayloadBytes,
} from '../../main/cli/line-queue.ts'

/** A reader that takes a write only when it is told to. */
const createSlowReader = () => {
  const taken: Buffer[] = []
  let take: (() => void) | null = null
  const stream = new Writable({
    highWaterMark: 1,
    write(chunk: Buffer, _encoding, done) {
      take = () => {
        // Copied, as a pipe does it: the queue fills the same memory again.
        taken.push(Buffer.from(chunk))
        take = null
        done()
      }
    },
  })
  return {
    stream,
    lines: () => Buffer.concat(taken).toString().trimEnd().split('\n'),
    takeOne: () => take?.(),
    /** Takes writes until none comes any more. */
    async takeAll() {
      while (take !== null) {
        take()
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
  }
}

const droppedLine = (count: number) => `dropped ${count}`
const pushText = (queue: LineQueue, text: string) => queue.push((parts) => parts.text(text))
const kilobyte = 'x'.repeat(1023)

it('writes every line in order, whole, and has written all when it has ended', async () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 3000 }).map((s) => s.replaceAll('\n', '').toWellFormed())
  const bytes = fc.uint8Array({ maxLength: 100_000, size: 'max' })
  await fc.assert(
    fc.asyncProperty(fc.array(fc.record({ text, bytes }), { maxLength: 30 }), async (lines) => {
      const written: Buffer[] = []
      const stream = new Writable({
        write(chunk: Buffer, _encoding, done) {
          setImmediate(() => {
            written.push(Buffer.from(chunk))
            done()
          })
        },
      })
      const queue = createLineQueue(stream, droppedLine)
      for (const line of lines)
        queue.push((parts) => {
          parts.text(line.text)
          parts.base64(line.bytes)
        })
      await queue.end()
      const expected = lines.map((line) => `${line.text}${Buffer.from(line.bytes).toString('base64')}\n`)
      expect(Buffer.concat(written).toString()).toBe(expected.join(''))
    }),
    { numRuns: 30 },
  )
})

it('keeps no more than its limit for a reader that does not read, and counts the rest without formatting it', async () => {
  const reader = createSlowReader()
  const queue = createLineQueue(reader.stream, droppedLine)
  const fitting = queueLimitBytes / 1024
  let formatted = 0
  for (let i = 0; i < fitting + 500; i++)
    queue.push((parts) => {
      formatted++
      parts.text(kilobyte)
    })
  expect(formatted).toBe(fitting)
  const ended = queue.end()
  await reader.takeAll()
  await ended
  expect(reader.lines().length).toBe(fitting + 1)
  expect(reader.lines().at(-1)).toBe('dropped 500')
})

it('takes no payload that is not small while a slow reader is behind, before it drops any event', async () => {
  const reader = createSlowReader()
  const queue = createLineQueue(reader.stream, droppedLine)
  const push = (bytes: number) =>
    queue.push((parts) => parts.text(parts.takesPayload(bytes) ? 'x'.repeat(bytes - 1) : 'left out'))
  for (let i = 0; i < payloadLimitBytes / 2048; i++) push(2048)
  push(smallPayloadBytes)
  push(smallPayloadBytes + 1)
  await reader.takeAll()
  push(2048)
  const ended = queue.end()
  await reader.takeAll()
  await ended
  const lines = reader.lines()
  expect(new Set(lines.slice(0, -3).map((line) => line.length))).toEqual(new Set([2047]))
  expect(lines.slice(-3)).toEqual(['x'.repeat(smallPayloadBytes - 1), 'left out', 'x'.repeat(2047)])
})

it('tells of what was dropped at the place where it is missing, once the reader has caught up', async () => {
  const reader = createSlowReader()
  const queue = createLineQueue(reader.stream, droppedLine)
  for (let i = 0; i < queueLimitBytes / 1024 + 3; i++) pushText(queue, kilobyte)
  // Below its limit, but not below half of it: still dropping, so that the reader gets long runs.
  reader.takeOne()
  pushText(queue, 'still too early')
  await reader.takeAll()
  pushText(queue, 'after')
  const ended = queue.end()
  await reader.takeAll()
  await ended
  expect(reader.lines().slice(-2)).toEqual(['dropped 4', 'after'])
  expect(reader.lines()).not.toContain('still too early')
})

it('tells of events that were lost before they reached it', async () => {
  const reader = createSlowReader()
  const queue = createLineQueue(reader.stream, droppedLine)
  pushText(queue, 'before')
  queue.drop(9)
  pushText(queue, 'after')
  const ended = queue.end()
  await reader.takeAll()
  await ended
  expect(reader.lines()).toEqual(['before', 'dropped 9', 'after'])
})

it('ends at once when the reader has gone, and says why', async () => {
  const stream = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    },
  })
  const queue = createLineQueue(stream, droppedLine)
  pushText(queue, 'nobody reads this')
  expect((await queue.failed).code).toBe('EPIPE')
  pushText(queue, 'nor this')
  await queue.end()
})
