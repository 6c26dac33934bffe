// Rules and framing of listeners and clients, through the real engine thread. Counterparts:
// main/engine/endpoints/behaviours (does it), preload/contract/{framing,patterns,templates}.ts (what it is made of).
import { describe, expect, it } from 'vitest'
import type { ReplyRule } from '../../../preload/contract/replies.ts'
import type { EndpointId, EventDetails, ListenerSpec } from '../../../preload/contract/vocabulary.ts'
import { connectTo, type Event } from '../../support/engine.ts'
import { type FarEnd, until } from '../../support/loopback.ts'
import { connectRudely, sendByteByByte } from '../../support/rude-peers.ts'
import { type WatchedEngine, watchedEngine } from './watched-engine.ts'

const bytes = (text: string) => Buffer.from(text, 'latin1')

const rule = (match: string, reply: string, more: Partial<ReplyRule> = {}): ReplyRule => {
  const colon = match.indexOf(':')
  return {
    name: '',
    on: true,
    pattern: { match: match.slice(0, colon) as 'regex', text: match.slice(colon + 1) },
    once: false,
    reply,
    notation: 'text',
    delayMs: 0,
    after: 'nothing',
    ...more,
  }
}

const hasReceived = (far: FarEnd, text: string) =>
  until(
    () => far.received().toString('latin1') === text,
    () => `“${text}”; there is “${far.received().toString('latin1')}”`,
  )
const hasEnded = (far: FarEnd) =>
  until(
    () => far.ended !== null,
    () => 'the far end to be over',
  )

const start = async (spec: Partial<ListenerSpec>) => {
  const engine = await watchedEngine()
  const { endpoint, port } = await engine.listen(spec)
  const far = await connectTo(port)
  return { engine, endpoint, port, far, connection: await engine.made(endpoint.id) }
}

const update = async (engine: WatchedEngine, id: EndpointId, changes: Partial<ListenerSpec>) => {
  const { spec } = (await engine.endpoint(id))!
  return engine.do('updateEndpoint', { endpoint: id, spec: { ...(spec as ListenerSpec), ...changes } })
}

/** What rules have matched, once it is `count` times. */
const matched = async (engine: WatchedEngine, count: number) => {
  const all = () => engine.told.events.filter((event): event is Event => event.kind === 'rule-matched')
  await until(
    () => all().length >= count,
    () => `${count} matches; there are ${all().length}`,
  )
  // Whatever else has been recorded by now.
  await engine.snapshot()
  expect(all()).toHaveLength(count)
  return all().map(({ seq, details }) => ({ seq, ...(details as EventDetails['rule-matched']) }))
}

describe('A rule with line framing', () => {
  const get = { framing: { kind: 'line' } as const, rules: [rule('regex:GET (\\w+)', 'VAL $1\\n', { name: 'get' })] }
  const requests = Array.from({ length: 1000 }, (_, i) => `GET key${i}\n`).join('')
  const answers = Array.from({ length: 1000 }, (_, i) => `VAL key${i}\n`).join('')

  it('answers 1,000 of 1,000 requests that come together', async () => {
    const { engine, far } = await start(get)
    far.send(bytes(requests))
    await hasReceived(far, answers)
    const all = await matched(engine, 1000)
    for (const { seq, rule, name, chunk, messageBytes } of all) {
      expect({ rule, name }).toEqual({ rule: 0, name: 'get' })
      expect(engine.told.events[chunk - 1]).toMatchObject({ seq: chunk, kind: 'data-received' })
      expect(messageBytes).toBeGreaterThan('GET key\n'.length)
      // The reply follows the event that says why.
      expect(engine.told.events[seq]).toMatchObject({ kind: 'data-sent' })
    }
  })

  it('answers 1,000 of 1,000 requests that come one byte at a time, each at the chunk with its last byte', async () => {
    const { engine, far, port } = await start(get)
    const text = requests
    let received = ''
    const socket = await connectRudely(port, sendByteByByte(bytes(text)))
    socket.on('data', (data) => {
      received += data.toString('latin1')
    })
    await until(
      () => received === answers,
      () => `all answers; there are ${received.length} of ${answers.length} characters`,
    )
    socket.destroy()
    far.close()
    const all = await matched(engine, 1000)
    for (const { chunk } of all) expect(engine.told.events[chunk - 1]!.text).toContain('\n')
  })
})

