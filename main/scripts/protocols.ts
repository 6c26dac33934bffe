// What a script sees of its connections, and how what it does gets back to the engine. Counterparts: thread.ts (calls the
// protocols), main/engine/endpoints/behaviours/answers.ts (does it).
import type { Failure } from '../../preload/contract/failure.ts'
import type { FromScript, ScriptCommand, ScriptConnection } from '../engine/scripts/messages.ts'

/** The most bytes that a script has written and the engine has not taken yet: 64 MiB. */
export const maxUntakenBytes = 64 * 1024 * 1024
/** What a command counts beside its bytes, as the engine counts it. */
const entryBytes = 64
/** Lines that one callback prints at most; more are counted. */
const maxLines = 200
/** A printed line is cut after so many UTF-16 units. */
const maxLineLength = 2000

/** Gathers what a callback does and posts it when the callback is over. */
export class Outgoing {
  readonly #post: (message: FromScript) => void
  #commands: ScriptCommand[] = []
  #untakenBytes = 0
  #lines = 0
  #scheduled = false

  constructor(post: (message: FromScript) => void) {
    this.#post = post
  }

  /** Throws where the engine has too much of this script's to do already. */
  add(command: ScriptCommand): void {
    const bytes = entryBytes + (command.what === 'write' ? command.data.length : 0)
    if (this.#untakenBytes + bytes > maxUntakenBytes)
      throw new RangeError(`${maxUntakenBytes} bytes wait to be written already; wait for resumeWriting()`)
    this.#untakenBytes += bytes
    this.#commands.push(command)
    if (this.#scheduled) return
    this.#scheduled = true
    queueMicrotask(() => this.flush())
  }

  log(connection: number, text: string): void {
    for (const line of text.split('\n')) {
      this.#lines++
      if (this.#lines <= maxLines) this.add({ what: 'log', connection, text: line.slice(0, maxLineLength) })
    }
  }

  taken(bytes: number): void {
    this.#untakenBytes -= bytes
  }

  flush(): void {
    this.#scheduled = false
    if (this.#lines > maxLines) {
      const text = `${this.#lines - maxLines} more lines were printed and left out`
      this.#untakenBytes += entryBytes
      this.#commands.push({ what: 'log', connection: 0, text })
    }
    this.#lines = 0
    if (this.#commands.length === 0) return
    this.#post({ type: 'did', commands: this.#commands })
    this.#commands = []
  }
}

/** A connection as a script writes to it; the names are asyncio's, as everywhere in Wireloop. */
export class ScriptTransport {
  readonly #id: number
  readonly #outgoing: Outgoing
  #closing = false

  constructor(id: number, outgoing: Outgoing) {
    this.#id = id
    this.#outgoing = outgoing
  }

  /** Text is sent as UTF-8. Bytes are copied. Does nothing once the connection is closing. */
  write(data: string | Uint8Array): void {
    if (this.#closing) return
    const bytes = typeof data === 'string' ? Buffer.from(data) : data
    if (!(bytes instanceof Uint8Array)) throw new TypeError('write() takes text or a Uint8Array')
    this.#outgoing.add({ what: 'write', connection: this.#id, data: new Uint8Array(bytes) })
  }

  /** Sends FIN behind what was written; receiving goes on. */
  writeEof(): void {
    if (!this.#closing) this.#outgoing.add({ what: 'eof', connection: this.#id })
  }

  /** Flushes, sends FIN and stops receiving. */
  close(): void {
    this.#end('close')
  }

  /** Sends RST and drops what is buffered. */
  abort(): void {
    this.#end('abort')
  }

  isClosing(): boolean {
    return this.#closing
  }

  /** It is over: what is written from here on goes nowhere. */
  lost(): void {
    this.#closing = true
  }

  #end(what: 'close' | 'abort'): void {
    if (this.#closing) return
    this.#closing = true
    this.#outgoing.add({ what, connection: this.#id })
  }
}

/** What a script exports, for one connection; every part may be left out. */
export interface ScriptProtocol {
  connectionMade?(
    transport: ScriptTransport,
    connection: Omit<ScriptConnection, 'id'> & { readonly id: number },
  ): unknown
  /** What came; with framing set, whole messages. */
  dataReceived?(data: Buffer): unknown
  /** One message without its line ending, delimiter or length. Called in place of `dataReceived` where there is one. */
  messageReceived?(message: Buffer): unknown
  /** True keeps the connection open for writing. */
  eofReceived?(): unknown
  connectionLost?(reason: Failure | null): unknown
  pauseWriting?(): unknown
  resumeWriting?(): unknown
}

const callbacks = [
  'connectionMade',
  'dataReceived',
  'messageReceived',
  'eofReceived',
  'connectionLost',
  'pauseWriting',
  'resumeWriting',
] as const satisfies readonly (keyof ScriptProtocol)[]

/** Makes the protocol of a new connection from what a script exports. Throws where that is none. */
export const protocolFactory = (exported: unknown): (() => ScriptProtocol) => {
  const checked = (protocol: unknown): ScriptProtocol => {
    if (typeof protocol === 'object' && protocol !== null)
      if (callbacks.some((name) => typeof (protocol as ScriptProtocol)[name] === 'function'))
        return protocol as ScriptProtocol
    throw new TypeError(`The protocol has none of ${callbacks.join('(), ')}()`)
  }
  if (typeof exported === 'function') {
    const isClass = /^class\b/.test(Function.prototype.toString.call(exported))
    return isClass ? () => checked(new (exported as new () => unknown)()) : () => checked((exported as () => unknown)())
  }
  if (typeof exported === 'object' && exported !== null) {
    checked(exported)
    // Each connection has a `this` of its own, on the same object.
    return () => Object.create(exported) as ScriptProtocol
  }
  throw new TypeError('“export default” has to be a class, a function that makes a protocol, or a protocol')
}
