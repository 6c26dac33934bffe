// The write buffer's water marks: when pauseWriting and resumeWriting come, and that they come in pairs. Counterpart:
// main/engine/loop/socket-transport.ts. (What protocols do in these callbacks is in playbook.test.ts.)
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SocketTransport } from '../../../main/engine/loop/socket-transport.ts'
import type { Transport } from '../../../main/engine/loop/transport.ts'
import {
  type FarEnd,
  farKinds,
  listenWith,
  localhost,
  runningLoop,
  startFarServer,
  until,
} from '../../support/loopback.ts'
import { NotingProtocol } from '../../support/playbook.ts'

const kib = 1024
const mib = 1024 * kib

interface Ends {
  readonly transport: Transport
  readonly protocol: NotingProtocol
  readonly far: FarEnd
}

const connect = async (kind: (typeof farKinds)[number], protocol = new NotingProtocol()): Promise<Ends> => {
  const { loop } = runningLoop()
  const { port, accepted } = await startFarServer(kind, loop)
  const [transport] = await loop.createConnection(() => protocol, { host: localhost, port })
  return { transport, protocol, far: await accepted() }
}

/** A connection whose kernel buffers are full, with this many bytes in front in the write buffer. */
const connectFull = async (
  kind: (typeof farKinds)[number],
  protocol?: NotingProtocol,
): Promise<Ends & { buffered: number }> => {
  const ends = await connect(kind, protocol)
  ends.far.pause()
  ends.transport.setWriteBufferLimits(1024 * mib)
  ends.transport.write(new Uint8Array(10 * mib))
  return { ...ends, buffered: ends.transport.getWriteBufferSize() }
}

const flowNotes = (protocol: NotingProtocol) => protocol.notes().filter((note) => note.endsWith('Writing'))

const finish = async ({ transport, protocol, far }: Ends) => {
  transport.close()
  far.resume()
  await until(
    () => far.finSeen,
    () => `the last of ${transport.getWriteBufferSize()} bytes`,
  )
  far.close()
  await until(
    () => protocol.notes().includes('connectionLost null'),
    () => 'connectionLost',
  )
}

