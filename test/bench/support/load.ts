// The load generator (load/*.c), compiled once a run, and its modes as functions. Counterparts: load/load.c, processes.ts.
import { execFileSync } from 'node:child_process'
import { globSync } from 'node:fs'
import path from 'node:path'
import { type Process, startProcess } from './processes.ts'

/** What one measured window gave. */
export interface LoadResult {
  readonly seconds: number
  /** Round trips, connections or bytes, by mode. */
  readonly done: number
  /** The generator's own use of a core: near 1, it is the bottleneck itself. */
  readonly cores: number
}

/** Called when the measured window begins and when it has ended. */
export type Sampler = () => void

export interface ChurnCounts {
  readonly started: number
  readonly ended: number
  readonly failed: number
}

export interface Load {
  /** Where the compiled generator is: `serve` makes a server of it. */
  readonly program: string
  echo(at: { port: number; connections: number; size: number } & Window, sample: Sampler): Promise<LoadResult>
  churn(at: { port: number; workers: number } & Window, sample: Sampler): Promise<LoadResult & { counts: ChurnCounts }>
  /** `startRelay` is given the sink's port and answers the relay's. */
  bulk(at: { streams: number } & Window, startRelay: StartRelay, sample: Sampler): Promise<LoadResult>
  /** One stream whose sink reads at a rate; `sample` is called once more when the relay is up. */
  slow(at: { bytesPerSecond: number; seconds: number }, startRelay: StartRelay, sample: Sampler): Promise<LoadResult>
  /** Opens connections that do nothing, calls `whileOpen`, and closes them. */
  idle(at: { port: number; connections: number }, whileOpen: () => Promise<void>): Promise<LoadResult>
}

interface Window {
  readonly warmSeconds: number
  readonly seconds: number
}
type StartRelay = (upstreamPort: number) => Promise<number>

const expectLine = async (process: Process, expected: string) => {
  const line = await process.line()
  if (line !== expected) throw new Error(`The load generator said ${JSON.stringify(line)} for ${expected}`)
}

/** Compiles it into a directory. Throws where there is no C compiler. */
export const compileLoad = (directory: string): Load => {
  const program = path.join(directory, 'load')
  const sources = globSync(path.join(import.meta.dirname, 'load/*.c'))
  try {
    execFileSync('cc', ['-O2', '-o', program, ...sources])
  } catch (error) {
    throw new Error('The load generator is in C: `cc` is needed (on Debian: apt-get install gcc libc6-dev)', {
      cause: error,
    })
  }

  const using = async <T>(args: readonly (string | number)[], use: (process: Process) => Promise<T>): Promise<T> => {
    const process = await startProcess(program, args.map(String))
    try {
      return await use(process)
    } finally {
      await process.stop()
    }
  }
  const result = async (process: Process, sample: Sampler): Promise<LoadResult> => {
    await expectLine(process, 'begin')
    sample()
    const line = await process.line()
    sample()
    return JSON.parse(line)
  }
  const relayed = async (process: Process, startRelay: StartRelay, sample: Sampler) => {
    const port = await startRelay(Number(await process.line()))
    process.tell(`${port}`)
    return result(process, sample)
  }

  return {
    program,
    echo: ({ port, connections, size, warmSeconds, seconds }, sample) =>
      using(['echo', port, connections, size, warmSeconds, seconds], (process) => result(process, sample)),
    churn: ({ port, workers, warmSeconds, seconds }, sample) =>
      using(['churn', port, workers, warmSeconds, seconds], async (process) => ({
        ...(await result(process, sample)),
        counts: JSON.parse(await process.line()),
      })),
    bulk: ({ streams, warmSeconds, seconds }, startRelay, sample) =>
      using(['bulk', streams, warmSeconds, seconds], (process) => relayed(process, startRelay, sample)),
    slow: ({ bytesPerSecond, seconds }, startRelay, sample) =>
      using(['slow', bytesPerSecond, seconds], (process) => relayed(process, startRelay, sample)),
    idle: ({ port, connections }, whileOpen) =>
      using(['idle', port, connections], async (process) => {
        const opened = await result(process, () => {})
        await whileOpen()
        return opened
      }),
  }
}
