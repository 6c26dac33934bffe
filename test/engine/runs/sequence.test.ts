// Sequences in the engine, against plain node:net servers: what each step does, how it fails, and that a wait matches
// wherever the chunks were cut.
import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { textEncodings } from '../../../preload/contract/encodings.ts'
import type { Framing } from '../../../preload/contract/framing.ts'
import type { RunInfo, RunMessage, RunSpec, RunStep } from '../../../preload/contract/runs.ts'
import { maxActiveRuns } from '../../../preload/contract/runs.ts'
import { runSteps } from '../../../preload/contract/runs-message.ts'
import type { ClientSpec } from '../../../preload/contract/vocabulary.ts'
import { clientTls } from '../../support/certificates.ts'
import { startEngine, type TestEngine } from '../../support/engine.ts'
import { freePort, until } from '../../support/loopback.ts'
import { startScriptedServer } from '../../support/scripted-server.ts'

const text = (words: string): RunMessage => ({
  parts: [{ kind: 'bytes', bytes: Buffer.from(words, 'latin1') }],
  macros: 'ascii',
})
const send = (words: string): RunStep => ({ kind: 'send', name: '', message: text(words) })
/** As long as it takes: a bound that no test waits for. */
const longMs = 60_000
const expectText = (match: 'contains' | 'prefix' | 'regex' | 'exact', words: string, timeoutMs = longMs): RunStep => ({
  kind: 'expect',
  name: '',
  pattern: { match, text: words },
  timeoutMs,
})

const client = (port: number, change: Partial<ClientSpec> = {}): ClientSpec => ({
  role: 'client',
  name: 'client',
  host: '127.0.0.1',
  port,
  connectTimeoutMs: 10_000,
  ...change,
})

/** The run as the engine last told of it. */
const told = (engine: TestEngine) => {
  const runs = new Map<number, RunInfo>()
  engine.engine.onState((change) => {
    for (const run of change.runs ?? []) runs.set(run.id, run)
  })
  const ended = async (id: number): Promise<RunInfo> => {
    await until(
      () => runs.get(id) !== undefined && runs.get(id)!.state !== 'running',
      () => `run ${id} is over: ${JSON.stringify(runs.get(id))}`,
    )
    return runs.get(id)!
  }
  return { runs, ended }
}

/** Runs steps on a client of their own, in an engine of their own or in one that there is. */
const runOn = async (
  port: number,
  steps: readonly RunStep[],
  change: Partial<ClientSpec> = {},
  shared?: TestEngine,
) => {
  const engine = shared ?? (await startEngine())
  const { ended } = told(engine)
  const run: RunSpec = { kind: 'sequence', name: 'test', on: { newClient: client(port, change) }, steps }
  const started = await engine.do('startRun', { run })
  return { engine, run: await ended(started.id) }
}

/** Serves each line that comes by `answer`. */
const lines = (answer: (line: string, socket: Socket) => void) =>
  startScriptedServer((socket) => {
    let rest = ''
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      rest += chunk
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
        answer(rest.slice(0, end), socket)
        rest = rest.slice(end + 1)
      }
    })
    socket.on('end', () => socket.end())
  })

