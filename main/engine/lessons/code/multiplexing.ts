import { performance } from 'node:perf_hooks'
import { BaseProtocol, EventLoop, type Transport } from 'wireloop'

const connections = 1000
const iterations = () => performance.nodeTiming.uvMetricsInfo.loopCount

class Echo extends BaseProtocol {
  #transport!: Transport
  override connectionMade(transport: Transport) {
    this.#transport = transport
    if (++accepted === connections) allAccepted.setResult()
  }
  override dataReceived(data: Uint8Array) {
    this.#transport.write(data)
  }
}
class Client extends BaseProtocol {
  override dataReceived() {
    if (++answers === connections) allAnswered.setResult()
  }
}
let accepted = 0
let answers = 0
const host = '127.0.0.1'
const loop = new EventLoop()
const allAccepted = loop.createFuture<void>()
const allAnswered = loop.createFuture<void>()
const server = await loop.createServer(() => new Echo(), { host, port: 0, backlog: connections })
const { port } = server.sockets[0]!
const connect = () => loop.createConnection(() => new Client(), { host, port })
const clients = await Promise.all(Array.from({ length: connections }, connect))
await loop.runUntilComplete(allAccepted)

const before = iterations()
for (const [transport] of clients) transport.write(Buffer.from('?'))
await loop.runUntilComplete(allAnswered)
console.log(`${answers} answers on one thread in ${iterations() - before} iterations`)
for (const [transport] of clients) transport.close()
server.close()
loop.close()
