import { EventLoop, openConnection, type Protocol, startServer, type Transport } from 'wireloop'
class Half implements Protocol {
  transport!: Transport
  other!: Half
  connectionMade = (transport: Transport) => {
    this.transport = transport
    transport.setWriteBufferLimits(256 * 1024, 64 * 1024) // high and low water mark
  }
  dataReceived = (data: Uint8Array) => this.other.transport.write(data)
  pauseWriting = () => {
    this.other.transport.pauseReading() // who cannot write must not read
    if (!full.done()) full.setResult()
  }
  resumeWriting = () => this.other.transport.resumeReading()
  eofReceived = () => false
  connectionLost = () => {}
}
const [chunk, total] = [Buffer.alloc(64 * 1024), 32 * 2 ** 20] // more than the kernel takes
const any = { host: '127.0.0.1', port: 0 }
const loop = new EventLoop()
const full = loop.createFuture<void>()
const slow = await startServer(loop, async (reader, writer) => {
  await full // a slow reader: it takes nothing before the relay is full
  let bytes = 0
  while (bytes < total) bytes += (await reader.read(chunk.length)).length
  console.log(`slow reader: ${bytes / 2 ** 20} MiB`)
  writer.close()
}, any)
const up = new Half()
await loop.createConnection(() => up, { ...any, ...slow.sockets[0] })
const relay = await loop.createServer(() => (up.other = Object.assign(new Half(), { other: up })), any)
await loop.runUntilComplete(async () => {
  const [, writer] = await openConnection(loop, { ...any, ...relay.sockets[0] })
  for (let sent = 0; sent < total; sent += chunk.length) {
    writer.write(chunk)
    await writer.drain() // waits between pauseWriting and resumeWriting
  }
  writer.close()
})
for (const server of [relay, slow]) server.close()