it('500 length-prefixed messages that come one byte at a time are 500 messages', async () => {
  const { engine, port } = await start({
    framing: { kind: 'length', size: 2, endian: 'big', offset: 0, inclusive: false },
    rules: [rule('exact:ping', '\\x00\\x04pong')],
    reply: 'discard',
  })
  let received = ''
  const socket = await connectRudely(port, sendByteByByte(bytes('\0\x04ping'.repeat(500))))
  socket.on('data', (data) => {
    received += data.toString('latin1')
  })
  await until(
    () => received === '\0\x04pong'.repeat(500),
    () => `500 answers; there are ${received.length / 6}`,
  )
  socket.destroy()
  await matched(engine, 500)
})

describe('Rules', () => {
  it('are tried in order; the first that matches answers, and where none does the plain reply', async () => {
    const { far } = await start({
      framing: { kind: 'line' },
      rules: [
        rule('prefix:off', 'never', { on: false }),
        rule('exact:a', '1'),
        rule('prefix:a', '2'),
        rule('hex:6? 62 6?', '3'),
      ],
    })
    far.send(bytes('a\nab\nxabc\nother\noff\n'))
    await hasReceived(far, '123other\noff\n')
  })

  it('with once answer the first message of each connection', async () => {
    const { far, port } = await start({
      framing: { kind: 'line' },
      reply: 'discard',
      rules: [rule('always:', 'hello ', { once: true }), rule('always:', 'again ')],
    })
    far.send(bytes('1\n2\n3\n'))
    await hasReceived(far, 'hello again again ')
    const other = await connectTo(port)
    other.send(bytes('1\n'))
    await hasReceived(other, 'hello ')
  })

  it('keep their order where one waits, and send the plain reply behind it', async () => {
    const { far } = await start({
      framing: { kind: 'line' },
      rules: [rule('exact:slow', 'SLOW', { delayMs: 60 }), rule('exact:fast', 'FAST')],
    })
    far.send(bytes('slow\nfast\nplain\nslow\n'))
    await hasReceived(far, 'SLOWFASTplain\nSLOW')
  })

  it('fill their reply with counters and captures, and never read what came as a template', async () => {
    const { far } = await start({
      framing: { kind: 'line' },
      rules: [rule('regex:(?<all>.*)', `{{counter}}:$1:\${all};`)],
    })
    far.send(bytes('{{uuid}} $1 \\x41\nb\n'))
    await hasReceived(far, '1:{{uuid}} $1 \\x41:{{uuid}} $1 \\x41;2:b:b;')
  })

  it.each([
    ['close', 'closed-here'],
    ['reset', 'reset-here'],
    ['half-close', 'closed-here'],
  ] as const)('can be followed by %s, after which nothing is answered', async (after, cause) => {
    const { engine, far, connection } = await start({
      framing: { kind: 'line' },
      rules: [rule('exact:bye', 'BYE', { after, delayMs: 5 })],
    })
    far.send(bytes('bye\nmore\n'))
    if (after === 'reset') await hasEnded(far)
    else {
      await until(
        () => far.finSeen,
        () => 'a FIN',
      )
      far.close()
    }
    if (after !== 'reset') expect(far.received().toString()).toBe('BYE')
    expect(await engine.end(connection)).toMatchObject({ cause })
    await matched(engine, 1)
  })

  it('send what still waits before they close after the peer, whose last line needs no ending', async () => {
    const { engine, far, connection } = await start({
      framing: { kind: 'line' },
      rules: [rule('always:', '<$0>', { delayMs: 30 })],
    })
    far.send(bytes('one\ntwo'))
    far.finish()
    await hasReceived(far, '<one><two>')
    expect(await engine.end(connection)).toMatchObject({ cause: 'closed-by-peer', ignoredBytes: 0 })
  })

  it('stop reading from a peer for whom too much waits, and lose nothing of it', async () => {
    const { engine, far } = await start({
      framing: { kind: 'fixed', bytes: 64 * 1024 },
      reply: 'discard',
      rules: [rule('always:', '$0', { delayMs: 40 })],
    })
    const sent = Buffer.alloc(4 * 1024 * 1024, 'x')
    far.send(sent)
    await until(
      () => far.receivedBytes === sent.length,
      () => `all of it; there are ${far.receivedBytes}`,
    )
    await engine.event((event) => event.kind === 'reading-resumed')
    const kinds = engine.told.events.map((event) => event.kind)
    expect(kinds).toContain('reading-paused')
    expect(kinds).toContain('reading-resumed')
  })

  it('answer for a client too', async () => {
    const engine = await watchedEngine()
    const { endpoint, port } = await engine.listen({ reply: 'none' })
    await engine.connect(port, { framing: { kind: 'line' }, rules: [rule('prefix:ping', 'pong\\n')] })
    const connection = await engine.made(endpoint.id)
    await engine.do('send', { connection, data: bytes('pin') })
    await engine.do('send', { connection, data: bytes('g 1\n') })
    await engine.event((event) => event.connection === connection && event.text === 'pong\n')
  })

  it('end a message at a pause', async () => {
    const { far } = await start({
      framing: { kind: 'idle', idleMs: 20 },
      reply: 'discard',
      rules: [rule('always:', '<$0>')],
    })
    far.send(bytes('ab'))
    await hasReceived(far, '<ab>')
    far.send(bytes('cd'))
    await hasReceived(far, '<ab><cd>')
  })

  it('that backtrack without end do not hold the loop up', async () => {
    const { far, port } = await start({
      framing: { kind: 'line' },
      rules: [rule('regex:^(a+)+$', 'MATCH'), rule('regex:^(\\w+\\s?)*$', 'WORDS')],
    })
    far.send(bytes(`${'a'.repeat(50_000)}!\n`))
    const other = await connectTo(port)
    other.send(bytes('other!\n'))
    await hasReceived(other, 'other!\n')
    await until(
      () => far.receivedBytes === 50_002,
      () => 'the plain reply',
    )
  })

  it('whose reply would be larger than 16 MiB reset the connection, and it says why', async () => {
    const { engine, far, connection } = await start({
      framing: { kind: 'line' },
      rules: [rule('always:', '$0'.repeat(300))],
    })
    far.send(bytes(`${'x'.repeat(64 * 1024)}\n`))
    await hasEnded(far)
    const end = await engine.event((event) => event.kind === 'connection-lost' && event.connection === connection)
    expect((end.details as EventDetails['connection-lost']).error).toMatchObject({ code: 'reply-too-long' })
  })

  it('that are asked for all at once reset the connection before they fill the memory', async () => {
    const { engine, far, connection } = await start({
      framing: { kind: 'line' },
      rules: [rule('always:', '{{random:65536}}'.repeat(16))],
    })
    far.send(bytes('\n'.repeat(120)))
    await hasEnded(far)
    const end = await engine.event((event) => event.kind === 'connection-lost' && event.connection === connection)
    expect((end.details as EventDetails['connection-lost']).error).toMatchObject({ code: 'peer-does-not-read' })
  })
})

