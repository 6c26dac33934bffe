// `--fault`, `--replace` and `--seed` as they are written, what is said of wrong ones, and what a relay then does. Counterparts:
// main/cli/{fault-words,fault-options}.ts, docs/relay-lab.md.
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseFault, parseReplacement } from '../../main/cli/fault-words.ts'
import { checkSpec } from '../../preload/contract/checks.ts'
import { nothingInLab } from '../../preload/contract/faults.ts'
import { runWireloop, wireloop } from '../support/command-line.ts'
import { startScriptedServer } from '../support/scripted-server.ts'

const messageOf = (result: { ok: boolean; failure?: { message: string } }) =>
  result.ok ? 'taken' : result.failure?.message

describe('A fault on the command line', () => {
  it.each([
    ['latency:delay=120,jitter=30@downstream', { kind: 'latency', delayMs: 120, jitterMs: 30 }],
    ['latency:delay=1.5s', { kind: 'latency', delayMs: 1500, jitterMs: 0 }],
    ['bandwidth:rate=100kB', { kind: 'bandwidth', bytesPerSecond: 100_000 }],
    ['bandwidth:rate=1MiB/s', { kind: 'bandwidth', bytesPerSecond: 1_048_576 }],
    ['slow_close:delay=500', { kind: 'slow-close', delayMs: 500 }],
    ['timeout', { kind: 'timeout', timeoutMs: 0 }],
    ['reset-peer:after=2s', { kind: 'reset-peer', timeoutMs: 2000 }],
    ['slicer:size=64,variation=16,delay=500us', { kind: 'slicer', averageBytes: 64, variationBytes: 16, delayUs: 500 }],
    ['limit-data:bytes=64KiB', { kind: 'limit-data', bytes: 65_536 }],
    ['corrupt:rate=1e-4', { kind: 'corrupt', bitRate: 0.0001 }],
    ['drop', { kind: 'drop' }],
    ['refuse', { kind: 'refuse' }],
    ['limit-time:after=30s', { kind: 'limit-time', afterMs: 30_000 }],
    ['stall:bytes=4096', { kind: 'stall', afterBytes: 4096 }],
    ['throttle-accept:rate=10', { kind: 'throttle-accept', perSecond: 10 }],
  ])('%s is read as it is meant, and is a fault that a relay takes', (text, action) => {
    const parsed = parseFault(text)
    if (!parsed.ok) throw new Error(parsed.failure.message)
    const { fault } = parsed.value
    expect(fault).toEqual({ name: null, on: true, toxicity: 1, seed: null, action, trigger: null })
    const spec = checkSpec({
      role: 'relay',
      name: '',
      host: '127.0.0.1',
      port: 0,
      upstreamHost: '127.0.0.1',
      upstreamPort: 9,
      connectTimeoutMs: 1,
      lab: { upstream: { ...nothingInLab, faults: [{ ...fault, name: 'x', seed: 1 }] }, downstream: nothingInLab },
    })
    expect(messageOf(spec)).toBe('taken')
  })

  it.each([
    ['drop', ['downstream']],
    ['drop@upstream', ['upstream']],
    ['drop:toxicity=0.5@both', ['upstream', 'downstream']],
  ])('%s is for %s', (text, flows) => {
    expect(parseFault(text)).toMatchObject({ value: { flows } })
  })

  it('takes toxicity, seed, name and a trigger, whose text may hold any sign', () => {
    expect(parseFault('drop:toxicity=0.25,seed=7,name=mine,on="a,b=\\"c\\"@both",times=3@upstream')).toMatchObject({
      value: {
        flows: ['upstream'],
        fault: {
          toxicity: 0.25,
          seed: 7,
          name: 'mine',
          trigger: { pattern: { match: 'contains', text: 'a,b=\\"c\\"@both' }, times: 3 },
        },
      },
    })
    expect(parseFault('drop:on=/^GET [a,b]/')).toMatchObject({
      value: { fault: { trigger: { pattern: { match: 'regex', text: '^GET [a,b]' }, times: null } } },
    })
    expect(parseFault('drop:on=hex:41 ??')).toMatchObject({
      value: { fault: { trigger: { pattern: { match: 'hex', text: '41 ??' } } } },
    })
  })

  it.each([
    ['slowness:delay=1', /^“slowness” is no fault; there are latency, /],
    ['latency', /^latency needs delay, for example latency:delay=120/],
    ['latency:delay=fast', /^latency: delay takes a time/],
    ['latency:delay=500us', /^latency: delay takes whole milliseconds/],
    ['latency:delay=1,rate=2', /^latency has no “rate”; it takes delay, jitter, toxicity/],
    ['latency:delay=1,delay=2', /^latency: delay is given twice/],
    ['latency:120', /^latency: “120” is not KEY=VALUE/],
    ['bandwidth:rate=100kbit', /^bandwidth: rate takes a number of bytes/],
    ['drop:toxicity=50', /^drop: toxicity takes a number from 0 to 1/],
    ['drop:seed=-1', /^drop: seed takes a whole number/],
    ['drop:times=2', /^drop: times goes with on=PATTERN/],
  ])('%s is answered by what would be right', (text, message) => {
    expect(messageOf(parseFault(text))).toMatch(message)
  })
})