describe.each(farKinds)('The write buffer, towards %s,', (kind) => {
  it('has asyncio’s marks from the start: 64 KiB, and a quarter of it', async () => {
    const ends = await connect(kind)
    expect(ends.transport.getWriteBufferLimits()).toEqual({ highBytes: 64 * kib, lowBytes: 16 * kib })
    await finish(ends)
  })

  it('pauses strictly above the high mark, not at it', async () => {
    const ends = await connectFull(kind)
    ends.transport.setWriteBufferLimits(ends.buffered + 10, 0)
    expect(flowNotes(ends.protocol)).toEqual([])
    ends.transport.write(new Uint8Array(10))
    expect(flowNotes(ends.protocol)).toEqual([])
    ends.transport.write(new Uint8Array(1))
    expect(flowNotes(ends.protocol)).toEqual(['pauseWriting'])
    ends.transport.write(new Uint8Array(1))
    expect(flowNotes(ends.protocol)).toEqual(['pauseWriting'])
    await finish(ends)
    expect(flowNotes(ends.protocol)).toEqual(['pauseWriting', 'resumeWriting'])
  })

  it('pauses at once when the high mark is set below what is buffered, and not when it is set to just that', async () => {
    const ends = await connectFull(kind)
    ends.transport.setWriteBufferLimits(ends.buffered)
    expect(flowNotes(ends.protocol)).toEqual([])
    ends.transport.setWriteBufferLimits(ends.buffered - 1)
    expect(flowNotes(ends.protocol)).toEqual(['pauseWriting'])
    await finish(ends)
    expect(flowNotes(ends.protocol)).toEqual(['pauseWriting', 'resumeWriting'])
  })

  it('resumes at once when the low mark is set to what is buffered', async () => {
    const ends = await connectFull(kind)
    ends.transport.setWriteBufferLimits(ends.buffered - 1)
    ends.transport.setWriteBufferLimits(1024 * mib, ends.buffered - 1)
    expect(flowNotes(ends.protocol)).toEqual(['pauseWriting'])
    ends.transport.setWriteBufferLimits(1024 * mib, ends.buffered)
    expect(flowNotes(ends.protocol)).toEqual(['pauseWriting', 'resumeWriting'])
    await finish(ends)
    expect(flowNotes(ends.protocol)).toEqual(['pauseWriting', 'resumeWriting'])
  })

  it('with both marks at 0 pauses when anything is buffered and resumes when nothing is', async () => {
    const sizes: number[] = []
    const ends = await connectFull(
      kind,
      new NotingProtocol({ resumeWriting: (transport) => sizes.push(transport.getWriteBufferSize()) }),
    )
    ends.transport.setWriteBufferLimits(0)
    expect(ends.transport.getWriteBufferLimits()).toEqual({ highBytes: 0, lowBytes: 0 })
    expect(flowNotes(ends.protocol)).toEqual(['pauseWriting'])
    ends.transport.write(new Uint8Array(5))
    ends.far.resume()
    await until(
      () => ends.far.receivedBytes === 10 * mib + 5,
      () => 'all bytes',
    )
    await until(
      () => flowNotes(ends.protocol).length > 1,
      () => 'resumeWriting',
    )
    expect(flowNotes(ends.protocol)).toEqual(['pauseWriting', 'resumeWriting'])
    expect(sizes).toEqual([0])
    // The kernel takes a small write at once, so nothing is ever buffered.
    ends.transport.write(new Uint8Array(5))
    expect(flowNotes(ends.protocol)).toEqual(['pauseWriting', 'resumeWriting'])
    await finish(ends)
  })

  it('resumes also when the marks were set to 0 behind a half-close', async () => {
    const ends = await connectFull(kind)
    ends.transport.writeEof()
    ends.transport.setWriteBufferLimits(0, 0)
    expect(flowNotes(ends.protocol)).toEqual(['pauseWriting'])
    ends.far.resume()
    await until(
      () => ends.far.finSeen,
      () => 'the FIN',
    )
    await until(
      () => flowNotes(ends.protocol).length === 2,
      () => 'resumeWriting',
    )
    await finish(ends)
  })

  it('resumes a protocol that went on writing while it was paused', async () => {
    const ends = await connect(kind)
    ends.far.pause()
    ends.transport.write(new Uint8Array(10 * mib))
    // Marks so high that the next chunk stays below them; but the protocol is paused, and has to be told when it is out.
    ends.transport.setWriteBufferLimits(64 * mib, 0)
    expect(flowNotes(ends.protocol)).toEqual(['pauseWriting'])
    ends.transport.write(new Uint8Array(mib))
    // Corked, it stays behind until the bytes in front of it are gone.
    ends.transport.getExtraInfo('socket').cork()
    ends.far.resume()
    await until(
      () => ends.transport.getWriteBufferSize() === mib,
      () => `the last MiB; ${ends.transport.getWriteBufferSize()} bytes are buffered`,
    )
    expect(flowNotes(ends.protocol)).toEqual(['pauseWriting'])
    ends.transport.getExtraInfo('socket').uncork()
    await until(
      () => flowNotes(ends.protocol).length === 2,
      () => `resumeWriting; ${ends.transport.getWriteBufferSize()} bytes are buffered`,
    )
    expect(ends.transport.getWriteBufferSize()).toBe(0)
    await finish(ends)
  })

  it('does not say resumeWriting when the connection breaks while it is paused', async () => {
    const ends = await connectFull(kind)
    // So that the break is met by a write and not by a read.
    ends.transport.pauseReading()
    ends.transport.setWriteBufferLimits(0)
    ends.far.reset()
    await until(
      () => ends.protocol.notes().some((note) => note.startsWith('connectionLost')),
      () => 'connectionLost',
    )
    expect(ends.protocol.notes()).toEqual(['connectionMade', 'pauseWriting', 'connectionLost ECONNRESET'])
  })

  it('pauses only above the high mark and resumes only at or below the low one, in pairs, whatever is written', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 300 * kib }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 0, max: 200 * kib }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (sizes, highBytes, share) => {
          const lowBytes = Math.floor(highBytes * share)
          const left = [...sizes]
          const wrong: string[] = []
          /** A source that obeys: it writes until it is told to pause. */
          const fill = (transport: Transport) => {
            while (!protocol.notes().at(-1)?.startsWith('pause') && left.length > 0)
              transport.write(new Uint8Array(left.shift()!))
          }
          const protocol: NotingProtocol = new NotingProtocol({
            pauseWriting: (transport) => {
              if (transport.getWriteBufferSize() <= highBytes) wrong.push(`paused at ${transport.getWriteBufferSize()}`)
            },
            resumeWriting: (transport) => {
              if (transport.getWriteBufferSize() > lowBytes) wrong.push(`resumed at ${transport.getWriteBufferSize()}`)
              fill(transport)
            },
          })
          const ends = await connect(kind, protocol)
          ends.far.pause()
          ends.transport.setWriteBufferLimits(highBytes, lowBytes)
          fill(ends.transport)
          ends.far.resume()
          const total = sizes.reduce((sum, size) => sum + size, 0)
          await until(
            () => ends.far.receivedBytes === total,
            () => `${total} bytes; ${ends.far.receivedBytes} came, ${left.length} chunks are left`,
          )
          await finish(ends)
          expect(wrong).toEqual([])
          expect(flowNotes(protocol).join(' ')).toMatch(/^((^| )pauseWriting resumeWriting)*$/)
        },
      ),
      { numRuns: 15 },
    )
  })
})

