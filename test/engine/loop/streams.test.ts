// Sequential code over real connections: openConnection, startServer, StreamWriter. Counterpart: main/engine/loop/streams.ts;
// the reader alone is in stream-reader.test.ts.
import { randomBytes } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { CancelledError, errnoName } from '../../../main/engine/loop/errors.ts'
import type { EventLoop } from '../../../main/engine/loop/event-loop.ts'
import {
  type ClientConnected,
  openConnection,
  type StreamReader,
  type StreamWriter,
  startServer,
} from '../../../main/engine/loop/streams.ts'
import { type FarEnd, farKinds, localhost, runningLoop, startFarServer, turns, until } from '../../support/loopback.ts'

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1')

/** A stream to a far end. */
const connect = async (kind: (typeof farKinds)[number]) => {
  const { loop, reported } = runningLoop()
  const { port, accepted } = await startFarServer(kind, loop)
  const [reader, writer] = await openConnection(loop, { host: localhost, port })
  onTestFinished(() => writer.transport.abort())
  return { loop, reported, reader, writer, far: await accepted() }
}

const serve = async (loop: EventLoop, handler: ClientConnected, limitBytes?: number) => {
  const server = await startServer(loop, handler, {
    host: localhost,
    port: 0,
    ...(limitBytes === undefined ? {} : { limitBytes }),
  })
  onTestFinished(async () => {
    server.close()
    server.abortClients()
    await server.waitClosed()
  })
  return server.sockets[0]!.port
}

const open = async (loop: EventLoop, port: number): Promise<[StreamReader, StreamWriter]> => {
  const streams = await openConnection(loop, { host: localhost, port })
  onTestFinished(() => streams[1].transport.abort())
  return streams
}

const seesFin = (far: FarEnd) =>
  until(
    () => far.finSeen,
    () => 'the FIN',
  )