describe('A sequence', () => {
  it('sends, waits, asserts and closes over one connection, and every step is an event', async () => {
    const { port, sockets } = await lines((line, socket) => socket.write(`you said ${line}\n`))
    const { engine, run } = await runOn(port, [
      send('hello\n'),
      expectText('prefix', 'you said'),
      { kind: 'assert', name: 'echoed', pattern: { match: 'contains', text: 'hello' }, matches: true },
      { kind: 'delay', name: '', delayMs: 1 },
      send('again\n'),
      expectText('regex', '^you said (\\w+)\\n'),
      { kind: 'assert', name: '', pattern: { match: 'contains', text: 'hello' }, matches: false },
      { kind: 'close', name: 'bye', how: 'close' },
    ])
    expect(run.message).toBe('')
    expect(run).toMatchObject({ state: 'passed', kind: 'sequence', name: 'test' })
    expect(run.steps.map(({ state }) => state)).toEqual(Array(8).fill('passed'))
    expect(sockets).toHaveLength(1)
    const steps = engine.told.events.filter(({ kind }) => kind === 'step-ended')
    expect(steps.map(({ details, connection }) => ({ details, connection }))).toMatchObject([
      { connection: 1, details: { sequence: 'test', step: 0, name: 'send', passed: true, message: '6 B' } },
      { details: { step: 1, name: 'expect', passed: true, message: 'you said' } },
      { details: { step: 2, name: 'echoed', passed: true } },
      { details: { step: 3, name: 'delay' } },
      { details: { step: 4 } },
      { details: { step: 5, message: 'you said again\\n' } },
      { details: { step: 6 } },
      { details: { step: 7, name: 'bye', passed: true, message: 'FIN' } },
    ])
    expect((await engine.event(({ kind }) => kind === 'connection-lost')).cause).toBe('closed-here')
  })

  it('matches a pattern that comes one byte at a time, and nothing twice', async () => {
    const { port } = await startScriptedServer((socket) => {
      socket.setNoDelay(true)
      const bytes = [...'junk 220 ready\r\n220 again\r\n']
      const next = () => {
        const byte = bytes.shift()
        if (byte !== undefined) socket.write(byte, () => setImmediate(next))
      }
      next()
    })
    const { run } = await runOn(port, [
      expectText('contains', '220 ready'),
      expectText('contains', '220'),
      expectText('exact', ' again\\r\\n'),
    ])
    expect(run.message).toBe('')
    expect(run.state).toBe('passed')
  })

  it.each<[string, Framing, readonly string[]]>([
    ['lines', { kind: 'line' }, ['one\r\ntwo\r', '\nthree\n']],
    [
      'a length before them',
      { kind: 'length', size: 1, endian: 'big', offset: 0, inclusive: false },
      ['\x03o', 'ne\x03two\x05thr', 'ee'],
    ],
    ['a fixed size', { kind: 'fixed', bytes: 5 }, ['one  two', '  three']],
  ])('waits for whole messages where the endpoint’s framing is %s', async (_, framing, chunks) => {
    const { port } = await startScriptedServer((socket) => {
      const left = [...chunks]
      const next = () => {
        const chunk = left.shift()
        if (chunk !== undefined) socket.write(chunk, 'latin1', () => setImmediate(next))
      }
      next()
    })
    const { run } = await runOn(
      port,
      [
        expectText('prefix', 'one'),
        // Skips what is not waited for.
        expectText('prefix', 'three'),
        { kind: 'assert', name: '', pattern: { match: 'prefix', text: 'three' }, matches: true },
      ],
      { framing },
    )
    expect(run.message).toBe('')
    expect(run.state).toBe('passed')
  })

  it('sees what the server says first, before anything was sent', async () => {
    const { port } = await startScriptedServer((socket) => socket.write('220 ready\r\n'))
    const engine = await startEngine()
    for (let i = 0; i < 5; i++)
      expect((await runOn(port, [expectText('prefix', '220')], {}, engine)).run).toMatchObject({ state: 'passed' })
  })

  it('fails where the answer is another one, says what came, and skips the rest', async () => {
    const { port } = await lines((_, socket) => socket.write('-ERR wrong password\r\n'))
    const { engine, run } = await runOn(port, [
      send('AUTH x\n'),
      // It has come before the step that it is no answer for.
      expectText('contains', '-ERR'),
      { ...expectText('prefix', '+OK', 50), name: 'logged in' } as RunStep,
      send('SET a 1\n'),
    ])
    expect(run.state).toBe('failed')
    expect(run.message).toBe(
      'Step 3 (logged in): prefix “+OK” did not come within 50 ms; what came last is “-ERR wrong password\\r\\n”',
    )
    expect(run.steps.map(({ state }) => state)).toEqual(['passed', 'passed', 'failed', 'skipped'])
    // The connection is the person's, to look at.
    expect(engine.told.connections.get(1)?.state).toBe('open')
  })

  it('fails at once where the connection ends meanwhile', async () => {
    const { port } = await lines((_, socket) => socket.end('bye\n'))
    const { run } = await runOn(port, [send('x\n'), expectText('contains', 'never')])
    expect(run.message).toMatch(
      /^Step 2 \(expect\): Connection 1 is over \(closed-by-peer\) before contains “never” came/,
    )
    expect(run.message).toContain('“bye\\n”')
  })

  it('fails where its client cannot connect', async () => {
    const { run } = await runOn(await freePort(), [send('x')])
    expect(run.message).toMatch(/^Step 1 \(send\): Connection 1 is over \(refused\)/)
  })

  it('passes a wait with what had come before the connection ended, and a close of what is closed', async () => {
    const { port } = await lines((_, socket) => socket.end('+OK\r\n'))
    const close: RunStep = { kind: 'close', name: '', how: 'close' }
    const { run } = await runOn(port, [send('QUIT\n'), expectText('prefix', '+OK'), close])
    expect(run.message).toBe('')
    // Its FIN may have come already, or not.
    expect(run.steps.at(-1)?.message).toMatch(/^(FIN|Was closed already \(closed-by-peer\))$/)
  })

  it('half-closes and still receives, or resets', async () => {
    const { port } = await startScriptedServer((socket) => {
      socket.resume().on('end', () => socket.end('late\n'))
    })
    const half = await runOn(port, [{ kind: 'close', name: '', how: 'half-close' }, expectText('contains', 'late')])
    expect(half.run.state).toBe('passed')
    await runOn(port, [{ kind: 'close', name: '', how: 'reset' }], {}, half.engine)
    const lost = await half.engine.event(({ kind, connection }) => kind === 'connection-lost' && connection === 2)
    expect(lost.cause).toBe('reset-here')
  })

  it('counts its messages, in whatever they are written', async () => {
    const engine = await startEngine()
    for (const encoding of textEncodings) {
      let came = Buffer.alloc(0)
      const { port } = await startScriptedServer((socket) => {
        socket.on('data', (chunk) => {
          came = Buffer.concat([came, chunk])
        })
      })
      const steps = runSteps(
        [1, 2].map(() => ({ kind: 'send', name: '', text: 'n={{counter}}', mode: 'text', encoding, ending: 'none' })),
        () => new Uint8Array(0),
      )
      if (!steps.ok) throw new Error(steps.failure.message)
      await runOn(port, steps.value, {}, engine)
      const label = encoding === 'latin1' ? 'utf-8' : encoding
      await until(
        () => new TextDecoder(label).decode(came) === 'n=1n=2',
        () => `n=1n=2 in ${encoding}, not ${came.toString('hex')}`,
      )
    }
  })

  it('is stopped by hand, and by the end of the engine', async () => {
    const { port } = await startScriptedServer(() => {})
    const engine = await startEngine()
    const { ended } = told(engine)
    const run: RunSpec = {
      kind: 'sequence',
      name: '',
      on: { newClient: client(port) },
      steps: [expectText('contains', 'never'), send('x')],
    }
    const { id } = await engine.do('startRun', { run })
    const stopped = await engine.do('stopRun', { run: id })
    expect(stopped.steps.map(({ state }) => state)).toEqual(['skipped', 'skipped'])
    expect((await ended(id)).state).toBe('stopped')
    expect(await engine.engine.ask('stopRun', { run: id })).toMatchObject({ failure: { code: 'wrong-state' } })
    await engine.do('startRun', { run })
    await engine.engine.stop(0)
  })

  it('is refused with a pattern that is none, and before anything is connected for it', async () => {
    const { port, sockets } = await startScriptedServer(() => {})
    const engine = await startEngine()
    const run: RunSpec = {
      kind: 'sequence',
      name: '',
      on: { newClient: client(port) },
      steps: [send('x'), expectText('regex', '(')],
    }
    expect(await engine.engine.ask('startRun', { run })).toMatchObject({
      ok: false,
      failure: { path: 'run.steps.1.pattern.text' },
    })
    expect((await engine.do('snapshot', null)).endpoints).toEqual([])
    expect(sockets).toEqual([])
  })
})

