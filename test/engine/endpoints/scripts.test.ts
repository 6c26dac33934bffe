// Scripts of listeners and clients: what they see, what they do, and how they end where they loop, throw or eat memory,
// while everything else goes on. Counterparts: main/engine/scripts, main/scripts; the examples are in
// test/peers/script-examples.test.ts.
import { describe, expect, it } from 'vitest'
import { prepareScript } from '../../../main/scripts/script-code.ts'
import type { EndpointId, EventDetails, ListenerSpec } from '../../../preload/contract/vocabulary.ts'
import { connectTo } from '../../support/engine.ts'
import { type FarEnd, until } from '../../support/loopback.ts'
import { type WatchedEngine, watchedEngine } from './watched-engine.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')
/** A thread starts, and a callback may run for two seconds, on a machine that has other things to do. */
const timeoutMs = 60_000

const hasReceived = (far: FarEnd, text: string) =>
  until(
    () => far.received().toString('latin1') === text,
    () => `“${text}”; there is “${far.received().toString('latin1').slice(0, 200)}”`,
    30_000,
  )

const start = async (source: string, spec: Partial<ListenerSpec> = {}) => {
  const engine = await watchedEngine()
  const { endpoint, port } = await engine.listen({ script: { name: 'test', source }, ...spec })
  const far = await connectTo(port)
  return { engine, endpoint, port, far, connection: await engine.made(endpoint.id) }
}

const update = async (engine: WatchedEngine, id: EndpointId, changes: Partial<ListenerSpec>) => {
  const { spec } = (await engine.endpoint(id))!
  return engine.do('updateEndpoint', { endpoint: id, spec: { ...(spec as ListenerSpec), ...changes } })
}

const failure = async (engine: WatchedEngine) => {
  await until(
    () => engine.told.events.some((event) => event.kind === 'script-failed'),
    () => 'script-failed',
    30_000,
  )
  const event = engine.told.events.find((each) => each.kind === 'script-failed')!
  return { connection: event.connection, ...(event.details as EventDetails['script-failed']) }
}
const logged = (engine: WatchedEngine) =>
  engine.told.events
    .filter((event) => event.kind === 'script-logged')
    .map((event) => (event.details as EventDetails['script-logged']).text)

const echo = `export default class {
  connectionMade(transport) { this.transport = transport }
  dataReceived(data) { this.transport.write(data) }
}`

