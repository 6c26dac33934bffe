// The messages of the connections that the page holds: chunks cut by their endpoints' framing, a little at a time, while
// somebody looks at them. Of an endpoint without framing every chunk is a message. Whole payloads are read where a preview is
// not enough. Counterparts: stream-cutter.ts (one stream), messages-table.tsx and inspector (which show them).
import { createStore } from 'zustand/vanilla'
import type { CommandMethods } from '../../preload/contract/api.ts'
import type { Framing } from '../../preload/contract/framing.ts'
import type { ConnectionId, EndpointId } from '../../preload/contract/vocabulary.ts'
import { type EventLog, eventLog } from '../event-log/event-log.ts'
import { type EventReader, eventReader } from '../event-log/reader.ts'
import { shownNow } from '../event-log/shown.ts'
import { endpointsStore } from '../stores/endpoints.ts'
import { viewsFile } from '../stores/viewing.ts'
import { type Direction, type Message, StreamCutter } from './stream-cutter.ts'

/** Messages that are kept, the newest; chunks whose beginnings of messages are. */
export const mostMessages = 50_000
const mostChunks = 50_000
/** Events before the newest that are cut when the view is opened; of an opened file, from its beginning on. */
export const mostEvents = 200_000
/** How long one piece of work takes, ms. */
const sliceMs = 6
/** Payloads read ahead at once, and how far ahead they are looked for. */
const readAhead = 8
const lookAhead = 64
/** Events asked for at once where they are not held. */
const stretchEvents = 2000

export interface MessagesState {
  /** In the order in which they ended. */
  readonly messages: readonly Message[]
  /** Older ones that were let go of. */
  readonly dropped: number
  /** Bumped whenever more were found. */
  readonly version: number
  /** The first event that was looked at. */
  readonly fromSeq: number
  readonly reading: boolean
  /** Why a stream could not be cut as it should be, the last time that was so; empty where all could. */
  readonly failure: string
}

export interface MessageSources {
  readonly log: EventLog
  readonly reader: EventReader
  framingOf(endpoint: EndpointId): Framing
  /** True where an opened file is looked at, of which nothing streams in. */
  isFile(): boolean
  /** ms on the event clock. */
  now(): number
}

type Payloads = Pick<CommandMethods, 'readPayload'>

export const raw: Framing = { kind: 'raw' }
/** Cuts that need to know where a stream begins. */
const needsStart = (framing: Framing): boolean => framing.kind === 'length' || framing.kind === 'fixed'

