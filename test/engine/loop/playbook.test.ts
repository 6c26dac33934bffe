// The protocol's state machine, play by play: what both ends do and every callback that comes of it. Counterparts:
// main/engine/loop/protocol.ts and socket-transport.ts; test/support/playbook.ts (how plays run).
import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { RuntimeError } from '../../../main/engine/loop/errors.ts'
import type { Transport } from '../../../main/engine/loop/transport.ts'
import { farKinds, localhost, runningLoop, startFarServer, turns, until } from '../../support/loopback.ts'
import { expectBytes, far, NotingProtocol, type Play, perform, playRoles, we } from '../../support/playbook.ts'

/** More than the kernel takes for a peer that does not read. */
const plenty = randomBytes(10 * 1024 * 1024)
/** The kernel has taken what its buffers hold, of the far one too; the rest of `plenty` was never handed to it. */
const someOfPlenty = expect.toSatisfy((bytes: number) => bytes > plenty.length / 4 && bytes < plenty.length)
const boom = () => {
  throw new Error('boom')
}

const ends: Play[] = [
  {
    title: 'the peer finishes: eofReceived, and the transport closes, because nothing was answered',
    steps: [far.finishes()],
    callbacks: ['connectionMade', 'eofReceived', 'connectionLost null'],
    ending: { cause: 'closed-by-peer', unsentBytes: 0, unreadBytes: 0, ignoredBytes: 0 },
  },
  {
    title: 'the peer sends and finishes: the bytes come before eofReceived',
    steps: [far.sends('Hello '), far.sends('World!'), far.finishes()],
    callbacks: ['connectionMade', 'dataReceived "Hello World!"', 'eofReceived', 'connectionLost null'],
    ending: { cause: 'closed-by-peer' },
  },
  {
    title: 'eofReceived answers false: the transport closes',
    reactions: { eofReceived: () => false },
    steps: [far.finishes()],
    callbacks: ['connectionMade', 'eofReceived', 'connectionLost null'],
    ending: { cause: 'closed-by-peer' },
  },
  {
    title: 'eofReceived answers true: the transport stays half-open until it is closed',
    reactions: { eofReceived: () => true },
    steps: [
      far.sends('question'),
      far.finishes(),
      we.see('eofReceived'),
      we.seeNothingAfter('eofReceived'),
      we.write('late answer'),
      far.hasReceived(11),
      we.close(),
    ],
    callbacks: ['connectionMade', 'dataReceived "question"', 'eofReceived', 'connectionLost null'],
    farReceives: 'late answer',
    ending: { cause: 'closed-by-peer' },
  },
  {
    title: 'both sides have sent FIN: connectionLost follows without a close',
    reactions: { eofReceived: () => true },
    steps: [far.finishes(), we.see('eofReceived'), we.write('bye'), we.writeEof()],
    callbacks: ['connectionMade', 'eofReceived', 'connectionLost null'],
    farReceives: 'bye',
    ending: { cause: 'closed-by-peer' },
  },
  {
    title: 'we half-close: the peer sees FIN after all bytes, and can still be heard',
    steps: [
      we.write('request'),
      we.writeEof(),
      far.hasSeenFin(),
      far.sends('response'),
      we.see('dataReceived "response"'),
      far.finishes(),
    ],
    callbacks: ['connectionMade', 'dataReceived "response"', 'eofReceived', 'connectionLost null'],
    farReceives: 'request',
    ending: { cause: 'closed-here' },
  },
  {
    title: 'we half-close behind 10 MiB for a slow reader: FIN comes after the last byte',
    steps: [
      far.stopsReading(),
      we.write(plenty),
      we.writeEof(),
      we.see('pauseWriting'),
      far.readsAgain(),
      far.hasSeenFin(),
      far.finishes(),
    ],
    callbacks: ['connectionMade', 'pauseWriting', 'resumeWriting', 'eofReceived', 'connectionLost null'],
    farReceives: plenty,
    ending: { cause: 'closed-here', unsentBytes: 0 },
  },
  {
    title: 'the peer finishes while our FIN still waits behind 10 MiB: the peer was first',
    reactions: { eofReceived: () => true },
    steps: [
      far.stopsReading(),
      we.write(plenty),
      we.writeEof(),
      far.finishes(),
      we.see('eofReceived'),
      far.readsAgain(),
    ],
    callbacks: ['connectionMade', 'pauseWriting', 'eofReceived', 'resumeWriting', 'connectionLost null'],
    farReceives: plenty,
    ending: { cause: 'closed-by-peer', unsentBytes: 0 },
  },
  {
    title: 'we close: the peer sees FIN',
    steps: [we.close()],
    callbacks: ['connectionMade', 'connectionLost null'],
    ending: { cause: 'closed-here', unsentBytes: 0, ignoredBytes: 0 },
  },
  {
    title: 'we write and close: close flushes first',
    steps: [we.write('Hello '), we.write('World!'), we.close()],
    callbacks: ['connectionMade', 'connectionLost null'],
    farReceives: 'Hello World!',
    ending: { cause: 'closed-here', unsentBytes: 0 },
  },
  {
    title: 'close flushes 10 MiB to a slow reader, to the last byte',
    steps: [
      far.stopsReading(),
      we.write(plenty),
      we.close(),
      we.seeNothingAfter('pauseWriting'),
      far.readsAgain(),
      far.hasSeenFin(),
    ],
    callbacks: ['connectionMade', 'pauseWriting', 'resumeWriting', 'connectionLost null'],
    farReceives: plenty,
    ending: { cause: 'closed-here', unsentBytes: 0 },
  },
  {
    title: 'we close twice, half-close and close again: once is enough',
    steps: [we.writeEof(), we.close(), we.close(), we.writeEof()],
    callbacks: ['connectionMade', 'connectionLost null'],
    ending: { cause: 'closed-here' },
  },
  {
    title: 'we abort: the peer sees RST',
    steps: [we.abort()],
    callbacks: ['connectionMade', 'connectionLost null'],
    farEnds: 'with RST',
    ending: { cause: 'reset-here', unsentBytes: 0 },
  },
  {
    title: 'we abort twice, then close: once is enough',
    steps: [we.abort(), we.abort(), we.close(), we.writeEof()],
    callbacks: ['connectionMade', 'connectionLost null'],
    farEnds: 'with RST',
    ending: { cause: 'reset-here' },
  },
  {
    title: 'we abort with 10 MiB buffered: they are dropped, and counted as unsent',
    steps: [far.stopsReading(), we.write(plenty), we.seeNothingAfter('pauseWriting'), we.abort()],
    callbacks: ['connectionMade', 'pauseWriting', 'connectionLost null'],
    farEnds: 'with RST',
    ending: { cause: 'reset-here', unsentBytes: someOfPlenty },
  },
  {
    title: 'we abort while close flushes: the flush is given up',
    steps: [far.stopsReading(), we.write(plenty), we.close(), we.seeNothingAfter('pauseWriting'), we.abort()],
    callbacks: ['connectionMade', 'pauseWriting', 'connectionLost null'],
    farEnds: 'with RST',
    ending: { cause: 'reset-here', unsentBytes: someOfPlenty },
  },
  {
    title: 'we abort right after a half-close, while shutdown(2) is under way: the reset comes behind it',
    // After a FIN nobody reads any more, so it takes a write to meet the reset.
    steps: [we.write('all of it'), we.writeEof(), we.abort(), we.see('connectionLost null'), far.sends('still there?')],
    callbacks: ['connectionMade', 'connectionLost null'],
    farEnds: 'with RST',
    ending: { cause: 'reset-here', unsentBytes: 0 },
  },
  {
    title: 'we abort a half-closed connection: the peer sees RST when it writes',
    steps: [we.writeEof(), far.hasSeenFin(), we.abort(), we.see('connectionLost null'), far.sends('still there?')],
    callbacks: ['connectionMade', 'connectionLost null'],
    farEnds: 'with RST',
    ending: { cause: 'reset-here' },
  },
  {
    title: 'we abort right after a close that had nothing to flush: it stays a close, as in asyncio',
    steps: [we.close(), we.abort()],
    callbacks: ['connectionMade', 'connectionLost null'],
    ending: { cause: 'closed-here' },
  },
  {
    title: 'the peer resets: connectionLost with ECONNRESET, and no eofReceived',
    steps: [far.resets()],
    callbacks: ['connectionMade', 'connectionLost ECONNRESET'],
    farEnds: 'by itself',
    ending: { cause: 'reset-by-peer', unsentBytes: 0 },
  },
  {
    title: 'the peer sends and resets: what came before is delivered',
    steps: [far.sends('last words'), we.see('dataReceived "last words"'), far.resets()],
    callbacks: ['connectionMade', 'dataReceived "last words"', 'connectionLost ECONNRESET'],
    farEnds: 'by itself',
    ending: { cause: 'reset-by-peer' },
  },
  {
    title: 'the peer resets in mid-transfer: what was buffered is counted as unsent',
    steps: [far.stopsReading(), we.write(plenty), we.seeNothingAfter('pauseWriting'), far.resets()],
    callbacks: ['connectionMade', 'pauseWriting', 'connectionLost ECONNRESET'],
    farEnds: 'by itself',
    ending: { cause: 'reset-by-peer', unsentBytes: someOfPlenty },
  },
  {
    title: 'the peer resets while we close and flush: the close has failed',
    steps: [far.stopsReading(), we.write(plenty), we.close(), we.seeNothingAfter('pauseWriting'), far.resets()],
    callbacks: ['connectionMade', 'pauseWriting', 'connectionLost ECONNRESET'],
    farEnds: 'by itself',
    ending: { cause: 'reset-by-peer', unsentBytes: someOfPlenty },
  },
  {
    title: 'the peer resets after its FIN, half-open here',
    reactions: { eofReceived: () => true },
    steps: [
      far.finishes(),
      we.see('eofReceived'),
      far.resets(),
      far.hasEnded(),
      we.write('too late'),
      we.write('and again'),
    ],
    callbacks: ['connectionMade', 'eofReceived', 'connectionLost EPIPE'],
    farEnds: 'by itself',
    ending: { cause: 'reset-by-peer' },
  },
]

