// One direction of a relay: what one half receives goes out on the other. Counterpart: relay.ts.
// In: bytes and eof of the source. Out: the same to the sink. Backwards: the sink's flow control, to the source's reading.
import type { Connection } from './connection.ts'

export class Link {
  readonly #source: Connection
  readonly #sink: Connection

  constructor(source: Connection, sink: Connection) {
    this.#source = source
    this.#sink = sink
  }

  /** Bytes from the source, or injected by a person, to the sink; counted where the sink takes none any more. */
  forward(data: Uint8Array): void {
    if (this.#sink.canSend) this.#sink.transport!.write(data)
    else this.#sink.ignored(data.length)
  }

  /** The source has said all it had to say: FIN to the sink, after everything forwarded before. */
  eof(): void {
    this.#sink.eofAsked()
    this.#sink.transport?.writeEof()
  }

  /** The sink's buffer is above its high-water mark: the source must wait. */
  pause(): void {
    this.#source.transport?.pauseReading()
  }

  resume(): void {
    this.#source.transport?.resumeReading()
  }
}