describe('A script', { timeout: timeoutMs }, () => {
  it('is a protocol in TypeScript: a class, a function that makes one, or an object', async () => {
    const { engine, endpoint, far } = await start(`
      interface Transport { write(data: string | Uint8Array): void; close(): void }
      export default class Shouting {
        private transport!: Transport
        connectionMade(transport: Transport, connection: { direction: string }): void {
          this.transport = transport
          transport.write(connection.direction + ' ')
        }
        dataReceived(data: Buffer): void { this.transport.write(data.toString().toUpperCase()) }
      }`)
    far.send(bytes('a '))
    await hasReceived(far, 'in A ')
    await update(engine, endpoint.id, {
      script: {
        name: 'function',
        source: `export default () => {
          let transport
          return { connectionMade: (made) => (transport = made), dataReceived: (data) => transport.write('<' + data + '>') }
        }`,
      },
    })
    far.send(bytes('b'))
    await hasReceived(far, 'in A <b>')
    await update(engine, endpoint.id, {
      script: {
        name: 'object',
        source: `import { inspect } from 'node:util'
        const protocol = {
          connectionMade(transport) { this.transport = transport },
          dataReceived(data) { this.transport.write(inspect(data.toString())) },
        }
        export { protocol as default }
        export default protocol`.replace('export { protocol as default }', ''),
      },
    })
    far.send(bytes('c'))
    await hasReceived(far, "in A <b>'c'")
  })

  it('gets whole messages where framing is set, without what frames them', async () => {
    const { engine, far } = await start(
      `export default class {
        connectionMade(transport) { this.transport = transport }
        messageReceived(message) { console.log('message %s', message); this.transport.write('[' + message + ']') }
      }`,
      { framing: { kind: 'line' } },
    )
    far.send(bytes('one\r\ntw'))
    far.send(bytes('o\n'))
    await hasReceived(far, '[one][two]')
    await until(
      () => logged(engine).length === 2,
      () => 'two lines',
    )
    expect(logged(engine)).toEqual(['message one', 'message two'])
  })

  it('decides whether the connection stays open when the peer has said all, and learns how it was lost', async () => {
    const { engine, far, connection } = await start(
      `const open = new Set()
      export default class {
        connectionMade(transport) { this.transport = transport; open.add(this) }
        eofReceived() { this.transport.write('bye'); setTimeout(() => this.transport.close(), 20); return true }
        connectionLost(reason) { open.delete(this); console.log(reason === null ? 'in order' : reason.code, open.size) }
      }`,
    )
    far.finish()
    await hasReceived(far, 'bye')
    expect(await engine.end(connection)).toMatchObject({ cause: 'closed-by-peer' })
    await until(
      () => logged(engine).length === 1,
      () => 'the line of connectionLost',
    )
    expect(logged(engine)).toEqual(['in order 0'])
  })

  it('that is taken away leaves no connection open that it kept open behind the FIN of its peer', async () => {
    const { engine, endpoint, far, connection } = await start(`export default class {
      eofReceived() { console.log('kept open'); return true }
    }`)
    far.finish()
    await until(
      () => logged(engine).length === 1,
      () => 'the line of eofReceived',
      30_000,
    )
    const { script, ...plain } = (await engine.endpoint(endpoint.id))!.spec as ListenerSpec
    expect(script?.name).toBe('test')
    await engine.do('updateEndpoint', { endpoint: endpoint.id, spec: plain })
    expect(await engine.end(connection)).toMatchObject({ cause: 'closed-by-peer' })
  })

  it('can half-close and reset, and is not heard after that', async () => {
    const source = `export default class {
      connectionMade(transport) { this.transport = transport }
      dataReceived(data) {
        if (data.toString() === 'fin') { this.transport.write('FIN'); this.transport.writeEof() }
        else { this.transport.abort(); this.transport.write('ignored') }
      }
    }`
    const { engine, far, connection } = await start(source)
    far.send(bytes('fin'))
    await until(
      () => far.finSeen,
      () => 'a FIN',
    )
    await hasReceived(far, 'FIN')
    far.send(bytes('rst'))
    expect(await engine.end(connection)).toMatchObject({ cause: 'reset-here', ignoredBytes: 0 })
  })

  it('answers for a client too', async () => {
    const engine = await watchedEngine()
    const { endpoint, port } = await engine.listen({ reply: 'none' })
    await engine.connect(port, { script: { name: '', source: echo } })
    const connection = await engine.made(endpoint.id)
    await engine.do('send', { connection, data: bytes('ping') })
    await engine.event((event) => event.connection === connection && event.text === 'ping')
  })

  it('that does not keep up has its peers wait, and gets every byte', async () => {
    const { engine, far } = await start(`
      let count = 0
      export default class {
        connectionMade(transport) { this.transport = transport }
        dataReceived(data) {
          const until = performance.now() + 5
          while (performance.now() < until) {}
          count += data.length
          if (count === 8388608) this.transport.write('all')
        }
      }`)
    far.send(Buffer.alloc(8 * 1024 * 1024))
    await hasReceived(far, 'all')
    const kinds = engine.told.events.map((event) => event.kind)
    expect(kinds).toContain('reading-paused')
    expect(kinds).toContain('reading-resumed')
  })

  it('prints a bounded number of lines at once, and says how many there were', async () => {
    const { engine, far } = await start(`export default class {
      dataReceived() { for (let i = 0; i < 1000; i++) console.log('line', i); console.log('x'.repeat(5000)) }
    }`)
    far.send(bytes('x'))
    await until(
      () => logged(engine).some((text) => text.includes('801 more lines')),
      () => 'the count of lines left out',
    )
    expect(logged(engine)).toHaveLength(201)
  })

  it('that writes more than a peer reads has the connection reset, with the reason', async () => {
    const { engine, far, connection } = await start(`export default class {
      connectionMade(transport) { for (let i = 0; i < 40; i++) transport.write(new Uint8Array(1024 * 1024)) }
    }`)
    far.pause()
    const lost = await engine.event((event) => event.kind === 'connection-lost' && event.connection === connection)
    expect((lost.details as EventDetails['connection-lost']).error).toMatchObject({ code: 'peer-does-not-read' })
  })
})

