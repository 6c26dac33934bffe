import process from 'node:process'
import { BaseProtocol, EventLoop, openConnection, type Transport } from 'wireloop'

let made = 0
class LastWords extends BaseProtocol {
  override connectionMade(transport: Transport) {
    transport.write(Buffer.from('last words\n'))
    // Once all are here, Ctrl+C is pressed. (A lesson's thread gets no signals of the system.)
    if (++made === 3) setImmediate(() => process.emit('SIGINT', 'SIGINT'))
  }
  override connectionLost() {
    console.log('server: connection lost')
  }
}

const host = '127.0.0.1'
const loop = new EventLoop()
const server = await loop.createServer(() => new LastWords(), { host, port: 0 })
const { port } = server.sockets[0]!

process.once('SIGINT', () => {
  console.log('SIGINT: stop accepting, close what is open')
  server.close()
  server.closeClients()
  loop.stop()
})

const clients = await Promise.all([1, 2, 3].map(() => openConnection(loop, { host, port })))
await loop.runForever()
const late = loop.createConnection(() => new BaseProtocol(), { host, port })
await late.catch(() => console.log('a late client is refused'))
await server.waitClosed()
console.log('server is closed')
for (const [reader, writer] of clients) {
  console.log(`client: ${Buffer.from(await reader.readline()).toString().trim()}`)
  writer.close()
}
loop.close()