describe('Framing that fails', () => {
  it('is told of once, with its chunk and place, and then every chunk is a message', async () => {
    const { engine, far } = await start({
      framing: { kind: 'length', size: 4, endian: 'big', offset: 0, inclusive: false },
      rules: [rule('contains:hi', 'HI')],
    })
    far.send(bytes('\0\0\0\x02hi'))
    await hasReceived(far, 'HI')
    far.send(bytes('\xff\xff\xff\xffhi'))
    await hasReceived(far, 'HIHI')
    far.send(bytes('more hi'))
    await hasReceived(far, 'HIHIHI')
    await engine.event((event) => event.kind === 'framing-failed')
    await matched(engine, 3)
    const failures = engine.told.events.filter((event) => event.kind === 'framing-failed')
    expect(failures).toHaveLength(1)
    const details = failures[0]!.details as EventDetails['framing-failed']
    expect(details.error).toMatchObject({ code: 'message-too-long' })
    expect(details.error.message).toContain('at byte 6 of the stream')
    expect(engine.told.events[details.chunk - 1]!.text).toBe('\xff\xff\xff\xffhi')
  })
})

describe('Changed while connections are open, rules', () => {
  it('hold from the next message on', async () => {
    const { engine, endpoint, far } = await start({ framing: { kind: 'line' }, rules: [rule('always:', '1')] })
    far.send(bytes('a\nhalf'))
    await hasReceived(far, '1')
    await update(engine, endpoint.id, { rules: [rule('exact:half a line', '2')] })
    far.send(bytes(' a line\n'))
    await hasReceived(far, '12')
  })

  it('come to connections that had none, and go again', async () => {
    const { engine, endpoint, far } = await start({ reply: 'echo' })
    far.send(bytes('plain '))
    await hasReceived(far, 'plain ')
    await update(engine, endpoint.id, { framing: { kind: 'line' }, rules: [rule('always:', 'ruled ')] })
    far.send(bytes('one\ntwo\nha'))
    await hasReceived(far, 'plain ruled ruled ')
    await update(engine, endpoint.id, { framing: { kind: 'raw' }, rules: [] })
    await hasReceived(far, 'plain ruled ruled ha')
    far.send(bytes('lf'))
    await hasReceived(far, 'plain ruled ruled half')
  })

  it('take another framing over what has come of a message', async () => {
    const { engine, endpoint, far } = await start({
      framing: { kind: 'delimiter', delimiter: new Uint8Array([0]) },
      rules: [rule('regex:^(\\w+)$', '<$1>')],
      reply: 'discard',
    })
    far.send(bytes('one\ntwo\nthr'))
    await engine.event((event) => event.kind === 'data-received')
    await update(engine, endpoint.id, { framing: { kind: 'line' } })
    await hasReceived(far, '<one><two>')
    far.send(bytes('ee\n'))
    await hasReceived(far, '<one><two><three>')
  })

  it('and a changed plain reply too', async () => {
    const { engine, endpoint, far } = await start({ reply: 'discard' })
    await update(engine, endpoint.id, { reply: 'echo' })
    far.send(bytes('now'))
    await hasReceived(far, 'now')
  })

  it.each([
    [{ rules: [rule('regex:(', '')] }, 'spec.rules.0.pattern.text', 'Unterminated group'],
    [{ rules: [rule('always:', '{{nope}}')] }, 'spec.rules.0.reply', 'no macro'],
    [{ rules: [rule('always:', ''), rule('exact:a', '$1')] }, 'spec.rules.1.reply', 'the pattern has none'],
    [{ rules: [rule('always:', '{{file:/there is no such file}}')] }, 'spec.rules.0.reply', 'cannot be read'],
    [{ rules: [rule('always:', '{{file:/}}', { on: false })] }, 'spec.rules.0.reply', 'is no file'],
  ] as const)('are refused where they cannot work, and all stays as it was: %j', async (changes, path, words) => {
    const { engine, endpoint, far } = await start({ rules: [rule('always:', 'still')] })
    const { spec } = (await engine.endpoint(endpoint.id))!
    const failure = await engine.refuses('updateEndpoint', {
      endpoint: endpoint.id,
      spec: { ...(spec as ListenerSpec), ...changes },
    })
    expect(failure).toMatchObject({ path })
    expect(failure.message).toContain(words)
    far.send(bytes('?'))
    await hasReceived(far, 'still')
    expect((await engine.endpoint(endpoint.id))!.spec).toEqual(spec)
  })
})
