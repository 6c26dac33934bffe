// Runs `wireloop` as its users do: a process of its own, with pipes and signals. From the sources, by the Node that runs
// the tests, so that no build is needed; test/e2e/bundle.test.ts runs what the build makes of them.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { onTestFinished } from 'vitest'

const root = join(import.meta.dirname, '../..')
export const cliSource = join(root, 'main/cli/index.ts')

/** One line of `--json`: the fields of docs/cli.md. */
export interface JsonLine {
  readonly kind: string
  readonly seq?: number
  readonly at?: number
  readonly endpoint?: number
  readonly name?: string
  readonly host?: string
  readonly port?: number
  readonly connection?: number
  readonly pair?: number
  readonly side?: string
  readonly direction?: string
  readonly local?: string
  readonly remote?: string
  readonly length?: number
  readonly data?: string
  readonly stored?: number
  readonly cause?: string
  readonly error?: string
  readonly message?: string
  readonly count?: number
  readonly url?: string
}

export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface CommandLine {
  readonly process: ChildProcessByStdio<null, Readable, Readable>
  /** All of standard output so far. */
  readonly stdout: () => string
  readonly stderr: () => string
  /** The whole lines of `--json` so far. */
  readonly lines: () => readonly JsonLine[]
  /** Resolves with the first line that `matches`; rejects when the process ends without one. */
  readonly line: (matches: (line: JsonLine) => boolean) => Promise<JsonLine>
  /** The port that `listener-started` names. */
  readonly port: () => Promise<number>
  readonly ended: Promise<Ending>
}

export const parseLines = (stdout: string): readonly JsonLine[] =>
  stdout
    .slice(0, stdout.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JsonLine)

export interface CommandLineOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Who reads standard output: this object (default), or nobody until the test does. */
  readonly reads?: boolean
  readonly entry?: string
  readonly node?: string
}

/** Starts `wireloop ARGS`; killed when the test is finished, should it still run. */
export const wireloop = (args: readonly string[], options: CommandLineOptions = {}): CommandLine => {
  const child = spawn(options.node ?? process.execPath, [options.entry ?? cliSource, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '', ...options.env },
  })
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    child.stdout.destroy()
    child.stderr.destroy()
    await ended
  })
  let stdout = ''
  let stderr = ''
  const lookers = new Set<() => void>()
  const read = (text: string) => {
    stdout += text
    for (const look of lookers) look()
  }
  if (options.reads !== false) child.stdout.setEncoding('utf8').on('data', read)
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = new Promise<Ending>((resolve) => {
    child.once('close', (code, signal) => {
      resolve({ code, signal, stdout, stderr })
    })
  })
  const lines = () => parseLines(stdout)
  const line = (matches: (line: JsonLine) => boolean) =>
    new Promise<JsonLine>((resolve, reject) => {
      const look = () => {
        const found = lines().find(matches)
        if (found === undefined) return
        lookers.delete(look)
        resolve(found)
      }
      lookers.add(look)
      look()
      ended.then(({ code }) => {
        look()
        reject(new Error(`wireloop ended with ${code} and no such line.\nstdout: ${stdout}\nstderr: ${stderr}`))
      })
    })
  return {
    process: child,
    stdout: () => stdout,
    stderr: () => stderr,
    lines,
    line,
    async port() {
      const { port } = await line(({ kind }) => kind === 'listener-started')
      if (port === undefined) throw new Error('listener-started names no port')
      return port
    },
    ended,
  }
}

/** Runs `wireloop ARGS` to its end. */
export const runWireloop = (args: readonly string[], options?: CommandLineOptions): Promise<Ending> =>
  wireloop(args, options).ended
