import { BaseProtocol, EventLoop, type Transport } from 'wireloop'

const encoder = new TextEncoder()
const decoder = new TextDecoder()

class EchoServerProtocol extends BaseProtocol {
  #transport!: Transport
  override connectionMade(transport: Transport) {
    this.#transport = transport
    console.log('Server: connection made')
  }
  override dataReceived(data: Uint8Array) {
    console.log(`Server: received ${decoder.decode(data)}`)
    this.#transport.write(data)
    this.#transport.close()
  }
}

class EchoClientProtocol extends BaseProtocol {
  override connectionMade(transport: Transport) {
    transport.write(encoder.encode('Hello World!'))
    console.log('Client: sent Hello World!')
  }
  override dataReceived(data: Uint8Array) {
    console.log(`Client: received ${decoder.decode(data)}`)
  }
  override connectionLost() {
    console.log('Client: the server closed the connection')
    loop.stop()
  }
}

const host = '127.0.0.1'
const loop = new EventLoop()
const server = await loop.createServer(() => new EchoServerProtocol(), { host, port: 0 })
await loop.createConnection(() => new EchoClientProtocol(), { host, port: server.sockets[0]!.port })
await loop.runForever()
server.close()
loop.close()
