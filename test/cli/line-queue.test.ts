// The bounded queue between the wire and standard output: order, its limit, what it says of what it dropped, and its end.
import { Writable } from 'node:stream'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createLineQueue, queueLimit } from '../../main/cli/line-queue.ts'

/** A reader that takes a write only when it is told to. */
const createSlowReader = () => {
  let text = ''
  let take: (() => void) | null = null
  const stream = new Writable({
    decodeStrings: false,
    highWaterMark: 1,
    write(chunk: string, _encoding, done) {
      take = () => {
        text += chunk
        take = null
        done()
      }
    },
  })
  return {
    stream,
    text: () => text,
    /** Takes one write; false where none is waiting. */
    takeOne() {
      take?.()
      return take !== null
    },
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

it('writes every line in order and has written all when it has ended', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 5000 }), { maxLength: 60 }),
      async (lines) => {
        let text = ''
        const stream = new Writable({
          decodeStrings: false,
          write(chunk: string, _encoding, done) {
            text += chunk
            setImmediate(done)
          },
        })
        const queue = createLineQueue(stream, droppedLine)
        for (const line of lines) queue.push(() => line)
        await queue.end()
        expect(text).toBe(lines.map((line) => `${line}\n`).join(''))
      },
    ),
    { numRuns: 30 },
  )
})

it('keeps no more than its limit for a reader that does not read, and counts the rest without formatting it', async () => {
  const reader = createSlowReader()
  const queue = createLineQueue(reader.stream, droppedLine)
  const line = 'x'.repeat(1023)
  const fitting = queueLimit / 1024
  let formatted = 0
  for (let i = 0; i < fitting + 500; i++) {
    queue.push(() => {
      formatted++
      return line
    })
  }
  expect(formatted).toBe(fitting)
  const ended = queue.end()
  await reader.takeAll()
  await ended
  const lines = reader.text().trimEnd().split('\n')
  expect(lines.length).toBe(fitting + 1)
  expect(lines.at(-1)).toBe('dropped 500')
})

it('tells of what was dropped at the place where it is missing, once the reader has caught up', async () => {
  const reader = createSlowReader()
  const queue = createLineQueue(reader.stream, droppedLine)
  const line = 'x'.repeat(1023)
  for (let i = 0; i < queueLimit / 1024 + 3; i++) queue.push(() => line)
  // Below its limit, but not below half of it: still dropping, so that the reader gets long runs.
  reader.takeOne()
  queue.push(() => 'still too early')
  await reader.takeAll()
  queue.push(() => 'after')
  const ended = queue.end()
  await reader.takeAll()
  await ended
  const lines = reader.text().trimEnd().split('\n')
  expect(lines.slice(-2)).toEqual(['dropped 4', 'after'])
  expect(lines).not.toContain('still too early')
})

it('tells of events that were lost before they reached it', async () => {
  const reader = createSlowReader()
  const queue = createLineQueue(reader.stream, droppedLine)
  queue.push(() => 'before')
  queue.drop(9)
  queue.push(() => 'after')
  const ended = queue.end()
  await reader.takeAll()
  await ended
  expect(reader.text()).toBe('before\ndropped 9\nafter\n')
})

it('ends at once when the reader has gone, and says why', async () => {
  const stream = new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
    },
  })
  const queue = createLineQueue(stream, droppedLine)
  queue.push(() => 'nobody reads this')
  expect((await queue.failed).code).toBe('EPIPE')
  queue.push(() => 'nor this')
  await queue.end()
})