describe.each(farKinds)('A stream to %s', (kind) => {
  it('writes, half-closes, and reads the answer to its end', async () => {
    const { reader, writer, far } = await connect(kind)
    writer.write(Buffer.from('Hello '))
    writer.writelines([Buffer.from('World'), Buffer.from('!')])
    await writer.drain()
    expect(writer.canWriteEof()).toBe(true)
    writer.writeEof()
    await seesFin(far)
    expect(text(far.received())).toBe('Hello World!')
    far.send(Buffer.from('and goodbye'))
    far.finish()
    expect(text(await reader.read())).toBe('and goodbye')
    await writer.waitClosed()
  })

  it('stays open for writing when the peer has finished', async () => {
    const { reader, writer, far } = await connect(kind)
    far.send(Buffer.from('question'))
    far.finish()
    expect(text(await reader.read())).toBe('question')
    expect(reader.atEof()).toBe(true)
    expect(writer.isClosing()).toBe(false)
    writer.write(Buffer.from('late answer'))
    writer.close()
    expect(writer.isClosing()).toBe(true)
    await writer.waitClosed()
    await seesFin(far)
    expect(text(far.received())).toBe('late answer')
    far.close()
  })

  it('that the peer resets rejects what reads, what drains and what waits for its end', async () => {
    const { reader, writer, far } = await connect(kind)
    const reading = reader.readline()
    far.pause()
    writer.write(new Uint8Array(10 * 1024 * 1024))
    const draining = writer.drain()
    await turns(2)
    far.reset()
    for (const rejected of [reading, draining, writer.waitClosed(), writer.drain()])
      await expect(rejected).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('drains when the peer has read enough, and not before', async () => {
    const { writer, far } = await connect(kind)
    far.pause()
    let drained = false
    writer.write(new Uint8Array(10 * 1024 * 1024))
    const draining = writer.drain().then(() => {
      drained = true
    })
    await turns()
    expect(drained).toBe(false)
    far.resume()
    await draining
    expect(writer.transport.getWriteBufferSize()).toBeLessThanOrEqual(16 * 1024)
    await writer.drain()
  })

  it('lets several wait for the drain at once', async () => {
    const { writer, far } = await connect(kind)
    far.pause()
    writer.write(new Uint8Array(10 * 1024 * 1024))
    const draining = [writer.drain(), writer.drain(), writer.drain()]
    far.resume()
    await Promise.all(draining)
  })

  it('slows the peer down when nobody reads, and loses nothing', async () => {
    const { reader, writer, far } = await connect(kind)
    const data = randomBytes(20 * 1024 * 1024)
    far.send(data)
    far.finish()
    await until(
      () => !writer.transport.isReading(),
      () => 'reading to be paused',
    )
    await turns(50)
    expect(far.unsentBytes).toBeGreaterThan(0)
    expect(Buffer.compare(await reader.read(), data)).toBe(0)
  })

  it('knows its addresses', async () => {
    const { writer } = await connect(kind)
    expect(writer.getExtraInfo('peername').host).toBe(localhost)
  })
})

describe('drain', () => {
  it('of a stream that was reset here lets the loop turn, so that whoever goes on writing comes to an end', async () => {
    const { writer } = await connect('node:net')
    const writeOnAndOn = async () => {
      for (let i = 0; i < 100_000; i++) {
        writer.write(Buffer.from('x'))
        await writer.drain()
      }
      return 'nobody told me that it is over'
    }
    const writing = writeOnAndOn()
    writer.transport.abort()
    await expect(writing).rejects.toMatchObject({
      code: 'ECONNRESET',
      message: expect.stringContaining('Connection lost'),
    })
    expect(errnoName(await writing.catch((error: unknown) => error))).toBe('ECONNRESET')
  })
})

describe('startServer', () => {
  it('runs a handler for every connection', async () => {
    const { loop, reported } = runningLoop()
    const port = await serve(loop, async (reader, writer) => {
      for await (const line of reader) writer.write(Buffer.from(text(line).toUpperCase()))
      writer.close()
    })
    const answers = await Promise.all(
      ['one', 'two', 'three'].map(async (word) => {
        const [reader, writer] = await open(loop, port)
        writer.write(Buffer.from(`${word}\n`))
        const line = text(await reader.readline())
        writer.write(Buffer.from('bye\n'))
        writer.writeEof()
        return line + text(await reader.read())
      }),
    )
    expect(answers).toEqual(['ONE\nBYE\n', 'TWO\nBYE\n', 'THREE\nBYE\n'])
    expect(reported).toEqual([])
  })

  it('takes a handler that is not async', async () => {
    const { loop } = runningLoop()
    const port = await serve(loop, (_reader, writer) => {
      writer.write(Buffer.from('hello'))
      writer.close()
    })
    const [reader] = await open(loop, port)
    expect(text(await reader.read())).toBe('hello')
  })

  it('reports a handler that fails, and closes its connection', async () => {
    const { loop, reported } = runningLoop()
    const port = await serve(loop, async () => {
      throw new Error('boom')
    })
    const [reader] = await open(loop, port)
    expect(text(await reader.read())).toBe('')
    expect(reported.map(({ message, exception }) => [message, exception.message])).toEqual([
      ['Unhandled exception in client_connected_cb', 'boom'],
    ])
  })

  it('closes the connection of a handler that was cancelled', async () => {
    const { loop, reported } = runningLoop()
    const port = await serve(loop, async () => {
      throw new CancelledError()
    })
    const [reader] = await open(loop, port)
    expect(text(await reader.read())).toBe('')
    expect(reported).toEqual([])
  })

  it('gives readers the limit that it was asked for', async () => {
    const { loop } = runningLoop()
    let limited: unknown
    const port = await serve(
      loop,
      async (reader, writer) => {
        limited = await reader.readline().catch((error: unknown) => error)
        writer.close()
      },
      10,
    )
    const [reader, writer] = await open(loop, port)
    writer.write(Buffer.from('a line that is longer than ten bytes\n'))
    await reader.read()
    expect(limited).toBeInstanceOf(RangeError)
  })
})

describe('openConnection', () => {
  it('rejects as createConnection does', async () => {
    const { loop } = runningLoop()
    const { port } = await startFarServer('node:net', loop)
    const [, writer] = await openConnection(loop, { host: localhost, port })
    writer.transport.abort()
    await expect(openConnection(loop, { host: 'no-such-name.invalid', port })).rejects.toMatchObject({
      code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/),
    })
  })

  it('gives a reader the limit that it was asked for', async () => {
    const { loop } = runningLoop()
    const { port, accepted } = await startFarServer('node:net', loop)
    const [reader, writer] = await openConnection(loop, { host: localhost, port, limitBytes: 10 })
    onTestFinished(() => writer.transport.abort())
    ;(await accepted()).send(Buffer.from('a line that is longer than ten bytes\n'))
    await expect(reader.readline()).rejects.toThrow(RangeError)
  })
})
