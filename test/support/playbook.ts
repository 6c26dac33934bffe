// Scripts for both ends of one connection: what the far end and we do, and the whole sequence of callbacks that our protocol
// must get for it. Counterparts: loopback.ts (the far ends); test/engine/loop/playbook.test.ts (the plays).
//
// Each play runs four times: accepted here or opened here, against a plain node:net socket or against our own core. Besides
// what a play expects, the order that protocol.ts promises is checked of every one, and that the observer saw the same.
import { expect } from 'vitest'
import { errnoName } from '../../main/engine/loop/errors.ts'
import type { Protocol } from '../../main/engine/loop/protocol.ts'
import type { Ending, Transport, TransportObserver } from '../../main/engine/loop/transport.ts'
import {
  connectFarEnd,
  type FarEnd,
  type FarKind,
  listenWith,
  runningLoop,
  startFarServer,
  turns,
  until,
} from './loopback.ts'

/** What a protocol's callbacks do beside being noted down. Throwing is allowed. */
export type Reactions = {
  readonly [K in Exclude<keyof Protocol, 'eofReceived'>]?: (
    transport: Transport,
    ...args: Parameters<Protocol[K]>
  ) => void
} & { readonly eofReceived?: (transport: Transport) => boolean | undefined }

const shown = (data: Uint8Array): string => (data.length <= 40 ? `"${Buffer.from(data)}"` : `${data.length} bytes`)

const named = (reason: Error | null): string => (reason === null ? 'null' : (errnoName(reason) ?? reason.message))

/** Notes every callback. Chunks in a row are one note, because TCP cuts where it likes. */
export class NotingProtocol implements Protocol {
  readonly #notes: string[] = []
  readonly #chunks: Buffer[] = []
  #run: Buffer[] = []
  transport!: Transport
  readonly #reactions: Reactions

  constructor(reactions: Reactions = {}) {
    this.#reactions = reactions
  }

