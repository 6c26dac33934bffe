// The leak check finds what it is there to find. Each test opens something, sees it named, and closes it again.
import net from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import { describe, expect, it } from 'vitest'
import { type Before, leftovers, noteBefore, settledLeftovers } from './leftovers.ts'

const patienceMs = 5000

/** Expects something that `matches` to be left, then nothing any more once `close` has run. */
const expectNamed = async (before: Before, matches: RegExp, close: () => void) => {
  const left = leftovers(before)
  close()
  expect(left.join('\n')).toMatch(matches)
  expect(await settledLeftovers(before, patienceMs)).toEqual([])
}

const listen = async (): Promise<net.Server> => {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

describe('the leak check', () => {
  it('names a server by its address', async () => {
    const before = noteBefore()
    const server = await listen()
    await expectNamed(before, /server that listens on 127\.0\.0\.1:\d+/, () => server.close())
  })

  it('names an outgoing socket by both addresses and the line that opened it', async () => {
    const server = await listen()
    server.on('connection', (socket) => socket.resume())
    const before = noteBefore()
    const { port } = server.address() as net.AddressInfo
    const socket = net.connect(port, '127.0.0.1')
    await new Promise((resolve) => socket.once('connect', resolve))
    await expectNamed(before, new RegExp(`127.0.0.1:${port}.* opened at .*leftovers.test.ts`), () => socket.end())
    server.close()
  })

  it('counts an accepted socket', async () => {
    const before = noteBefore()
    const server = await listen()
    const client = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1')
    const accepted = await new Promise<net.Socket>((resolve) => server.once('connection', resolve))
    client.destroy()
    server.close()
    // Half-open: nobody has read the FIN.
    await expectNamed(before, /more active TCPSocketWrap/, () => accepted.destroy())
  })

  it("names a timer and an interval by the line that set it, also unref'd ones", async () => {
    const before = noteBefore()
    const timer = setTimeout(() => {}, 60_000)
    await expectNamed(before, /timer of 60000 ms set at .*leftovers.test.ts/, () => clearTimeout(timer))
    const quiet = setInterval(() => {}, 50_000).unref()
    await expectNamed(before, /timer of 50000 ms set at .*leftovers.test.ts/, () => clearInterval(quiet))
  })

  it('counts a timer that Node set, not we', async () => {
    const before = noteBefore()
    const abort = new AbortController()
    const waiting = delay(60_000, null, { signal: abort.signal }).catch(() => {})
    await expectNamed(before, /1 more active Timeout/, () => abort.abort())
    await waiting
  })

  it("names a worker thread, also an unref'd one", async () => {
    const before = noteBefore()
    const worker = new Worker('setInterval(() => {}, 1000)', { eval: true })
    worker.unref()
    await new Promise((resolve) => worker.once('online', resolve))
    await expectNamed(before, /worker thread started at .*leftovers.test.ts/, () => void worker.terminate())
  })

  it('does not blame a test for what was open before it', async () => {
    const server = await listen()
    const timer = setTimeout(() => {}, 60_000)
    expect(leftovers(noteBefore())).toEqual([])
    clearTimeout(timer)
    server.close()
  })

  it('leaves timers as they are: their results, their promises, and those that have fired are not held', async () => {
    const before = noteBefore()
    await promisify(setTimeout)(1)
    expect(await new Promise((resolve) => setTimeout(resolve, 1, 'argument'))).toBe('argument')
    expect(leftovers(before)).toEqual([])
  })
})
