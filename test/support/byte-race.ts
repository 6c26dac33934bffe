// Random bytes both ways at once through `wireloop relay`, between two programs of their own (pump.ts): are they the same at
// the other end, how long did it take, and how much memory did the relay's process need (Linux)? Used by a test and a bench.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'

const pump = join(import.meta.dirname, 'pump.ts')

export interface RaceOptions {
  /** Bytes in each direction. */
  readonly bytes: number
  /** The server reads this slowly for so long, then as fast as it can. */
  readonly slow?: { readonly bytesPerSecond: number; readonly seconds: number }
  /** Options of the relay's beside `--json`. */
  readonly relayOptions?: readonly string[]
  readonly relayEntry: string
  readonly node?: string
}

export interface RaceResult {
  /** Client to server and back: both SHA-256 are equal. */
  readonly equal: boolean
  readonly ms: number
  /** Resident memory of the relay's process, in bytes: when it listened, and at its peak. NaN where /proc is not there. */
  readonly residentBefore: number
  readonly residentPeak: number
}

type Child = ChildProcessByStdio<null, Readable, null>

const start = (node: string, args: readonly string[]) => {
  const child: Child = spawn(node, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  // Read to the end whether or not anybody asks for a line, as any reader of a pipe does.
  const lines = createInterface({ input: child.stdout })
  const waiting: ((line: unknown) => void)[] = []
  const early: unknown[] = []
  const wanted = { left: 2 }
  lines.on('line', (line) => {
    if (wanted.left === 0) return
    wanted.left--
    const take = waiting.shift()
    if (take === undefined) early.push(JSON.parse(line))
    else take(JSON.parse(line))
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  return {
    child,
    ended,
    next: <T>(): Promise<T> =>
      early.length > 0
        ? Promise.resolve(early.shift() as T)
        : Promise.race([
            new Promise<T>((resolve) => waiting.push(resolve as (line: unknown) => void)),
            ended.then(() => {
              throw new Error(`${args[0]} ended early (${child.exitCode ?? child.signalCode})`)
            }),
          ]),
  }
}

const resident = (pid: number | undefined, which: 'VmRSS' | 'VmHWM'): number => {
  if (process.platform !== 'linux') return Number.NaN
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(new RegExp(`${which}:\\s+(\\d+) kB`).exec(status)?.[1]) * 1024
}

interface PumpResult {
  readonly sent: string
  readonly received: string
  readonly count: number
  readonly ms: number
}

/** Runs one race; every program it starts has ended when it resolves. */
export const raceBytes = async (options: RaceOptions): Promise<RaceResult> => {
  const { bytes, slow } = options
  const started: ReturnType<typeof start>[] = []
  const run = (node: string, args: readonly (string | number)[]) => {
    const program = start(node, args.map(String))
    started.push(program)
    return program
  }
  try {
    const slowArgs = slow === undefined ? [] : [slow.bytesPerSecond, slow.seconds]
    const server = run(process.execPath, [pump, 'listen', 0, bytes, 'server', ...slowArgs])
    const { port: serverPort } = await server.next<{ port: number }>()
    const relay = run(options.node ?? process.execPath, [
      options.relayEntry,
      'relay',
      '0',
      `127.0.0.1:${serverPort}`,
      '--json',
      ...(options.relayOptions ?? []),
    ])
    const { port } = await relay.next<{ port: number }>()
    const residentBefore = resident(relay.child.pid, 'VmRSS')
    const client = run(process.execPath, [pump, 'connect', port, bytes, 'client'])
    const [up, down] = await Promise.all([server.next<PumpResult>(), client.next<PumpResult>()])
    const residentPeak = resident(relay.child.pid, 'VmHWM')
    relay.child.kill('SIGINT')
    await Promise.all(started.map(({ ended }) => ended))
    return {
      equal: up.sent === down.received && down.sent === up.received && up.count === bytes && down.count === bytes,
      ms: Math.max(up.ms, down.ms),
      residentBefore,
      residentPeak,
    }
  } finally {
    for (const { child } of started) child.kill('SIGKILL')
    await Promise.all(started.map(({ ended }) => ended))
  }
}
