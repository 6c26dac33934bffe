import process from 'node:process'
import { BaseProtocol, EventLoop, type Transport } from 'wireloop'

setTimeout(() => console.log('outside: timeout'), 0)
setImmediate(() => console.log('outside: immediate'))

class Inside extends BaseProtocol {
  #transport!: Transport
  override connectionMade(transport: Transport) {
    this.#transport = transport
  }
  override dataReceived() {
    setTimeout(() => console.log('inside: timeout'), 0)
    setImmediate(() => console.log('inside: immediate'))
    queueMicrotask(() => console.log('inside: microtask'))
    process.nextTick(() => console.log('inside: tick'))
    console.log('inside: I/O callback')
    this.#transport.close()
  }
  override connectionLost() {
    console.log('inside: closing callback')
    server.close()
  }
}

const host = '127.0.0.1'
const loop = new EventLoop()
const server = await loop.createServer(() => new Inside(), { host, port: 0 })
const { port } = server.sockets[0]!
const [client] = await loop.createConnection(() => new BaseProtocol(), { host, port })
client.write(Buffer.from('now'))
