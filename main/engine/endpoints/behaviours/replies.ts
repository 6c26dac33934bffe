// What a listener does with what it receives: one protocol a reply. Counterpart: ../listener.ts.
import type { Reply } from '../../../../preload/contract/vocabulary.ts'
import { BaseProtocol } from '../../loop/protocol.ts'
import type { Transport } from '../../loop/transport.ts'
import type { ConnectionProtocol } from '../accepting.ts'
import type { Connection } from '../connection.ts'

/** Keeps the connection and sends the greeting. Receives and does nothing, and closes when the peer does: discard. */
class DiscardProtocol extends BaseProtocol implements ConnectionProtocol {
  readonly connection: Connection
  readonly #greeting: Uint8Array
  protected transport!: Transport

  constructor(connection: Connection, greeting: Uint8Array) {
    super()
    this.connection = connection
    this.#greeting = greeting
  }

  override connectionMade(transport: Transport): void {
    this.transport = transport
    transport.write(this.#greeting)
  }
}

/** Leaves the answer to a person, and so does not close when the peer has said all it had to say. */
class ManualProtocol extends DiscardProtocol {
  override eofReceived(): boolean {
    return true
  }
}

class EchoProtocol extends DiscardProtocol {
  override dataReceived(data: Uint8Array): void {
    // After a half-close by the person there is nothing to answer with.
    if (this.connection.canSend) this.transport.write(data)
    else this.connection.ignored(data.length)
  }

  /** A peer that sends and does not read must not fill our memory. */
  override pauseWriting(): void {
    this.transport.pauseReading()
  }

  override resumeWriting(): void {
    this.transport.resumeReading()
  }
}

class EchoCloseProtocol extends EchoProtocol {
  override dataReceived(data: Uint8Array): void {
    super.dataReceived(data)
    this.transport.close()
  }
}

const protocols: Record<Reply, new (connection: Connection, greeting: Uint8Array) => ConnectionProtocol> = {
  echo: EchoProtocol,
  'echo-close': EchoCloseProtocol,
  discard: DiscardProtocol,
  none: ManualProtocol,
}

export const replyProtocol = (reply: Reply, connection: Connection, greeting: Uint8Array): ConnectionProtocol =>
  new protocols[reply](connection, greeting)