/** Runs in the moment between the end of a socket and the `connectionLost` that tells of it. */
const inTheLastMoment = (event: 'error' | 'finish', use: (transport: Transport) => void): Play['steps'][number] =>
  we.check(({ transport }) => {
    transport.getExtraInfo('socket').once(event, () => use(transport))
  })
const everythingElse = (transport: Transport) => {
  transport.write(Buffer.from('too late'))
  transport.writeEof()
  transport.pauseReading()
  transport.resumeReading()
  transport.close()
  transport.abort()
}

let closingAtOnce = false

const lastMoments: Play[] = [
  {
    title: 'an abort when the peer’s reset is known changes nothing of how it ended',
    steps: [inTheLastMoment('error', everythingElse), far.resets()],
    callbacks: ['connectionMade', 'connectionLost ECONNRESET'],
    farEnds: 'by itself',
    ending: { cause: 'reset-by-peer', ignoredBytes: 8 },
  },
  {
    title: 'an abort when our close is through changes nothing of how it ended',
    steps: [we.close(), inTheLastMoment('finish', everythingElse)],
    callbacks: ['connectionMade', 'connectionLost null'],
    ending: { cause: 'closed-here', ignoredBytes: 8 },
  },
  {
    title: 'a transport whose peer has reset is closing at once, as in asyncio, before it is lost',
    steps: [
      inTheLastMoment('error', (transport) => {
        closingAtOnce = transport.isClosing()
      }),
      far.resets(),
      we.see('connectionLost ECONNRESET'),
      we.check(() => expect(closingAtOnce).toBe(true)),
    ],
    callbacks: ['connectionMade', 'connectionLost ECONNRESET'],
    farEnds: 'by itself',
  },
]

