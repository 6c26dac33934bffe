// StreamReader without a socket: fed by hand, with a transport that only notes what it is told. Counterpart:
// main/engine/loop/stream-reader.ts; streams.test.ts has the same over real connections.
import { describe, expect, it } from 'vitest'
import { IncompleteReadError, LimitOverrunError, RuntimeError } from '../../../main/engine/loop/errors.ts'
import { StreamReader } from '../../../main/engine/loop/stream-reader.ts'
import type { Transport } from '../../../main/engine/loop/transport.ts'
import { turns } from '../../support/loopback.ts'

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')
const fed = (data: string, { limitBytes, eof = true }: { limitBytes?: number; eof?: boolean } = {}) => {
  const reader = new StreamReader(limitBytes)
  reader.feedData(Buffer.from(data))
  if (eof) reader.feedEof()
  return reader
}

/** Notes whether it is to read. */
const readingSwitch = () => {
  const notes: string[] = []
  const transport = { pauseReading: () => notes.push('pause'), resumeReading: () => notes.push('resume') }
  return { notes, transport: transport as unknown as Transport }
}

const caught = async (reading: Promise<unknown>): Promise<unknown> => {
  try {
    await reading
  } catch (error) {
    return error
  }
  throw new Error('expected a rejection')
}

describe('read', () => {
  it('gives what there is, up to the size', async () => {
    const reader = fed('Hello World!')
    expect(text(await reader.read(5))).toBe('Hello')
    expect(text(await reader.read(100))).toBe(' World!')
    expect(reader.atEof()).toBe(true)
    expect(text(await reader.read(100))).toBe('')
  })

  it('without a size gives everything up to eof', async () => {
    const reader = new StreamReader(4)
    const reading = reader.read()
    for (const part of ['Hello', ' ', 'World!']) reader.feedData(Buffer.from(part))
    await turns(1)
    reader.feedEof()
    expect(text(await reading)).toBe('Hello World!')
  })

  it('waits for some where there is nothing', async () => {
    const reader = new StreamReader()
    let done = false
    const reading = reader.read(10).then((bytes) => {
      done = true
      return bytes
    })
    await turns(1)
    expect(done).toBe(false)
    reader.feedData(Buffer.from('now'))
    expect(text(await reading)).toBe('now')
  })

  it('of 0 bytes gives none at once', async () => {
    expect((await new StreamReader().read(0)).length).toBe(0)
  })

  it('at eof gives none, to a reader that waits as well', async () => {
    const reader = new StreamReader()
    const reading = reader.read(10)
    reader.feedEof()
    expect((await reading).length).toBe(0)
    expect((await reader.read()).length).toBe(0)
  })

  it('keeps what was fed, whatever becomes of the memory that it was fed from', async () => {
    const reader = new StreamReader()
    const memory = Buffer.from('first')
    reader.feedData(memory)
    memory.fill('x')
    reader.feedData(Buffer.from(' second'))
    const first = await reader.read(5)
    reader.feedData(Buffer.from(' third'))
    reader.feedEof()
    expect(text(await reader.read())).toBe(' second third')
    expect(text(first)).toBe('first')
  })
})

