// What happens on a connection: the callbacks that a transport calls. Counterpart: transport.ts.
// The model is asyncio's (docs.python.org/3/library/asyncio-protocol.html), in Node's spelling.
import type { Transport } from './transport.ts'

/**
 * A stream protocol. Its transport calls it in this order, and asserts it:
 *
 *     start -> connectionMade [-> dataReceived*] [-> eofReceived] -> connectionLost -> end
 *
 * One `connectionMade`, any number of `dataReceived`, at most one `eofReceived`, and exactly one `connectionLost` for
 * each `connectionMade`. `pauseWriting` and `resumeWriting` come in pairs, in between. An exception that a callback
 * throws is reported to the loop's exception handler and aborts the connection (asyncio only reports those of
 * `connection_made`, `pause_writing` and `resume_writing`).
 */
export interface Protocol {
  connectionMade(transport: Transport): void
  /**
   * The bytes are valid until this returns: the next read overwrites them. Writing them to a transport is safe; to keep
   * them, copy them. (asyncio's `bytes` may be kept; its `BufferedProtocol` is like this.)
   */
  dataReceived(data: Uint8Array): void
  /** The peer sent FIN. True keeps our side open for writing; anything else closes the transport. */
  eofReceived(): boolean | undefined
  /** `reason` is null after an orderly end or an abort from here, else the error that ended it. */
  connectionLost(reason: Error | null): void
  /** The write buffer went above the high-water mark. */
  pauseWriting(): void
  /** The write buffer is at or below the low-water mark again. */
  resumeWriting(): void
}

/** A protocol that does nothing; override what is of interest. */
export class BaseProtocol implements Protocol {
  connectionMade(_transport: Transport): void {}
  dataReceived(_data: Uint8Array): void {}
  eofReceived(): boolean | undefined {
    return undefined
  }
  connectionLost(_reason: Error | null): void {}
  pauseWriting(): void {}
  resumeWriting(): void {}
}

export type ProtocolFactory<P extends Protocol = Protocol> = () => P