const writes: Play[] = [
  {
    title: 'an empty write is nothing',
    steps: [we.write(''), we.write('x'), we.write(''), far.hasReceived(1), we.close(), we.write('')],
    callbacks: ['connectionMade', 'connectionLost null'],
    farReceives: 'x',
    ending: { ignoredBytes: 0 },
  },
  {
    title: 'a write after close does nothing but count',
    steps: [we.write('before'), we.close(), we.write('after'), we.write('!')],
    callbacks: ['connectionMade', 'connectionLost null'],
    farReceives: 'before',
    ending: { ignoredBytes: 6, cause: 'closed-here' },
  },
  {
    title: 'a write after abort does nothing but count',
    steps: [we.abort(), we.write('after')],
    callbacks: ['connectionMade', 'connectionLost null'],
    farEnds: 'with RST',
    ending: { ignoredBytes: 5 },
  },
  {
    title: 'a write after connectionLost does nothing but count',
    steps: [
      far.finishes(),
      we.see('connectionLost null'),
      we.write('far too late'),
      we.writeEof(),
      we.abort(),
      we.close(),
      we.pauseReading(),
      we.resumeReading(),
      we.check(({ transport }) => expect(transport.ignoredBytes).toBe(12)),
    ],
    callbacks: ['connectionMade', 'eofReceived', 'connectionLost null'],
    ending: { ignoredBytes: 0 },
  },
  {
    title: 'a write after writeEof throws a RuntimeError, and the connection lives on',
    steps: [
      we.writeEof(),
      we.check(({ transport }) => {
        expect(() => transport.write(Buffer.from('x'))).toThrow(RuntimeError)
        expect(() => transport.write(Buffer.from('x'))).toThrow('Cannot call write() after writeEof()')
      }),
      far.sends('still here'),
      we.see('dataReceived "still here"'),
      we.close(),
    ],
    callbacks: ['connectionMade', 'dataReceived "still here"', 'connectionLost null'],
    ending: { ignoredBytes: 0 },
  },
]

