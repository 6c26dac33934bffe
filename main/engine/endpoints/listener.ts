// A listener: accepts connections and replies. Counterpart: behaviours/replies.ts (what it replies).
import type { ListenerSpec } from '../../../preload/contract/vocabulary.ts'
import { AcceptingEndpoint, type ConnectionProtocol } from './accepting.ts'
import { replyProtocol } from './behaviours/replies.ts'
import { Connection } from './connection.ts'

export class Listener extends AcceptingEndpoint<ListenerSpec> {
  protected accept(): ConnectionProtocol {
    const connection = new Connection(this, { direction: 'in', side: null })
    this.adopt(connection)
    return replyProtocol(this.spec.reply, connection, this.spec.greeting)
  }
}
