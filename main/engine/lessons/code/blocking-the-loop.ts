import { EventLoop, openConnection, startServer } from 'wireloop'

const work = (durationMs: number) => {
  const end = Date.now() + durationMs
  while (Date.now() < end);
  return 'worked'
}

const loop = new EventLoop()
const server = await startServer(loop, async (reader, writer) => {
  for await (const line of reader) writer.write(line)
  writer.close()
}, { host: '127.0.0.1', port: 0 })
const { host, port } = server.sockets[0]!

await loop.runUntilComplete(async () => {
  const clients = await Promise.all([1, 2, 3].map(() => openConnection(loop, { host, port })))
  const askAll = (when: string) => Promise.all(clients.map(async ([reader, writer], i) => {
    const askedAt = loop.time()
    writer.write(Buffer.from('?\n'))
    await reader.readline()
    console.log(`${when}: client ${i + 1} waited ${Math.round(loop.time() - askedAt)} ms`)
  }))

  loop.callSoon(work, 200) // on the loop: everybody waits
  await askAll('on the loop')

  const working = loop.runInExecutor(null, work, 200) // in a thread: nobody does
  await askAll('in an executor')
  console.log(`executor: ${await working}`)
  for (const [, writer] of clients) writer.close()
})
server.close()
loop.close()