const inCallbacks: Play[] = [
  {
    title: 'close in connectionMade',
    reactions: { connectionMade: (transport) => transport.close() },
    steps: [],
    callbacks: ['connectionMade', 'connectionLost null'],
    ending: { cause: 'closed-here' },
  },
  {
    title: 'write and close in connectionMade: a greeting and no more',
    reactions: {
      connectionMade: (transport) => {
        transport.write(Buffer.from('go away'))
        transport.close()
      },
    },
    steps: [],
    callbacks: ['connectionMade', 'connectionLost null'],
    farReceives: 'go away',
    ending: { cause: 'closed-here' },
  },
  {
    title: 'half-close in connectionMade',
    reactions: { connectionMade: (transport) => transport.writeEof() },
    steps: [far.hasSeenFin(), far.sends('so be it'), far.finishes()],
    callbacks: ['connectionMade', 'dataReceived "so be it"', 'eofReceived', 'connectionLost null'],
    ending: { cause: 'closed-here' },
  },
  {
    title: 'abort in connectionMade',
    reactions: { connectionMade: (transport) => transport.abort() },
    steps: [],
    callbacks: ['connectionMade', 'connectionLost null'],
    farEnds: 'with RST',
    ending: { cause: 'reset-here' },
  },
  {
    title: 'abort in dataReceived: nothing comes after it',
    reactions: { dataReceived: (transport) => transport.abort() },
    steps: [far.sends('x'), we.see('connectionLost null')],
    callbacks: ['connectionMade', 'dataReceived "x"', 'connectionLost null'],
    farEnds: 'with RST',
    ending: { cause: 'reset-here' },
  },
  {
    title: 'echo and close in dataReceived',
    reactions: {
      dataReceived: (transport, data) => {
        transport.write(data)
        transport.close()
      },
    },
    steps: [far.sends('Hello World!')],
    callbacks: ['connectionMade', 'dataReceived "Hello World!"', 'connectionLost null'],
    farReceives: 'Hello World!',
    ending: { cause: 'closed-here' },
  },
  {
    title: 'close in eofReceived, which then answers true',
    reactions: {
      eofReceived: (transport) => {
        transport.close()
        return true
      },
    },
    steps: [far.finishes()],
    callbacks: ['connectionMade', 'eofReceived', 'connectionLost null'],
    ending: { cause: 'closed-by-peer' },
  },
  {
    title: 'a last word in eofReceived: it is flushed before the close',
    reactions: {
      eofReceived: (transport) => {
        transport.write(Buffer.from('bye'))
        return false
      },
    },
    steps: [far.finishes()],
    callbacks: ['connectionMade', 'eofReceived', 'connectionLost null'],
    farReceives: 'bye',
  },
  {
    title: 'abort in eofReceived',
    reactions: {
      eofReceived: (transport) => {
        transport.abort()
        return true
      },
    },
    steps: [far.finishes(), we.see('connectionLost null')],
    callbacks: ['connectionMade', 'eofReceived', 'connectionLost null'],
    farEnds: 'by itself',
    ending: { cause: 'reset-here' },
  },
  {
    title: 'close in pauseWriting: flushes all the same',
    reactions: { pauseWriting: (transport) => transport.close() },
    steps: [far.stopsReading(), we.write(plenty), far.readsAgain()],
    callbacks: ['connectionMade', 'pauseWriting', 'resumeWriting', 'connectionLost null'],
    farReceives: plenty,
  },
  {
    title: 'abort in pauseWriting',
    reactions: { pauseWriting: (transport) => transport.abort() },
    steps: [far.stopsReading(), we.write(plenty)],
    callbacks: ['connectionMade', 'pauseWriting', 'connectionLost null'],
    farEnds: 'with RST',
    ending: { cause: 'reset-here', unsentBytes: someOfPlenty },
  },
  {
    title: 'close in resumeWriting',
    reactions: { resumeWriting: (transport) => transport.close() },
    steps: [far.stopsReading(), we.write(plenty), far.readsAgain()],
    callbacks: ['connectionMade', 'pauseWriting', 'resumeWriting', 'connectionLost null'],
    farReceives: plenty,
  },
  {
    title: 'write, close and abort in connectionLost: nothing comes of it',
    reactions: {
      connectionLost: (transport) => {
        transport.write(Buffer.from('x'))
        transport.writeEof()
        transport.close()
        transport.abort()
      },
    },
    steps: [far.finishes()],
    callbacks: ['connectionMade', 'eofReceived', 'connectionLost null'],
  },
]

