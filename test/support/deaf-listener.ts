// A port on loopback that never answers a connect: a listener that accepts nothing, with its backlog filled up, so that the
// kernel drops every further SYN. Needs no root and no network.
import { spawn } from 'node:child_process'
import { connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

// The process sleeps in its listen callback, so the loop never comes to accept.
const source = `
const server = require('node:net').createServer()
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
  require('node:fs').writeSync(1, String(server.address().port) + '\\n')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
})`

/** More than the kernel ever queues for a backlog of 1. */
const fillers = 8

/** Resolves with the port once the backlog is full. Ended with the test. */
export const startDeafListener = async (): Promise<number> => {
  const child = spawn(process.execPath, ['-e', source], { stdio: ['ignore', 'pipe', 'inherit'] })
  const sockets: Socket[] = []
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy()
    const ended = new Promise((resolve) => child.once('close', resolve))
    child.kill('SIGKILL')
    await ended
  })
  const port = await new Promise<number>((resolve) => {
    child.stdout.once('data', (text: Buffer) => resolve(Number(text.toString())))
  })
  // The queue is full when a connect stays without an answer while those before it have theirs. An answer on loopback
  // takes microseconds; a SYN that was dropped is sent again after a second at the earliest.
  for (let i = 0; i < fillers; i++) {
    const socket = connect({ port, host: '127.0.0.1' })
    sockets.push(socket)
    socket.on('error', () => {})
    const answered = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true))
      setTimeout(() => resolve(false), 300)
    })
    if (!answered) return port
  }
  throw new Error(`${fillers} connections were taken into a backlog of 1`)
}
