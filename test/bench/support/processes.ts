// Child processes of a benchmark: started, talked to line by line, measured from /proc (Linux), ended. Whatever still runs when
// the benchmark itself is ended is killed with it. Counterparts: servers.ts, load.ts.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { createInterface } from 'node:readline'

export interface Process {
  readonly pid: number
  /** The next line of its stdout. Rejects with what it said on stderr where it ends before there is one. */
  line(): Promise<string>
  tell(line: string): void
  /** True when it has ended by itself. */
  readonly ended: boolean
  /** Kills it with all its children; resolves when it is gone. */
  stop(): Promise<void>
}

const running = new Set<ChildProcess>()

const killGroup = (child: ChildProcess) => {
  try {
    process.kill(-child.pid!, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

process.once('exit', () => running.forEach(killGroup))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.once(signal, () => process.exit(128 + constants.signals[signal]))

/** Starts a program in a process group of its own. Rejects where there is no such program. */
export const startProcess = async (
  command: string,
  args: readonly string[],
  { env, ...options }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<Process> => {
  const child = spawn(command, args, { ...options, detached: true, stdio: 'pipe', env: { ...process.env, ...env } })
  await once(child, 'spawn')
  running.add(child)
  const ended = once(child, 'exit').then(() => running.delete(child))
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2000)
  })
  // A line for a program that has just ended is nobody's failure.
  child.stdin.on('error', () => {})
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    pid: child.pid!,
    get ended() {
      return child.exitCode !== null || child.signalCode !== null
    },
    async line() {
      const { value, done } = await lines.next()
      if (done === true) {
        await ended
        throw new Error(`${command} ended: ${complaint.trim() || `it exited with ${child.exitCode}`}`)
      }
      return value
    },
    tell(line) {
      child.stdin.write(`${line}\n`)
    },
    async stop() {
      killGroup(child)
      await ended
    },
  }
}

const read = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // The process has just ended.
    return ''
  }
}

const list = (folder: string): string[] => {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** The process and all that descend from it. */
const family = (pid: number): number[] => {
  const children = read(`/proc/${pid}/task/${pid}/children`)
  return [pid, ...children.split(' ').filter(Boolean).map(Number).flatMap(family)]
}

// sysconf(_SC_CLK_TCK) is 100 on every Linux that Node runs on.
const tickMs = 10

/** Processor time in ms, user and system, of all threads of the process and its children, ended ones included. */
export const cpuMsOf = (pid: number): number => {
  let ticks = 0
  for (const member of family(pid)) {
    // utime, stime, cutime and cstime are fields 14 to 17; the name in field 2 may hold spaces.
    const fields = read(`/proc/${member}/stat`).split(') ').at(-1)!.split(' ')
    for (const field of fields.slice(11, 15)) ticks += Number(field)
  }
  return ticks * tickMs
}

/** Processor time in ms of the threads that run now, by their names (the first 15 letters), like-named ones together. */
export const threadCpuMsOf = (pid: number): Map<string, number> => {
  const times = new Map<string, number>()
  for (const thread of list(`/proc/${pid}/task`)) {
    const name = read(`/proc/${pid}/task/${thread}/comm`).trim()
    const nanoseconds = Number(read(`/proc/${pid}/task/${thread}/schedstat`).split(' ')[0])
    times.set(name, (times.get(name) ?? 0) + nanoseconds / 1e6)
  }
  return times
}

/** Resident memory of the process and its children, in bytes. */
export const residentBytesOf = (pid: number): number =>
  family(pid).reduce((sum, member) => {
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${member}/status`))?.[1]
    return sum + Number(kibibytes ?? 0) * 1024
  }, 0)

/** True where something listens on the IPv4 port. */
export const isListening = (port: number): boolean => {
  const ending = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return read('/proc/net/tcp')
    .split('\n')
    .some((row) => {
      const [, local, , state] = row.trim().split(/\s+/)
      return state === '0A' && local?.endsWith(ending) === true
    })
}
