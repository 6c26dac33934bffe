import { BaseProtocol, EventLoop, openConnection, type Server, startServer, type Transport } from 'wireloop'

class Half extends BaseProtocol {
  transport!: Transport
  other!: Half
  override connectionMade(transport: Transport) {
    this.transport = transport
  }
  override dataReceived(data: Uint8Array) {
    this.other.transport.write(data) // the link: one direction of the relay
  }
  override eofReceived() {
    this.other.transport.writeEof()
    return true // half-closed: the other direction goes on
  }
}
class Upstream extends Half {}
class Downstream extends Half {
  override connectionMade(transport: Transport) {
    this.transport = transport
    transport.pauseReading() // until there is somebody to write to
    this.other = new Upstream()
    this.other.other = this
    void loop.createConnection(() => this.other, at(target)).then(() => transport.resumeReading())
  }
}
const loop = new EventLoop()
const at = (server?: Server) => ({ host: '127.0.0.1', port: server?.sockets[0]?.port ?? 0 })
const target = await startServer(loop, async (reader, writer) => {
  const question = await reader.read()
  writer.write(Buffer.from(`${question.length} bytes came`))
  writer.close()
}, at())
const relay = await loop.createServer(() => new Downstream(), at())
const [reader, writer] = await openConnection(loop, at(relay))
writer.write(Buffer.from('Hello World!'))
writer.writeEof()
const answer = await loop.runUntilComplete(reader.read())
console.log(`Client: ${new TextDecoder().decode(answer)}`)
for (const server of [relay, target]) server.close()
