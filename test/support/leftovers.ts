// What a test has opened and not closed, by name: sockets, servers, timers, worker threads, and whatever else Node counts as
// an active resource. Counterpart: leak-check.ts, which asks after every test.
import { subscribe } from 'node:diagnostics_channel'
import type net from 'node:net'
import { inspect } from 'node:util'
import type { Worker } from 'node:worker_threads'

/** Things that are open, each with words for it. Only asked for the words of those that are left behind. */
const open = new Map<object, () => string>()

/** The first line of a stack that is neither this file's nor Node's: who opened it. */
const openedAt = (trace: Error): string => {
  const lines = (trace.stack ?? '').split('\n').slice(1)
  const line = lines.find((each) => !/node:|node_modules|<anonymous>\)|leftovers\.ts/.test(each)) ?? lines[0] ?? ''
  return line.trim()
}

const where = (address: net.AddressInfo | string | null | Record<string, never>): string =>
  address !== null && typeof address === 'object' && 'port' in address
    ? `${address.address}:${address.port}`
    : 'nowhere'

subscribe('net.client.socket', (message) => {
  const { socket } = message as { socket: net.Socket }
  const trace = new Error('opened')
  open.set(socket, () => {
    const to = socket.remotePort === undefined ? 'not connected' : `to ${socket.remoteAddress}:${socket.remotePort}`
    return `a socket (${where(socket.address())} ${to}, destroyed: ${socket.destroyed}) opened ${openedAt(trace)}`
  })
  socket.once('close', () => open.delete(socket))
})

// On `listening` and not on creation: a server that never listened holds nothing.
subscribe('tracing:net.server.listen:asyncEnd', (message) => {
  const { server } = message as { server: net.Server }
  open.set(server, () => `a server that listens on ${where(server.address())}`)
  server.once('close', () => open.delete(server))
})

subscribe('worker_threads', (message) => {
  const { worker } = message as { worker: Worker }
  const trace = new Error('started')
  open.set(worker, () => `a worker thread started ${openedAt(trace)}`)
  worker.once('exit', () => open.delete(worker))
})

/** Node's timers know whether they are over; it is not documented that they do, so it is checked right below. */
interface OpenTimer {
  readonly _destroyed?: boolean
}
const timers = new Map<OpenTimer, { readonly trace: Error; readonly delayMs: unknown }>()
const sweepAbove = 10_000

const isOver = (timer: OpenTimer) => timer._destroyed === true
const sweepTimers = () => {
  for (const timer of timers.keys()) if (isOver(timer)) timers.delete(timer)
}

const sample = setTimeout(() => {}, 1) as OpenTimer & NodeJS.Timeout
const seenRunning = !isOver(sample)
clearTimeout(sample)
if (!(seenRunning && isOver(sample))) throw new Error('leftovers.ts: this Node does not say when a timer is over')

const { setTimeout: unwatchedSetTimeout } = globalThis

// Also timers that are unref'd, which Node does not count. Vitest's own are not seen: it keeps the functions from before.
for (const name of ['setTimeout', 'setInterval'] as const) {
  const original = globalThis[name] as (...args: unknown[]) => NodeJS.Timeout
  const watched = (callback: unknown, delayMs: unknown, ...args: unknown[]) => {
    const timer = original(callback, delayMs, ...args)
    if (timers.size > sweepAbove) sweepTimers()
    timers.set(timer as OpenTimer, { trace: new Error('set'), delayMs })
    return timer
  }
  // `promisify` looks for its own version among the properties.
  globalThis[name] = Object.defineProperties(watched, Object.getOwnPropertyDescriptors(original)) as never
}

export interface Before {
  readonly open: ReadonlySet<object>
  readonly resources: ReadonlyMap<string, number>
}

const countResources = (): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const type of process.getActiveResourcesInfo()) counts.set(type, (counts.get(type) ?? 0) + 1)
  return counts
}

/** What is open now and is nobody's leak. */
export const noteBefore = (): Before => {
  sweepTimers()
  return { open: new Set<object>([...open.keys(), ...timers.keys()]), resources: countResources() }
}

/** What is open now and was not before, in words; empty where there is nothing. */
export const leftovers = (before: Before): string[] => {
  sweepTimers()
  const left: string[] = []
  for (const [thing, words] of open) if (!before.open.has(thing)) left.push(words())
  for (const [timer, { trace, delayMs }] of timers)
    if (!before.open.has(timer)) left.push(`a timer of ${inspect(delayMs)} ms set ${openedAt(trace)}`)
  for (const [type, count] of countResources()) {
    const more = count - (before.resources.get(type) ?? 0)
    if (more > 0) left.push(`${more} more active ${type} than before`)
  }
  return left
}

/** Waits until nothing is left, `patienceMs` at most; resolves with what then still is. */
export const settledLeftovers = async (before: Before, patienceMs: number): Promise<string[]> => {
  const deadline = performance.now() + patienceMs
  for (let pauseMs = 0; ; pauseMs = Math.min(20, pauseMs + 1)) {
    const left = leftovers(before)
    if (left.length === 0 || performance.now() > deadline) return left
    await new Promise((resolve) => unwatchedSetTimeout(resolve, pauseMs))
  }
}