describe('A replacement on the command line', () => {
  it.each([
    ['/foo/bar/', { match: 'regex', text: 'foo' }, 'bar', 'text', ['downstream']],
    ['/GET (\\w+)/VAL $1/@upstream', { match: 'regex', text: 'GET (\\w+)' }, 'VAL $1', 'text', ['upstream']],
    ['|a/b|c\\|d|t@both', { match: 'contains', text: 'a/b' }, 'c|d', 'text', ['upstream', 'downstream']],
    ['/41 ??/42/h', { match: 'hex', text: '41 ??' }, '42', 'hex', ['downstream']],
  ])('%s is read as it is meant', (text, pattern, replace, notation, flows) => {
    expect(parseReplacement(text)).toMatchObject({
      value: { flows, replacement: { on: true, pattern, replace, notation } },
    })
  })

  it.each([
    ['foo', /is no replacement; write \/PATTERN/],
    ['/foo/bar', /is not closed by \//],
    ['/foo/bar/g', /“g” is no flag/],
  ])('%s is answered by what would be right', (text, message) => {
    expect(messageOf(parseReplacement(text))).toMatch(message)
  })
})

describe('wireloop relay', () => {
  it('does what its options say, and tells of it in JSON', async () => {
    const upstream = await startScriptedServer((socket) => socket.on('data', () => socket.write('hello world')))
    const cli = wireloop([
      'relay',
      '0',
      `127.0.0.1:${upstream.port}`,
      '--json',
      '--replace',
      '/world/there/',
      '--fault',
      'latency:delay=30,name=slow',
      '--fault',
      'corrupt:rate=1@upstream',
    ])
    const socket = connect({ port: await cli.port(), host: '127.0.0.1' })
    onTestFinished(() => void socket.destroy())
    const answer = new Promise<string>((resolve) => socket.once('data', (data) => resolve(data.toString())))
    socket.write('x')
    expect(await answer).toBe('hello there')
    const mark = (fault: string) => cli.line((line) => (line as { fault?: string }).fault === fault)
    expect(await mark('corrupt')).toMatchObject({
      kind: 'fault-applied',
      flow: 'upstream',
      chunk: expect.any(Number) as number,
      effect: { flippedBits: 8, firstFlippedAt: 0 },
    })
    const slow = (await mark('slow')) as unknown as { effect: { delayedMs: number } }
    expect(slow.effect.delayedMs).toBeGreaterThanOrEqual(30)
    expect(await cli.line(({ kind }) => kind === 'chunk-replaced')).toMatchObject({ name: 'world', count: 1 })
    cli.process.kill('SIGINT')
    expect((await cli.ended).code).toBe(0)
  })

  it.each([
    [['--fault', 'latency:delay=never'], /delay takes a time/],
    [['--fault', 'latency:delay=9999999'], /The delay in ms is at most 3600000/],
    [['--fault', 'drop:on=/(/'], /at character/],
    [['--replace', '/a/$1/'], /\$1 stands for a group/],
    [['--seed', 'x'], /Use a whole number/],
  ])('with %o ends with 2 and one sentence', async (args, message) => {
    const { code, stdout, stderr } = await runWireloop(['relay', '0', '127.0.0.1:9', ...args])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(message)
  })
})