const exceptions: Play[] = [
  {
    title: 'connectionMade throws',
    reactions: { connectionMade: boom },
    steps: [],
    callbacks: ['connectionMade', 'connectionLost boom'],
    farEnds: 'with RST',
    ending: { cause: 'reset-here' },
    reported: ['Fatal error: protocol.connectionMade() call failed. boom'],
  },
  {
    title: 'dataReceived throws',
    reactions: { dataReceived: boom },
    steps: [far.sends('x'), we.see('connectionLost boom')],
    callbacks: ['connectionMade', 'dataReceived "x"', 'connectionLost boom'],
    farEnds: 'with RST',
    ending: { cause: 'reset-here' },
    reported: ['Fatal error: protocol.dataReceived() call failed. boom'],
  },
  {
    title: 'eofReceived throws',
    reactions: { eofReceived: boom },
    steps: [far.finishes()],
    callbacks: ['connectionMade', 'eofReceived', 'connectionLost boom'],
    farEnds: 'by itself',
    reported: ['Fatal error: protocol.eofReceived() call failed. boom'],
  },
  {
    title: 'pauseWriting throws',
    reactions: { pauseWriting: boom },
    steps: [far.stopsReading(), we.write(plenty)],
    callbacks: ['connectionMade', 'pauseWriting', 'connectionLost boom'],
    farEnds: 'with RST',
    ending: { cause: 'reset-here', unsentBytes: someOfPlenty },
    reported: ['Fatal error: protocol.pauseWriting() call failed. boom'],
  },
  {
    title: 'resumeWriting throws',
    reactions: { resumeWriting: boom },
    steps: [far.stopsReading(), we.write(plenty), far.readsAgain()],
    callbacks: ['connectionMade', 'pauseWriting', 'resumeWriting', 'connectionLost boom'],
    farEnds: 'with RST',
    ending: { cause: 'reset-here' },
    reported: ['Fatal error: protocol.resumeWriting() call failed. boom'],
  },
  {
    title: 'connectionLost throws: reported, and never called again',
    reactions: { connectionLost: boom },
    steps: [far.finishes()],
    callbacks: ['connectionMade', 'eofReceived', 'connectionLost null'],
    reported: ['Fatal error: protocol.connectionLost() call failed. boom'],
  },
  {
    title: 'dataReceived throws something that is no Error',
    reactions: {
      dataReceived: () => {
        throw 'a mere string'
      },
    },
    steps: [far.sends('x'), we.see('connectionLost a mere string')],
    callbacks: ['connectionMade', 'dataReceived "x"', 'connectionLost a mere string'],
    farEnds: 'with RST',
    reported: ['Fatal error: protocol.dataReceived() call failed. a mere string'],
  },
]