export const createMessages = ({ log, reader, framingOf, isFile, now }: MessageSources) => {
  const store = createStore<MessagesState>()(() => ({
    messages: [],
    dropped: 0,
    version: 0,
    fromSeq: log.nextSeq,
    reading: false,
    failure: '',
  }))
  const streams = new Map<number, StreamCutter>()
  /** Connections whose beginnings were seen. */
  const begun = new Set<ConnectionId>()
  let starts = new Map<number, readonly number[]>()
  /** The state's own list: it grows in place, and `version` tells. */
  let found: Message[] = []
  let dropped = 0
  let commands: Payloads | null = null
  let users = 0
  let cursor = 0
  let endSeq = Number.POSITIVE_INFINITY
  let generation = 0
  let running = false
  let timer: ReturnType<typeof setTimeout> | undefined
  const payloads = new Map<number, Promise<Uint8Array | null>>()

  const show = (reading: boolean, failure = store.getState().failure) => {
    if (found.length > mostMessages) {
      dropped += found.length - mostMessages
      found.splice(0, found.length - mostMessages)
    }
    store.setState(({ version }) => ({ messages: found, dropped, version: version + 1, reading, failure }))
  }
  const add = (more: readonly (Message | null)[]) => {
    for (const message of more) if (message !== null) found.push(message)
  }

  const readWhole = (seq: number): Promise<Uint8Array | null> => {
    const known = payloads.get(seq)
    if (known !== undefined) return known
    const asked = (async () => {
      const result = await commands?.readPayload({ seq })
      return result?.ok === true ? result.value.data : null
    })()
    payloads.set(seq, asked)
    return asked
  }

  /** The framing that a chunk is cut by. */
  const framingFor = (endpoint: EndpointId | null, connection: ConnectionId): Framing => {
    const framing = endpoint === null ? raw : framingOf(endpoint)
    return needsStart(framing) && !begun.has(connection) ? raw : framing
  }

  const sameFraming = (a: Framing, b: Framing): boolean => JSON.stringify(a) === JSON.stringify(b)

  const streamOf = (connection: ConnectionId, direction: Direction, framing: Framing): StreamCutter => {
    const key = connection * 2 + (direction === 'sent' ? 1 : 0)
    const known = streams.get(key)
    if (known !== undefined) {
      if (!sameFraming(known.framing, framing)) add([known.end(framing)])
      return known
    }
    const made = new StreamCutter(connection, direction, framing)
    streams.set(key, made)
    return made
  }

  const endStream = (connection: ConnectionId, direction: Direction, isOver: boolean) => {
    const key = connection * 2 + (direction === 'sent' ? 1 : 0)
    add([streams.get(key)?.end() ?? null])
    if (isOver) streams.delete(key)
  }

  const cut = (
    seq: number,
    bytes: Uint8Array | null,
    framing: Framing,
    connection: ConnectionId,
    direction: Direction,
  ) => {
    const stream = streamOf(connection, direction, framing)
    const length = log.length(seq)
    const at = log.at(seq)
    const known = bytes ?? log.preview(seq)
    const result = stream.push({ seq, at, bytes: known, length })
    add(result.messages)
    if (framing.kind !== 'raw') starts.set(seq, result.starts)
    if (result.failure !== null) show(true, result.failure.message)
    // Bytes that were not kept: what comes next does not adjoin.
    if (known.length < length) {
      add([stream.end()])
      begun.delete(connection)
    }
  }

  /** Takes in one event. Answers what has to be read for it first, or null. */
  const take = (seq: number, whole: Uint8Array | null | undefined): Promise<Uint8Array | null> | null => {
    const kind = log.kind(seq)
    const connection = log.connection(seq)
    if (connection === null) return null
    if (kind === 'data-received' || kind === 'data-sent') {
      const direction = kind === 'data-sent' ? 'sent' : 'received'
      const framing = framingFor(log.endpoint(seq), connection)
      const isWhole = framing.kind === 'raw' || log.preview(seq).length >= log.length(seq)
      if (!isWhole && whole === undefined) return readWhole(seq)
      const bytes = framing.kind === 'raw' ? log.preview(seq) : (whole ?? log.preview(seq))
      if (framing.kind === 'raw') takeRaw(seq, connection, direction)
      else cut(seq, bytes, framing, connection, direction)
      return null
    }
    if (kind === 'connection-made' || kind === 'connection-started') begun.add(connection)
    else if (kind === 'eof-received') endStream(connection, 'received', false)
    else if (kind === 'eof-sent') endStream(connection, 'sent', false)
    else if (kind === 'connection-lost' || kind === 'connection-failed') {
      endStream(connection, 'received', true)
      endStream(connection, 'sent', true)
      begun.delete(connection)
    }
    return null
  }

  const takeRaw = (seq: number, connection: ConnectionId, direction: Direction) => {
    const key = connection * 2 + (direction === 'sent' ? 1 : 0)
    // It was cut otherwise until now.
    add([streams.get(key)?.end() ?? null])
    streams.delete(key)
    add([
      {
        connection,
        direction,
        seqs: [seq],
        firstSeq: seq,
        lastSeq: seq,
        chunks: 1,
        size: log.length(seq),
        at: log.at(seq),
        head: log.preview(seq).slice(0, 160),
        complete: true,
      },
    ])
  }

  /** Begins to read the payloads of chunks that will be needed soon. */
  const prefetch = (from: number) => {
    for (let seq = from, left = lookAhead; left > 0 && payloads.size < readAhead && log.has(seq); seq++, left--) {
      if (log.length(seq) === 0 || log.preview(seq).length >= log.length(seq)) continue
      const endpoint = log.endpoint(seq)
      if (endpoint !== null && framingOf(endpoint).kind !== 'raw') void readWhole(seq)
    }
  }

  /** Messages of `idle` framing end when nothing has come for long enough. */
  const flushIdle = () => {
    let soonestMs = Number.POSITIVE_INFINITY
    for (const stream of streams.values()) {
      if (stream.framing.kind !== 'idle' || !stream.waits) continue
      const leftMs = stream.framing.idleMs - (now() - stream.lastAt)
      if (leftMs <= 0) add([stream.flush()])
      else soonestMs = Math.min(soonestMs, leftMs)
    }
    return soonestMs
  }

  /** The first event that is cut. */
  const begin = (seq: number) => {
    endSeq = isFile() ? seq + mostEvents : Number.POSITIVE_INFINITY
    store.setState({ fromSeq: seq })
  }

  /** No stream goes on over what is missing. */
  const breakStreams = () => {
    for (const stream of streams.values()) add([stream.end()])
    begun.clear()
  }

  const run = async () => {
    if (running || users === 0) return
    running = true
    const mine = generation
    const isOff = () => mine !== generation || users === 0
    let untilMs = performance.now() + sliceMs
    while (!isOff() && cursor < Math.min(log.nextSeq, endSeq)) {
      // What a recording's page has let go of, or never took in, is not read for this.
      if (!isFile() && cursor < log.tailSeq) {
        breakStreams()
        cursor = log.tailSeq
        if (found.length === 0) begin(cursor)
        continue
      }
      if (!log.has(cursor)) {
        const next = log.next(cursor - 1)
        if (next === null) break
        if (next > cursor) {
          // Nobody has what lies between.
          breakStreams()
          cursor = next
          if (found.length === 0) begin(next)
          continue
        }
        reader.want('messages', [{ from: cursor, to: Math.min(cursor + stretchEvents, endSeq) }])
        break
      }
      const needed = take(cursor, undefined)
      if (needed !== null) {
        prefetch(cursor + 1)
        const whole = await needed
        payloads.delete(cursor)
        if (isOff()) break
        // It may have been let go of while its payload was read.
        if (log.has(cursor)) take(cursor, whole)
      }
      cursor++
      if (performance.now() < untilMs) continue
      trim()
      show(true)
      await new Promise((resolve) => setTimeout(resolve))
      untilMs = performance.now() + sliceMs
    }
    running = false
    if (mine !== generation) {
      void run()
      return
    }
    const idleMs = flushIdle()
    trim()
    show(cursor < Math.min(log.nextSeq, endSeq))
    clearTimeout(timer)
    if (Number.isFinite(idleMs) && users > 0) timer = setTimeout(() => void run(), Math.max(20, idleMs))
  }

  const trim = () => {
    if (starts.size > 2 * mostChunks) starts = new Map([...starts].slice(-mostChunks))
  }

  const restart = () => {
    generation++
    clearTimeout(timer)
    streams.clear()
    begun.clear()
    payloads.clear()
    starts = new Map()
    found = []
    dropped = 0
    // Of a recording that goes on, what the page holds; of a file, its beginning.
    // Where a file begins is told later.
    cursor = isFile() ? 1 : Math.max(log.tailSeq, log.nextSeq - mostEvents)
    begin(cursor)
    store.setState({ failure: '' })
    show(true)
    void run()
  }

  log.subscribe(() => {
    if (users > 0) void run()
  })

  return {
    store,
    /** Offsets in a chunk at which messages begin; null where that is not known. */
    startsIn: (seq: number): readonly number[] | null => starts.get(seq) ?? null,
    /** Cuts streams from now on, for as long as somebody looks. Answers a function that lets go. */
    use(): () => void {
      if (users++ === 0) restart()
      return () => {
        if (--users > 0) return
        clearTimeout(timer)
        reader.want('messages', [])
      }
    },
    /** Another capture is looked at, or streams are to be cut otherwise. */
    reset(): void {
      if (users > 0) restart()
      else generation++
    },
    connect(whom: Payloads | null): void {
      commands = whom
    },
  }
}

const framingOfEndpoint = (endpoint: EndpointId): Framing =>
  endpointsStore.getState().endpoints.get(endpoint)?.spec.framing ?? raw

/** The page's messages. */
export const messages = createMessages({
  log: eventLog,
  reader: eventReader,
  framingOf: framingOfEndpoint,
  isFile: viewsFile,
  now: shownNow,
})
