import { BaseProtocol, EventLoop, openConnection, startServer, type Transport } from 'wireloop'

// With a protocol: callbacks. What is remembered between them is in the object.
class Echo extends BaseProtocol {
  #transport!: Transport
  override connectionMade(transport: Transport) {
    this.#transport = transport
  }
  override dataReceived(data: Uint8Array) {
    this.#transport.write(data)
  }
}
const any = { host: '127.0.0.1', port: 0 }
const loop = new EventLoop()
const protocols = await loop.createServer(() => new Echo(), any)

// With streams: sequential code. What is remembered is where it stands.
const streams = await startServer(loop, async (reader, writer) => {
  for await (const line of reader) {
    writer.write(line)
    await writer.drain()
  }
  writer.close()
}, any)

for (const server of [protocols, streams]) {
  await loop.runUntilComplete(async () => {
    const { host, port } = server.sockets[0]!
    const [reader, writer] = await openConnection(loop, { host, port })
    for (const line of ['one\n', 'two\n', 'three\n']) writer.write(Buffer.from(line))
    writer.writeEof()
    const answer = Buffer.from(await reader.read()).toString()
    console.log(`${server === streams ? 'streams' : 'protocol'}: ${answer.split('\n').join(' ')}`)
  })
  server.close()
}
loop.close()