describe('A script that', { timeout: timeoutMs }, () => {
  /** Line 5 is the one at fault. */
  const at = (statement: string) => `export default class {
  connectionMade(transport) { this.transport = transport }
  dataReceived(data) {
    this.transport.write('before ')
    ${statement}
  }
}
`

  it.each([
    ['loops for ever in a block', 'while (true) {}', { code: 'script-too-slow' }],
    ['throws', "throw new TypeError('no such thing')", { code: 'script-threw', message: 'TypeError: no such thing' }],
    ['calls what is not there', 'this.nothing()', { code: 'script-threw' }],
    ['rejects', 'return Promise.reject(new Error("late"))', { code: 'script-threw', message: 'Error: late' }],
    [
      'throws later',
      "setTimeout(() => { throw new Error('later') }, 5)",
      { code: 'script-threw', message: 'Error: later' },
    ],
    ['eats the heap', 'for (const all = [];;) all.push(new Array(100).fill(0.5))', { code: 'script-out-of-memory' }],
    ['eats memory for buffers', 'for (const all = [];;) all.push(Buffer.alloc(1e6))', { code: 'script-out-of-memory' }],
    ['ends its thread', 'process.exit(1)', { code: 'script-failed' }],
  ])('%s ends with an event that names the line, and everything else goes on', async (_, statement, error) => {
    const { engine, endpoint, far, connection } = await start(at(statement))
    const other = await engine.listen()
    const otherFar = await connectTo(other.port)
    far.send(bytes('go'))
    expect(await failure(engine)).toMatchObject({ connection: expect.any(Number), line: 5, error })
    otherFar.send(bytes('still here'))
    await hasReceived(otherFar, 'still here')
    // Its own connections stay, unanswered, and the state says why.
    expect(await engine.connection(connection)).toMatchObject({ state: 'open' })
    expect(await engine.endpoint(endpoint.id)).toMatchObject({ state: 'live', scriptFailed: { line: 5 } })
    far.send(bytes('unanswered'))
    await engine.event((event) => event.text === 'unanswered')
    // An update starts it anew; open connections are made known to it.
    await update(engine, endpoint.id, { script: { name: 'repaired', source: echo } })
    const before = far.received().toString()
    far.send(bytes('again'))
    await hasReceived(far, `${before}again`)
    expect((await engine.endpoint(endpoint.id))!.scriptFailed).toBe(undefined)
  })

  it.each([
    ['cannot be parsed', 'export default class {\n  dataReceived( {\n}', { line: 3, column: 2 }, 'script-not-parsed'],
    ['has no protocol', 'const a = 1', { line: 1, column: 1 }, 'script-not-parsed'],
    ['imports what it may not', "\n import fs from 'node:fs'", { line: 2, column: 2 }, 'script-not-parsed'],
    ['exports no protocol', 'export default 42', { line: 1, column: 1 }, 'script-threw'],
    ['has no callback', 'export default { datareceived() {} }', { line: 1, column: 1 }, 'script-threw'],
    ['throws at once', '\n\n  nothing.there\nexport default {}', { line: 3, column: 3 }, 'script-threw'],
    ['loops at once', '\nfor (;;);\nexport default {}', { line: 2 }, 'script-too-slow'],
  ])('%s says so when the endpoint starts', async (_, source, place, code) => {
    const engine = await watchedEngine()
    await engine.listen({ script: { name: '', source } })
    expect(await failure(engine)).toMatchObject({ ...place, error: { code } })
  })

  it('has failed lets go of connections whose peer has finished', async () => {
    const { engine, far, connection } = await start(at("throw new Error('no')"))
    far.send(bytes('go'))
    await failure(engine)
    far.finish()
    expect(await engine.end(connection)).toMatchObject({ cause: 'closed-by-peer' })
  })

  it('is stopped with its endpoint, and starts afresh with it', async () => {
    const counting = `let count = 0
    export default class { connectionMade(transport) { transport.write(String(++count)) } }`
    const { engine, endpoint, port, far } = await start(counting)
    await hasReceived(far, '1')
    await hasReceived(await connectTo(port), '2')
    await engine.do('stopEndpoint', { endpoint: endpoint.id })
    await engine.becomes(endpoint.id, 'stopped')
    const { local } = await engine.do('startEndpoint', { endpoint: endpoint.id })
    await hasReceived(await connectTo(local!.port), '1')
  })
})

describe('A script’s text', () => {
  it('is marked at every statement without moving a line, and keeps what it means', () => {
    const source = `export default function named() { return { dataReceived: (a) => a ? { b: 1 } : [2] } }
export const kept = (x: number): number => (x + 1)
if (kept(1) > 1) kept(2); else kept(3)
for (const i of [1, 2]) kept(i)
label: for (;;) { break label }
switch (kept(1)) { case 2: kept(4); break; default: kept(5) }
do kept(6); while (false)
async function later() { await null; for await (const x of []) kept(x) }
`
    const prepared = prepareScript(source)
    if (!prepared.ok) throw new Error(prepared.error.message)
    const lines = prepared.code.split('\n')
    for (const [i, line] of source.trimEnd().split('\n').entries())
      expect(lines[i]!.replace(/[{};]|ƒ\(\d+\)|ø\.\w+=/g, '')).toContain(
        line.includes('kept(3)') ? 'else' : 'kept'.slice(0, line.includes('kept') ? 4 : 0),
      )
    const marks: number[] = []
    const runtime = { protocol: undefined as unknown, take: () => undefined }
    const run = new Function(`return ${prepared.code.replace("'use strict';", '')}`)() as (
      mark: (place: number) => void,
      given: typeof runtime,
    ) => Promise<void>
    return run((place) => marks.push(prepared.places[place * 2]!), runtime).then(() => {
      expect((runtime.protocol as () => { dataReceived(a: boolean): unknown })().dataReceived(false)).toEqual([2])
      expect(new Set(marks)).toEqual(new Set([1, 2, 3, 4, 5, 6, 7]))
    })
  })
})