  notes(): string[] {
    return [...this.#notes]
  }

  received(): Buffer {
    return Buffer.concat(this.#chunks)
  }

  connectionMade(transport: Transport): void {
    this.transport = transport
    this.#note('connectionMade')
    this.#reactions.connectionMade?.(transport, transport)
  }

  dataReceived(data: Uint8Array): void {
    const copy = Buffer.from(data)
    this.#chunks.push(copy)
    if (this.#run.length > 0) this.#notes.pop()
    this.#run.push(copy)
    this.#notes.push(`dataReceived ${shown(Buffer.concat(this.#run))}`)
    this.#reactions.dataReceived?.(this.transport, data)
  }

  eofReceived(): boolean | undefined {
    this.#note('eofReceived')
    return this.#reactions.eofReceived?.(this.transport)
  }

  connectionLost(reason: Error | null): void {
    this.#note(`connectionLost ${named(reason)}`)
    this.#reactions.connectionLost?.(this.transport, reason)
  }

  pauseWriting(): void {
    this.#note('pauseWriting')
    this.#reactions.pauseWriting?.(this.transport)
  }

  resumeWriting(): void {
    this.#note('resumeWriting')
    this.#reactions.resumeWriting?.(this.transport)
  }

  #note(text: string): void {
    this.#run = []
    this.#notes.push(text)
  }
}

/** Notes what a transport tells its observer. */
export class NotingObserver implements TransportObserver {
  readonly notes: string[] = []
  ending: Ending | null = null
  sentBytes = 0
  receivedBytes = 0
  /** What is being written. */
  readonly retained: Uint8Array[] = []

  connectionMade(): void {
    this.notes.push('connectionMade')
  }
  dataReceived(data: Uint8Array): Uint8Array {
    this.receivedBytes += data.length
    return data
  }
  retain(data: Uint8Array): void {
    this.retained.push(data)
  }
  release(data: Uint8Array): void {
    const index = this.retained.indexOf(data)
    expect(index).not.toBe(-1)
    this.retained.splice(index, 1)
  }
  dataSent(data: Uint8Array): void {
    this.sentBytes += data.length
  }
  eofReceived(): void {
    this.notes.push('eofReceived')
  }
  eofSent(): void {
    this.notes.push('eofSent')
  }
  writingPaused(bufferedBytes: number, highWaterBytes: number): void {
    expect(bufferedBytes).toBeGreaterThan(highWaterBytes)
    this.notes.push('pauseWriting')
  }
  writingResumed(): void {
    this.notes.push('resumeWriting')
  }
  readingPaused(): void {
    this.notes.push('pauseReading')
  }
  readingResumed(): void {
    this.notes.push('resumeReading')
  }
  closing(): void {
    this.notes.push('closing')
  }
  connectionLost(ending: Ending): void {
    this.notes.push('connectionLost')
    this.ending = ending
  }
}

/** Both ends, while a play runs. */
export interface Stage {
  readonly transport: Transport
  readonly protocol: NotingProtocol
  readonly observer: NotingObserver
  readonly far: FarEnd
}

export type Step = (stage: Stage) => void | Promise<void>

export interface Play {
  readonly title: string
  readonly reactions?: Reactions
  readonly steps: readonly Step[]
  /** Every callback of ours, in order. */
  readonly callbacks: readonly string[]
  /** How it ended, as the observer is told. */
  readonly ending?: Partial<Omit<Ending, 'error'>>
  /** How the far end saw it end; by default with a FIN, and with the bytes of `farReceives` and no others before it. */
  readonly farEnds?: 'with FIN' | 'with RST' | 'by itself'
  readonly farReceives?: string | Uint8Array
  /** What the exception handler is told, where it is told something. */
  readonly reported?: readonly string[]
}

const bytes = (data: string | Uint8Array): Uint8Array => (typeof data === 'string' ? Buffer.from(data) : data)

/** The steps that plays are made of: what the far end does … */
export const far = {
  sends:
    (data: string | Uint8Array): Step =>
    ({ far }) =>
      far.send(bytes(data)),
  finishes:
    (): Step =>
    ({ far }) =>
      far.finish(),
  resets:
    (): Step =>
    ({ far }) =>
      far.reset(),
  stopsReading:
    (): Step =>
    ({ far }) =>
      far.pause(),
  readsAgain:
    (): Step =>
    ({ far }) =>
      far.resume(),
  /** Waits until the far end has received that many bytes in all. */
  hasReceived:
    (count: number): Step =>
    ({ far }) =>
      until(
        () => far.receivedBytes >= count,
        () => `the far end to receive ${count} bytes; it has ${far.receivedBytes}`,
      ),
  hasSeenFin:
    (): Step =>
    ({ far }) =>
      until(
        () => far.finSeen,
        () => `the far end to see a FIN; it is ${far.ended ?? 'open'}`,
      ),
  hasEnded:
    (): Step =>
    ({ far }) =>
      until(
        () => far.ended !== null,
        () => 'the far end to be over',
      ),
  /** Waits until all it has sent is with the kernel. */
  hasSentAll:
    (): Step =>
    ({ far }) =>
      until(
        () => far.unsentBytes === 0,
        () => `the far end to send its last ${far.unsentBytes} bytes`,
      ),
} as const

/** … and what we do and see. */
export const we = {
  write:
    (data: string | Uint8Array): Step =>
    ({ transport }) =>
      transport.write(bytes(data)),
  writeEof:
    (): Step =>
    ({ transport }) =>
      transport.writeEof(),
  close:
    (): Step =>
    ({ transport }) =>
      transport.close(),
  abort:
    (): Step =>
    ({ transport }) =>
      transport.abort(),
  pauseReading:
    (): Step =>
    ({ transport }) =>
      transport.pauseReading(),
  resumeReading:
    (): Step =>
    ({ transport }) =>
      transport.resumeReading(),
  /** Waits for a callback. */
  see:
    (note: string): Step =>
    ({ protocol }) =>
      until(
        () => protocol.notes().includes(note),
        () => `${note} after ${protocol.notes().join(', ')}`,
      ),
  /** Lets all come that would come, then checks that nothing did since the last callback that is named. */
  seeNothingAfter:
    (note: string): Step =>
    async ({ protocol }) => {
      await turns()
      expect(protocol.notes().at(-1)).toBe(note)
    },
  check:
    (look: (stage: Stage) => void): Step =>
    (stage) =>
      look(stage),
} as const

/** Equal bytes; told as text where they are few, so that a difference can be read. */
export const expectBytes = (actual: Uint8Array, expected: Uint8Array): void => {
  if (expected.length <= 1000)
    expect(Buffer.from(actual).toString('latin1')).toBe(Buffer.from(expected).toString('latin1'))
  else
    expect({ bytes: actual.length, equal: Buffer.compare(actual, expected) === 0 }).toEqual({
      bytes: expected.length,
      equal: true,
    })
}

/** What protocol.ts promises of every connection that is over. */
export const expectOrder = (notes: readonly string[]): void => {
  const order = notes.filter((note) => !/Writing$/.test(note)).map((note) => note.split(' ')[0])
  expect(order.join(' ')).toMatch(/^connectionMade( dataReceived)*( eofReceived)? connectionLost$/)
  const flow = notes.filter((note) => /Writing$/.test(note))
  expect(flow.join(' ')).toMatch(/^((^| )pauseWriting resumeWriting)*( ?pauseWriting)?$/)
  expect(notes.at(-1)).toMatch(/^connectionLost/)
}

/** What both the protocol and the observer are told of. */
const shared = /^(connectionMade|eofReceived|pauseWriting|resumeWriting|connectionLost)/

export const playRoles = ['accepted here', 'opened here'] as const

const setStage = async (play: Play, role: (typeof playRoles)[number], kind: FarKind) => {
  const { loop, reported } = runningLoop()
  const observer = new NotingObserver()
  const protocol = new NotingProtocol(play.reactions)
  const options = { observe: () => observer }
  if (role === 'opened here') {
    const { port, accepted } = await startFarServer(kind, loop)
    const [transport] = await loop.createConnection(() => protocol, { host: '127.0.0.1', port, ...options })
    return { stage: { transport, protocol, observer, far: await accepted() }, reported }
  }
  const { port } = await listenWith(loop, () => protocol, options)
  const farEnd = await connectFarEnd(kind, loop, port)
  await until(
    () => protocol.transport !== undefined,
    () => 'the connection to be accepted',
  )
  return { stage: { transport: protocol.transport, protocol, observer, far: farEnd }, reported }
}

/** Plays it and checks everything that it expects. */
export const perform = async (play: Play, role: (typeof playRoles)[number], kind: FarKind): Promise<void> => {
  const { stage, reported } = await setStage(play, role, kind)
  for (const step of play.steps) await step(stage)
  const { protocol, observer, far: farEnd } = stage
  await until(
    () => protocol.notes().some((note) => note.startsWith('connectionLost')),
    () => `connectionLost after ${protocol.notes().join(', ')}`,
  )
  farEnd.resume()
  const farEnds = play.farEnds ?? 'with FIN'
  await until(
    () => (farEnds === 'with FIN' && farEnd.finSeen) || farEnd.ended !== null,
    () => `the far end to see an end ${farEnds}`,
  )
  if (farEnds === 'with FIN') expect({ finSeen: farEnd.finSeen }).toEqual({ finSeen: true })
  if (farEnds === 'with RST') expect(farEnd.ended).toMatch(/^(ECONNRESET|EPIPE)$/)
  farEnd.close()
  await turns()
  const notes = protocol.notes()
  expect(notes).toEqual(play.callbacks)
  expectOrder(notes)
  expect(observer.notes.filter((note) => shared.test(note))).toEqual(
    notes.filter((note) => shared.test(note)).map((note) => note.split(' ')[0]),
  )
  expect(observer.receivedBytes).toBe(protocol.received().length)
  if (play.ending !== undefined) expect(observer.ending).toMatchObject(play.ending)
  if (farEnds === 'with FIN') expectBytes(farEnd.received(), bytes(play.farReceives ?? ''))
  expect(reported.map(({ message, exception }) => `${message} ${exception.message}`)).toEqual(play.reported ?? [])
  expect(stage.transport.isClosing()).toBe(true)
}