describe('setWriteBufferLimits', () => {
  const withTransport = async (use: (transport: Transport) => void) => {
    const ends = await connect('node:net')
    use(ends.transport)
    await finish(ends)
  }

  it('takes a quarter of the high mark as the low one, rounded down', () =>
    withTransport((transport) => {
      transport.setWriteBufferLimits(1003)
      expect(transport.getWriteBufferLimits()).toEqual({ highBytes: 1003, lowBytes: 250 })
    }))

  it('takes four times the low mark as the high one where only that is given, as asyncio does', () =>
    withTransport((transport) => {
      transport.setWriteBufferLimits(undefined, 100 * kib)
      expect(transport.getWriteBufferLimits()).toEqual({ highBytes: 400 * kib, lowBytes: 100 * kib })
    }))

  it('goes back to the defaults where neither is given', () =>
    withTransport((transport) => {
      transport.setWriteBufferLimits(5, 5)
      transport.setWriteBufferLimits()
      expect(transport.getWriteBufferLimits()).toEqual({ highBytes: 64 * kib, lowBytes: 16 * kib })
    }))

  it.each([
    [10, 11],
    [-1, -1],
    [10, -1],
    [Number.NaN, undefined],
    [10, Number.NaN],
  ])('refuses %s and %s with a RangeError and keeps what was set', (highBytes, lowBytes) =>
    withTransport((transport) => {
      expect(() => transport.setWriteBufferLimits(highBytes, lowBytes)).toThrow(RangeError)
      expect(transport.getWriteBufferLimits()).toEqual({ highBytes: 64 * kib, lowBytes: 16 * kib })
    }),
  )
})

describe('A transport', () => {
  it('knows both addresses and the socket, also when the connection is over', async () => {
    const { loop } = runningLoop()
    const accepted: Transport[] = []
    const { port } = await listenWith(
      loop,
      () => new NotingProtocol({ connectionMade: (transport) => void accepted.push(transport) }),
    )
    const protocol = new NotingProtocol()
    const [transport] = await loop.createConnection(() => protocol, { host: localhost, port })
    await until(
      () => accepted.length === 1,
      () => 'the connection to be accepted',
    )
    const local = transport.getExtraInfo('sockname')
    expect(transport.getExtraInfo('peername')).toEqual({ host: localhost, port })
    expect(accepted[0]!.getExtraInfo('peername')).toEqual(local)
    expect(accepted[0]!.getExtraInfo('sockname')).toEqual({ host: localhost, port })
    expect(transport.getExtraInfo('socket').localPort).toBe(local.port)
    transport.abort()
    await until(
      () => protocol.notes().includes('connectionLost null'),
      () => 'connectionLost',
    )
    expect(transport.getExtraInfo('sockname')).toEqual(local)
    expect(transport.getExtraInfo('peername')).toEqual({ host: localhost, port })
    expect({ closing: transport.isClosing(), reading: transport.isReading() }).toEqual({
      closing: true,
      reading: false,
    })
  })

  it('gives its callbacks to another protocol once it is told to', async () => {
    const ends = await connect('node:net')
    const next = new NotingProtocol()
    ends.far.send(Buffer.from('first'))
    await until(
      () => ends.protocol.received().length === 5,
      () => 'the first bytes',
    )
    ;(ends.transport as SocketTransport).setProtocol(next)
    ends.far.send(Buffer.from('second'))
    ends.far.finish()
    await until(
      () => next.notes().includes('connectionLost null'),
      () => 'connectionLost',
    )
    expect(ends.protocol.notes()).toEqual(['connectionMade', 'dataReceived "first"'])
    expect(next.notes()).toEqual(['dataReceived "second"', 'eofReceived', 'connectionLost null'])
  })
})