describe('Runs', () => {
  it('are at most so many at a time', async () => {
    const { port } = await startScriptedServer(() => {})
    const engine = await startEngine()
    const steps = [expectText('contains', 'never')]
    const first = await engine.do('startRun', {
      run: { kind: 'sequence', name: '', on: { newClient: client(port) }, steps },
    })
    const on = { connection: first.connection! }
    for (let i = 1; i < maxActiveRuns; i++)
      await engine.do('startRun', { run: { kind: 'sequence', name: '', on, steps } })
    expect(await engine.engine.ask('startRun', { run: { kind: 'sequence', name: '', on, steps } })).toMatchObject({
      ok: false,
      failure: { code: 'wrong-state', message: expect.stringContaining('stop one first') },
    })
  })

  it('connect a client that is not, and run on the connection it gets', async () => {
    const { port } = await startScriptedServer((socket) => socket.write('hi'))
    const engine = await startEngine()
    const { ended } = told(engine)
    const made = await engine.do('createEndpoint', { spec: client(port) })
    await engine.event(({ kind }) => kind === 'connection-made')
    await engine.do('stopEndpoint', { endpoint: made.id })
    await engine.event(({ kind }) => kind === 'connection-lost')
    const { id } = await engine.do('startRun', {
      run: { kind: 'sequence', name: '', on: { client: made.id }, steps: [expectText('contains', 'hi')] },
    })
    expect(await ended(id)).toMatchObject({ state: 'passed', connection: 2 })
  })

  it('wait for the handshake of a connection that is being secured', async () => {
    const { port } = await startScriptedServer((socket) => socket.resume())
    const engine = await startEngine()
    const { ended } = told(engine)
    const made = await engine.do('createEndpoint', { spec: client(port, { tls: clientTls() }) })
    await engine.event(({ kind }) => kind === 'connection-made')
    const steps = [expectText('contains', 'never')]
    const { id, state } = await engine.do('startRun', {
      run: { kind: 'sequence', name: '', on: { client: made.id }, steps },
    })
    expect(state).toBe('running')
    await engine.do('stopEndpoint', { endpoint: made.id })
    expect(await ended(id)).toMatchObject({ state: 'failed' })
  })
})