const reading: Play[] = [
  {
    title: 'reading paused in connectionMade: nothing comes until it is resumed',
    reactions: { connectionMade: (transport) => transport.pauseReading() },
    steps: [
      we.check(({ transport }) => expect(transport.isReading()).toBe(false)),
      far.sends('waiting'),
      far.hasSentAll(),
      we.seeNothingAfter('connectionMade'),
      we.resumeReading(),
      we.check(({ transport }) => expect(transport.isReading()).toBe(true)),
      we.see('dataReceived "waiting"'),
      far.finishes(),
    ],
    callbacks: ['connectionMade', 'dataReceived "waiting"', 'eofReceived', 'connectionLost null'],
  },
  {
    title: 'reading paused in dataReceived: the next chunk comes when it is resumed',
    reactions: { dataReceived: (transport) => transport.pauseReading() },
    steps: [
      far.sends('one'),
      we.see('dataReceived "one"'),
      far.sends('two'),
      far.hasSentAll(),
      we.seeNothingAfter('dataReceived "one"'),
      we.resumeReading(),
      we.see('dataReceived "onetwo"'),
      we.close(),
    ],
    callbacks: ['connectionMade', 'dataReceived "onetwo"', 'connectionLost null'],
  },
  {
    title: 'a FIN is not seen while reading is paused',
    steps: [
      we.pauseReading(),
      far.sends('last'),
      far.finishes(),
      far.hasSentAll(),
      we.seeNothingAfter('connectionMade'),
      we.resumeReading(),
    ],
    callbacks: ['connectionMade', 'dataReceived "last"', 'eofReceived', 'connectionLost null'],
  },
  {
    title: 'paused and resumed twice is as good as once',
    steps: [
      we.pauseReading(),
      we.pauseReading(),
      we.resumeReading(),
      we.resumeReading(),
      far.sends('here'),
      we.see('dataReceived "here"'),
      we.check(({ observer }) => expect(observer.notes).toEqual(['connectionMade', 'pauseReading', 'resumeReading'])),
      we.close(),
    ],
    callbacks: ['connectionMade', 'dataReceived "here"', 'connectionLost null'],
  },
  {
    title: 'a close while reading is paused is a close',
    steps: [we.pauseReading(), we.write('bye'), we.close()],
    callbacks: ['connectionMade', 'connectionLost null'],
    farReceives: 'bye',
    ending: { cause: 'closed-here' },
  },
  {
    title: 'an abort while reading is paused is an abort',
    steps: [we.pauseReading(), far.sends('never read'), far.hasSentAll(), we.abort()],
    callbacks: ['connectionMade', 'connectionLost null'],
    farEnds: 'with RST',
    ending: { cause: 'reset-here' },
  },
  {
    title: 'resuming after a close brings nothing back',
    steps: [we.pauseReading(), far.sends('never read'), far.hasSentAll(), we.close(), we.resumeReading()],
    callbacks: ['connectionMade', 'connectionLost null'],
    ending: { cause: 'closed-here' },
  },
]

const chapters = {
  ends,
  'last moments': lastMoments,
  writes,
  'inside callbacks': inCallbacks,
  exceptions,
  'pausing reading': reading,
}

describe.each(farKinds)('Against %s', (kind) => {
  describe.each(playRoles)('a connection %s', (role) => {
    for (const [chapter, plays] of Object.entries(chapters))
      describe(chapter, () => {
        for (const play of plays) it(play.title, () => perform(play, role, kind))
      })
  })
})

describe.each(farKinds)('A reset by %s in mid-transfer', (kind) => {
  it('is a reset and no eof, however the last bytes and the RST come together', async () => {
    const { loop } = runningLoop()
    const { port, accepted } = await startFarServer(kind, loop)
    for (let n = 0; n < 20; n++) {
      const protocol = new NotingProtocol()
      await loop.createConnection(() => protocol, { host: localhost, port })
      const peer = await accepted(n)
      peer.send(plenty)
      await turns(n % 5)
      peer.reset()
      await until(
        () => protocol.notes().at(-1)?.startsWith('connectionLost') === true,
        () => `connectionLost after ${protocol.notes().join(', ')}`,
      )
      const notes = protocol.notes().filter((note) => !note.startsWith('dataReceived'))
      expect(notes).toEqual(['connectionMade', 'connectionLost ECONNRESET'])
      expectBytes(protocol.received(), plenty.subarray(0, protocol.received().length))
    }
  })
})
