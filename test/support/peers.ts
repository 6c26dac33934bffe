// The programs that the peer tests talk to, started on free ports and folders of their own, and ended with the test. Where
// one is not installed, its tests are skipped with one loud line. Counterpart: test/peers.
import { type ChildProcess, spawn } from 'node:child_process'
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { onTestFinished } from 'vitest'

const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']

/** The path of a program, or null where it is not installed. */
export const programPath = (name: string): string | null => {
  for (const folder of folders) {
    try {
      accessSync(join(folder, name), constants.X_OK)
      return join(folder, name)
    } catch {
      // not in this folder
    }
  }
  return null
}

/** True where one is missing; says so, loudly, once a call. (.ci/run installs them all, and fails where it cannot.) */
export const missing = (...names: readonly string[]): boolean => {
  const absent = names.filter((name) => programPath(name) === null)
  if (absent.length === 0) return false
  console.error(`\n*** Skipping the peer tests that need ${absent.join(', ')}: not installed on this machine ***\n`)
  return true
}

export interface Peer {
  readonly process: ChildProcess
  readonly stdout: () => string
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>
  /** Resolves when standard output holds `text`; rejects when the peer ends without having written it. */
  readonly says: (text: string) => Promise<void>
}

/** Starts a program, with `input` on its standard input (null leaves that open); killed when the test is finished. */
export const peer = (name: string, args: readonly string[], input: string | Buffer | null = ''): Peer => {
  const child = spawn(programPath(name) ?? name, args, {
    stdio: 'pipe',
    env: { ...process.env, PYTHONUNBUFFERED: '1' },
  })
  let stdout = ''
  let stderr = ''
  const lookers = new Set<() => void>()
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    stdout += text
    for (const look of lookers) look()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  // A peer that has gone before it has read all of its input is for the test to judge by its exit code.
  child.stdin.on('error', () => {})
  if (input !== null) child.stdin.end(input)
  const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    child.stdin.destroy()
    await ended
  })
  return {
    process: child,
    stdout: () => stdout,
    ended,
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!stdout.includes(text)) return
          lookers.delete(look)
          resolve()
        }
        lookers.add(look)
        look()
        ended.then(({ code }) => reject(new Error(`${name} ended with ${code} before it said “${text}”: ${stderr}`)))
      }),
  }
}

/** A folder for the length of the test. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'wireloop-peers-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A port that was free a moment ago, for programs that cannot pick one and tell it. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

/** Resolves with the first true answer of a question that is asked again and again, 20 ms apart. */
export const eventually = async (question: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await question())) await new Promise((resolve) => setTimeout(resolve, 20))
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket: Socket = connect({ host: '127.0.0.1', port })
    socket.once('connect', () => socket.destroy())
    socket.once('error', () => {})
    socket.once('close', (hadError) => resolve(!hadError))
  })

/** Starts a server that listens on `port`; resolves when it does. */
const server = async (name: string, args: readonly string[], port: number): Promise<void> => {
  const started = peer(name, args, null)
  const ended = started.ended.then(({ code, stdout, stderr }) => {
    throw new Error(`${name} ended with ${code}: ${stdout}${stderr}`)
  })
  await Promise.race([eventually(() => answers(port)), ended])
  // From here on its end is the test's, which kills it.
  ended.catch(() => {})
}

/** A redis-server that keeps nothing; resolves with its port. */
export const startRedis = async (): Promise<number> => {
  const port = await freePort()
  const options = { port, bind: '127.0.0.1', save: '', appendonly: 'no', dir: temporaryFolder(), daemonize: 'no' }
  await server(
    'redis-server',
    Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
    port,
  )
  return port
}

/** An nginx that serves `files` (name → content); resolves with its port. */
export const startNginx = async (files: Readonly<Record<string, string | Buffer>>): Promise<number> => {
  const port = await freePort()
  const folder = temporaryFolder()
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const config = join(folder, 'nginx.conf')
  writeFileSync(
    config,
    `${process.getuid?.() === 0 ? 'user root;\n' : ''}daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr;
events {}
http {
  access_log off;
${temporary.map((name) => `  ${name}_temp_path ${folder}/${name};`).join('\n')}
  server { listen 127.0.0.1:${port}; root ${folder}; }
}
`,
  )
  await server('nginx', ['-p', folder, '-e', 'stderr', '-c', config], port)
  return port
}