describe('readexactly', () => {
  it('waits for all of it, over several chunks', async () => {
    const reader = new StreamReader()
    const reading = reader.readexactly(12)
    for (const part of ['Hello', ' ', 'World!', 'more']) {
      reader.feedData(Buffer.from(part))
      await turns(1)
    }
    expect(text(await reading)).toBe('Hello World!')
    reader.feedEof()
    expect(text(await reader.read())).toBe('more')
  })

  it('of 0 bytes gives none at once', async () => {
    expect((await new StreamReader().readexactly(0)).length).toBe(0)
  })

  it('rejects with what there was where eof comes first, as asyncio words it', async () => {
    const reader = fed('short')
    const error = await caught(reader.readexactly(10))
    expect(error).toBeInstanceOf(IncompleteReadError)
    expect(error).toMatchObject({ expectedBytes: 10, message: '5 bytes read on a total of 10 expected bytes' })
    expect(text((error as IncompleteReadError).partial)).toBe('short')
    expect(reader.atEof()).toBe(true)
  })

  it('refuses a size below 0', async () => {
    await expect(fed('x').readexactly(-1)).rejects.toThrow('readexactly size can not be less than zero')
  })

  it('takes more than the limit, which is one of buffering ahead', async () => {
    const reader = new StreamReader(4)
    const { transport, notes } = readingSwitch()
    reader.setTransport(transport)
    const reading = reader.readexactly(100)
    for (let i = 0; i < 10; i++) {
      reader.feedData(Buffer.alloc(10, 'x'))
      await turns(1)
    }
    expect((await reading).length).toBe(100)
    expect(notes.at(-1)).toBe('resume')
  })

  it('puts a large message together from small chunks in a time that grows with its size, not its square', async () => {
    const reader = new StreamReader()
    const chunk = Buffer.alloc(4 * 1024, 'x')
    const count = 8 * 1024
    const reading = reader.readexactly(count * chunk.length)
    // 32 MiB: copying all of it for every chunk would be 128 GiB, and end in the test's timeout.
    for (let i = 0; i < count; i++) reader.feedData(chunk)
    expect((await reading).length).toBe(count * chunk.length)
  })
})

describe('readuntil', () => {
  it('gives everything up to and with the separator, a newline by default', async () => {
    const reader = fed('one\ntwo\nrest')
    expect(text(await reader.readuntil())).toBe('one\n')
    expect(text(await reader.readuntil(Buffer.from('o')))).toBe('two'.slice(0, 3))
    expect(text(await reader.readuntil())).toBe('\n')
  })

  it('finds a separator that is cut in two', async () => {
    const reader = new StreamReader()
    const reading = reader.readuntil(Buffer.from('\r\n\r\n'))
    for (const part of ['GET / HTTP/1.1\r', '\n\r', '\n', 'body']) {
      reader.feedData(Buffer.from(part))
      await turns(1)
    }
    expect(text(await reading)).toBe('GET / HTTP/1.1\r\n\r\n')
    reader.feedEof()
    expect(text(await reader.read())).toBe('body')
  })

  it('rejects with what there was where eof comes first', async () => {
    const error = await caught(fed('no newline').readuntil())
    expect(error).toBeInstanceOf(IncompleteReadError)
    expect(error).toMatchObject({ expectedBytes: null })
    expect(text((error as IncompleteReadError).partial)).toBe('no newline')
  })

  it('rejects where the limit is reached without a separator, and keeps the bytes', async () => {
    const reader = fed('0123456789', { limitBytes: 4, eof: false })
    const error = await caught(reader.readuntil())
    expect(error).toBeInstanceOf(LimitOverrunError)
    expect(error).toMatchObject({
      consumedBytes: 10,
      message: 'Separator is not found, and chunk exceed the limit',
    })
    expect(text(await reader.readexactly(10))).toBe('0123456789')
  })

  it('leaves the beginning of a separator out of the bytes that can be consumed', async () => {
    const error = await caught(
      fed('0123456789\r\n\r', { limitBytes: 4, eof: false }).readuntil(Buffer.from('\r\n\r\n')),
    )
    expect(error).toMatchObject({ consumedBytes: 10 })
  })

  it('rejects where the separator is found beyond the limit, and keeps the bytes', async () => {
    const reader = fed('01234\nnext\n', { limitBytes: 4 })
    const error = await caught(reader.readuntil())
    expect(error).toMatchObject({
      consumedBytes: 5,
      message: 'Separator is found, but chunk is longer than limit',
    })
    expect(text(await reader.readexactly(6))).toBe('01234\n')
    expect(text(await reader.readuntil())).toBe('next\n')
  })

  it('takes a chunk of just the limit', async () => {
    expect(text(await fed('0123\n', { limitBytes: 4 }).readuntil())).toBe('0123\n')
  })

  it('refuses an empty separator', async () => {
    await expect(fed('x').readuntil(new Uint8Array(0))).rejects.toThrow('Separator should be at least one-byte string')
  })
})

