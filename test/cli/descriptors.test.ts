// What a listener does when the process has no file descriptor left (ulimit -n): every connection that came is told of, made or not
// accepted, and none is accepted and dropped without a word.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createDescriptorWatch, keptDescriptors } from '../../main/engine/loop/descriptors.ts'
import { cliSource, wireloop } from '../support/command-line.ts'
import { until } from '../support/loopback.ts'

/** `wireloop ARGS` with at most so many file descriptors. */
const withDescriptors = (limit: number, args: readonly string[]) =>
  wireloop([`ulimit -n ${limit} && exec "$0" "$@"`, process.execPath, cliSource, ...args], {
    node: '/bin/sh',
    entry: '-c',
  })

/** A peer that notes its end. */
const dial = async (port: number): Promise<{ readonly socket: Socket; ended: boolean }> => {
  const socket = connect({ port, host: '127.0.0.1' })
  onTestFinished(() => void socket.destroy())
  const peer = { socket, ended: false }
  socket.on('error', () => {})
  socket.once('close', () => {
    peer.ended = true
  })
  socket.resume()
  await once(socket, 'connect')
  return peer
}

/** How many of so many connections were made, and how many were not accepted, once the listener has told of all. */
const allTold = async (cli: ReturnType<typeof wireloop>, count: number) => {
  const made = () => cli.lines().filter(({ kind }) => kind === 'connection-made').length
  const notAccepted = () =>
    cli
      .lines()
      .filter(({ kind }) => kind === 'accept-failed')
      .reduce((sum, line) => sum + (line.count ?? 0), 0)
  await until(
    () => made() + notAccepted() === count,
    () => `${made()} made and ${notAccepted()} not accepted of ${count}`,
  )
  return { made: made(), notAccepted: notAccepted() }
}

describe.skipIf(process.platform !== 'linux')('A listener without file descriptors', () => {
  it('tells of every connection: made, or not accepted and why', async () => {
    const cli = withDescriptors(100, ['listen', '0', '--json', '--reply', 'discard'])
    const port = await cli.port()
    const peers: Awaited<ReturnType<typeof dial>>[] = []
    for (let i = 0; i < 120; i++) peers.push(await dial(port))
    const { made, notAccepted } = await allTold(cli, peers.length)
    expect(made).toBeGreaterThan(20)
    expect(notAccepted).toBeGreaterThan(20)
    const told = cli.lines().filter(({ kind }) => kind === 'accept-failed')
    expect(told[0]).toMatchObject({
      endpoint: 1,
      cause: 'error',
      error: 'EMFILE',
      message: expect.stringContaining('ulimit -n'),
    })
    // Told at most once a second, however many there are.
    expect(told.length).toBeLessThan(notAccepted)
    // Those that were not accepted have been told so by the system; the others are still there.
    await until(
      () => peers.filter(({ ended }) => ended).length === notAccepted,
      () => `${peers.filter(({ ended }) => ended).length} ended of ${notAccepted}`,
    )
    // Nobody had to read it from standard error.
    expect(cli.stderr()).toBe('')
  })

  it('accepts again as soon as there is room', async () => {
    const cli = withDescriptors(100, ['listen', '0', '--json', '--reply', 'discard'])
    const port = await cli.port()
    const peers: Awaited<ReturnType<typeof dial>>[] = []
    for (let i = 0; i < 80; i++) peers.push(await dial(port))
    // Until then the ones that wait would take the room.
    expect((await allTold(cli, peers.length)).notAccepted).toBeGreaterThan(0)
    const lost = () => cli.lines().filter(({ kind }) => kind === 'connection-lost').length
    // The first were accepted.
    for (const { socket } of peers.slice(0, 10)) socket.destroy()
    await until(
      () => lost() >= 10,
      () => `10 connections to be lost; ${lost()} are`,
    )
    const late = await dial(port)
    const local = late.socket.localPort
    await cli.line(({ kind, remote }) => kind === 'connection-made' && remote === `127.0.0.1:${local}`)
    expect(late.ended).toBe(false)
  })
})

describe('A watch over descriptors', () => {
  it('keeps the last ones back, and follows a limit that is raised', () => {
    let limit: number | null = 100
    const watch = createDescriptorWatch(() => limit)
    expect(watch.isAmongLast(100 - keptDescriptors - 1)).toBe(false)
    expect(watch.isAmongLast(100 - keptDescriptors)).toBe(true)
    limit = 200
    expect(watch.isAmongLast(100)).toBe(false)
    expect(watch.isAmongLast(200 - keptDescriptors)).toBe(true)
  })

  it('keeps none back where the system tells no limit or no descriptor', () => {
    const watch = createDescriptorWatch(() => null)
    expect(watch.isAmongLast(1_000_000)).toBe(false)
    expect(createDescriptorWatch(() => 100).isAmongLast(-1)).toBe(false)
  })
})
