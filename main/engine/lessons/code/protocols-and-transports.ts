import { BaseProtocol, EventLoop, type Transport } from 'wireloop'

let made = 0
let lost = 0

class Greeter extends BaseProtocol {
  readonly #number = ++made
  #transport!: Transport

  override connectionMade(transport: Transport) {
    this.#transport = transport
    console.log(`protocol ${this.#number}: connectionMade`)
  }
  override dataReceived(data: Uint8Array) {
    console.log(`protocol ${this.#number}: dataReceived, ${data.length} bytes`)
    this.#transport.write(data)
  }
  override eofReceived() {
    console.log(`protocol ${this.#number}: eofReceived`)
    return false // nothing more to send: close our side too
  }
  override connectionLost() {
    console.log(`protocol ${this.#number}: connectionLost`)
    if (++lost === 2) bothLost.setResult()
  }
}

const host = '127.0.0.1'
const loop = new EventLoop()
const bothLost = loop.createFuture<void>()
const server = await loop.createServer(() => new Greeter(), { host, port: 0 })
const { port } = server.sockets[0]!
for (const text of ['one', 'three']) {
  const [transport] = await loop.createConnection(() => new BaseProtocol(), { host, port })
  transport.write(Buffer.from(text))
  transport.writeEof()
}
await loop.runUntilComplete(bothLost)
server.close()
loop.close()