describe('readline', () => {
  it('gives lines with their ends, what is left at eof, then nothing', async () => {
    const reader = fed('one\n\nthree')
    const lines = []
    for (let i = 0; i < 4; i++) lines.push(text(await reader.readline()))
    expect(lines).toEqual(['one\n', '\n', 'three', ''])
  })

  it('drops a line beyond the limit and goes on with the next', async () => {
    const reader = fed('0123456789\nok\n', { limitBytes: 4 })
    await expect(reader.readline()).rejects.toThrow(RangeError)
    expect(text(await reader.readline())).toBe('ok\n')
  })

  it('drops all there is of a line beyond the limit whose end has not come', async () => {
    const reader = fed('0123456789', { limitBytes: 4, eof: false })
    await expect(reader.readline()).rejects.toThrow('Separator is not found, and chunk exceed the limit')
    reader.feedData(Buffer.from('tail\n'))
    expect(text(await reader.readline())).toBe('tail\n')
  })
})

describe('Iterating over a reader', () => {
  it('gives lines until eof', async () => {
    const lines: string[] = []
    for await (const line of fed('one\n\ntwo\nrest')) lines.push(text(line))
    expect(lines).toEqual(['one\n', '\n', 'two\n', 'rest'])
  })
})

describe('A reader', () => {
  it('is for one at a time', async () => {
    const reader = new StreamReader()
    const first = reader.read(1)
    await expect(reader.readline()).rejects.toThrow(RuntimeError)
    await expect(reader.readexactly(3)).rejects.toThrow(
      'readexactly() called while another coroutine is already waiting for incoming data',
    )
    reader.feedData(Buffer.from('x'))
    expect(text(await first)).toBe('x')
  })

  it('rejects with the exception of its connection, what waits and what comes later', async () => {
    const reader = fed('unread', { eof: false })
    const waiting = caught(reader.readexactly(10))
    const error = new Error('reset')
    reader.setException(error)
    expect(await waiting).toBe(error)
    expect(reader.exception()).toBe(error)
    for (const read of [reader.read(), reader.read(0), reader.readexactly(1), reader.readuntil(), reader.readline()])
      expect(await caught(read)).toBe(error)
  })

  it('takes nothing after eof', () => {
    const reader = fed('x')
    expect(() => reader.feedData(Buffer.from('y'))).toThrow(RuntimeError)
  })

  it('is at eof when that was fed and the buffer is empty, not before', async () => {
    const reader = fed('x', { eof: false })
    expect(reader.atEof()).toBe(false)
    reader.feedEof()
    expect(reader.atEof()).toBe(false)
    await reader.read(1)
    expect(reader.atEof()).toBe(true)
  })

  it.each([0, -1, Number.NaN])('refuses a limit of %s', (limitBytes) => {
    expect(() => new StreamReader(limitBytes)).toThrow(RangeError)
  })
})

describe('Flow control', () => {
  it('pauses the transport above twice the limit, and resumes it at the limit', async () => {
    const reader = new StreamReader(10)
    const { transport, notes } = readingSwitch()
    reader.setTransport(transport)
    reader.feedData(Buffer.alloc(20))
    expect(notes).toEqual([])
    reader.feedData(Buffer.alloc(1))
    expect(notes).toEqual(['pause'])
    reader.feedData(Buffer.alloc(5))
    expect(notes).toEqual(['pause'])
    await reader.read(15)
    expect(notes).toEqual(['pause'])
    await reader.read(1)
    expect(notes).toEqual(['pause', 'resume'])
    await reader.read(5)
    expect(notes).toEqual(['pause', 'resume'])
  })

  it('does not resume what somebody else has paused', async () => {
    const reader = new StreamReader(10)
    const { transport, notes } = readingSwitch()
    reader.setTransport(transport)
    reader.feedData(Buffer.alloc(5))
    transport.pauseReading()
    await reader.read(5)
    const waiting = reader.read(1)
    await turns(1)
    expect(notes).toEqual(['pause'])
    reader.feedEof()
    await waiting
  })
})
