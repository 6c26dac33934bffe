// The chain as a whole: which pairs a fault acts on and from when, changes while bytes are under way, and how much may wait.
// Counterparts: main/engine/endpoints/lab/{flow,triggered,chance,replacer}.ts; intercept.test.ts has the chunks that are held.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chanceOf } from '../../../../main/engine/endpoints/lab/chance.ts'
import { HeldChunks } from '../../../../main/engine/endpoints/lab/held-chunks.ts'
import type { Fault, FaultAction, Replacement } from '../../../../preload/contract/faults.ts'
import { labBounds } from '../../../../preload/contract/faults.ts'
import { checkLab } from '../../../../preload/contract/lab-check.ts'
import type { EndpointId } from '../../../../preload/contract/vocabulary.ts'
import { fault, faulty, lab, virtualFlow } from './virtual-flow.ts'

const latency = (delayMs: number, more: Partial<Fault> = {}) => fault({ kind: 'latency', delayMs, jitterMs: 0 }, more)
const drop = (more: Partial<Fault> = {}) => fault({ kind: 'drop' }, more)
const contains = (text: string, times: number | null = null) => ({
  pattern: { match: 'contains' as const, text },
  times,
})
const replacement = (text: string, replace: string, more: Partial<Replacement> = {}): Replacement => ({
  name: text,
  on: true,
  pattern: { match: 'contains', text },
  replace,
  notation: 'text',
  ...more,
})
const line = { kind: 'line' } as const

describe('Toxicity', () => {
  const actsOn = (seed: number, toxicity: number) =>
    Array.from({ length: 1000 }, (_, i) => {
      const test = virtualFlow(faulty(drop({ seed, toxicity })), { pair: i + 1 })
      test.push('x')
      return test.text() === ''
    })

  it('is decided once for a pair: the same seed acts on the same pairs, about as many as it says', () => {
    const half = actsOn(5, 0.5)
    expect(actsOn(5, 0.5)).toEqual(half)
    expect(actsOn(6, 0.5)).not.toEqual(half)
    // 500 ± 16 (one deviation).
    const count = half.filter(Boolean).length
    expect(count).toBeGreaterThan(420)
    expect(count).toBeLessThan(580)
    // Raised, it acts on the same ones and more.
    const most = actsOn(5, 0.9)
    expect(half.every((acts, i) => !acts || most[i])).toBe(true)
  })

  it('of 0 is never and of 1 is always', () => {
    expect(actsOn(5, 0)).not.toContain(true)
    expect(actsOn(5, 1)).not.toContain(false)
  })

  it('is spread evenly over seeds and pairs', () => {
    const tenths = new Array<number>(10).fill(0)
    for (let seed = 0; seed < 100; seed++)
      for (let pair = 1; pair <= 100; pair++) tenths[Math.floor(chanceOf(seed, pair) * 10)]!++
    // 1000 ± 30 (one deviation).
    for (const count of tenths) {
      expect(count).toBeGreaterThan(850)
      expect(count).toBeLessThan(1150)
    }
  })
})

describe('A trigger', () => {
  it('makes a fault act from the message that matches on, so many messages long', () => {
    const test = virtualFlow(faulty(drop({ trigger: contains('BAD', 2) })), { framing: line })
    test.push('one\ntwo BAD\nthree\nfour\nBAD five\n')
    expect(test.text()).toBe('one\nfour\nBAD five\n')
    expect(test.effects()).toEqual([{ fault: 'drop', chunk: 10, effect: { droppedBytes: 14 } }])
  })

  it('acts without end where no number is given, and on every chunk that a message came in', () => {
    const test = virtualFlow(faulty(drop({ trigger: contains('BAD') })), { framing: line })
    const seqs = ['ok\nB', 'A', 'D\nmore', '\nand more\n'].map((text) => test.push(text))
    expect(test.text()).toBe('ok\n')
    expect(test.effects()).toEqual(
      [1, 1, 6, 10].map((droppedBytes, i) => ({ fault: 'drop', chunk: seqs[i]!, effect: { droppedBytes } })),
    )
  })

  it('looks at each chunk where there is no framing', () => {
    const test = virtualFlow(faulty(drop({ trigger: contains('b', 1) })))
    for (const text of ['a', 'b', 'b']) test.push(text)
    expect(test.text()).toBe('ab')
  })

  it('lets what comes behind wait its turn behind what the fault still holds', () => {
    const test = virtualFlow(faulty(latency(100, { trigger: contains('b', 1) })))
    for (const text of ['a', 'b', 'c']) test.push(text)
    expect(test.text()).toBe('a')
    test.pass(100)
    expect(test.out.map(({ at }) => at)).toEqual([0, 100, 100])
    expect(test.text()).toBe('abc')
    expect(test.effects()).toEqual([{ fault: 'latency', chunk: 11, effect: { delayedMs: 100 } }])
  })

  it('starts the time of a fault that ends the pair', () => {
    const test = virtualFlow(faulty(fault({ kind: 'reset-peer', timeoutMs: 50 }, { trigger: contains('QUIT') })))
    test.pass(1000)
    test.push('QUIT')
    test.pass(1000)
    expect(test.out.at(-1)).toEqual({ at: 1050, text: '[both reset]' })
  })

  it('loses nothing of a message that never ends', () => {
    const test = virtualFlow(faulty(drop({ trigger: contains('BAD') })), { framing: line })
    test.push('ok\nno line end')
    test.end()
    expect(test.out.map(({ text }) => text).join('')).toBe('ok\nno line end[fin]')
  })
})

describe('Replacements', () => {
  it('change every match in a message, in their order, with what the pattern found, and tell of it', () => {
    const test = virtualFlow(
      lab({
        replacements: [
          replacement('', '$2=$1', { name: 'swap', pattern: { match: 'regex', text: '(\\w+)=(\\w+)' } }),
          replacement('one', 'ONE'),
          replacement('never', 'x', { on: false }),
        ],
      }),
      { framing: line },
    )
    test.push('a=one,b=tw')
    const seq = test.push('o\r\nplain one\n')
    expect(test.text()).toBe('ONE=a,two=b\r\nplain ONE\n')
    expect(test.events.map(({ kind, details }) => ({ kind, ...(details as object) }))).toEqual([
      { kind: 'chunk-replaced', name: 'swap', flow: 'upstream', chunk: seq, count: 2 },
      { kind: 'chunk-replaced', name: 'one', flow: 'upstream', chunk: seq, count: 1 },
      { kind: 'chunk-replaced', name: 'one', flow: 'upstream', chunk: seq, count: 1 },
    ])
  })

  it('say in a length prefix how long the message is now', () => {
    for (const inclusive of [false, true]) {
      const framing = { kind: 'length', size: 2, endian: 'big', offset: 0, inclusive } as const
      const test = virtualFlow(lab({ replacements: [replacement('a', 'long')] }), { framing })
      const extra = inclusive ? 2 : 0
      test.push(new Uint8Array([0, 3 + extra, 0x78, 0x61, 0x79, 0, 1 + extra, 0x7a]))
      expect(test.text()).toBe(`\x00${String.fromCharCode(6 + extra)}xlongy\x00${String.fromCharCode(1 + extra)}z`)
    }
  })

  it('come before the faults, which act on what they have made', () => {
    const test = virtualFlow(
      lab({ replacements: [replacement('x', 'yyyy')], faults: [fault({ kind: 'limit-data', bytes: 6 })] }),
    )
    test.push('xx')
    expect(test.text()).toBe('yyyyyy')
  })

  it.each([
    ['bytes', 'x'.repeat(20_000), [replacement('b', 'B'), replacement('a', 'y'.repeat(1000))]],
    ['bytes by a later rule', 'x'.repeat(20_000), [replacement('a', 'yy'), replacement('y', 'z'.repeat(500))]],
    ['replacements', 'a'.repeat(labBounds.replacedMatches - 16_000), [replacement('a', 'c')]],
  ])('let a message pass as it came where it would have too many %s, and say so', (_, filler, replacements) => {
    const test = virtualFlow(lab({ replacements }), { framing: line })
    const long = `b${'a'.repeat(17_000)}${filler}\n`
    const seq = test.push(long)
    expect(test.text() === long).toBe(true)
    expect(test.events).toMatchObject([
      { kind: 'framing-failed', details: { error: { code: 'replacement-too-long' }, chunk: seq } },
    ])
    // Only that one.
    test.push('a\n')
    expect(test.text().length).toBeGreaterThan(long.length)
    expect(test.text().slice(long.length)).not.toBe('a\n')
    expect(test.events.slice(1).every(({ kind }) => kind === 'chunk-replaced')).toBe(true)
  })

  it('replace up to the bound', () => {
    const test = virtualFlow(lab({ replacements: [replacement('a', 'bc')] }))
    test.push('a'.repeat(labBounds.replacedMatches))
    expect(test.text() === 'bc'.repeat(labBounds.replacedMatches)).toBe(true)
  })

  it('leave alone what follows in a chunk where a message of it has reset the pair', () => {
    const reset = fault({ kind: 'reset-peer', timeoutMs: 0 }, { trigger: contains('B') })
    const test = virtualFlow(lab({ replacements: [replacement('a', 'B')], faults: [reset] }), { framing: line })
    test.push('x\na\na\na\n')
    test.pass(10)
    expect(test.text()).not.toContain('a')
    expect(test.out.filter(({ text }) => text.startsWith('['))).toHaveLength(1)
  })

  it('let bytes pass as they come once they cannot be cut into messages, and say so once', () => {
    const framing = { kind: 'length', size: 4, endian: 'big', offset: 0, inclusive: false } as const
    const test = virtualFlow(lab({ replacements: [replacement('zzz', 'x')] }), { framing })
    test.push('\xff\xff\xff\xffabc')
    test.push('def')
    expect(test.text()).toBe('\xff\xff\xff\xffabcdef')
    expect(test.events.map(({ kind }) => kind)).toEqual(['framing-failed'])
  })
})

describe('A change of the chain while bytes are under way', () => {
  it('lets what waits in a removed fault go at once, in order, before what comes', () => {
    const test = virtualFlow(faulty(latency(1000)))
    test.push('a')
    test.pass(10)
    test.push('b')
    test.configure([])
    test.push('c')
    expect(test.out).toEqual([
      { at: 10, text: 'a' },
      { at: 10, text: 'b' },
      { at: 10, text: 'c' },
    ])
  })

  it('keeps what waits in the faults that stay', () => {
    const test = virtualFlow(faulty(latency(100, { name: 'one' }), latency(100, { name: 'two' })))
    test.push('a')
    test.pass(150)
    test.push('b')
    test.configure([latency(100, { name: 'two' })])
    test.pass(49)
    expect(test.text()).toBe('')
    test.pass(50)
    expect(test.out[0]).toEqual({ at: 200, text: 'a' })
    expect(test.text()).toBe('a')
    test.pass(1000)
    // Let go by the first at 150, and 100 ms in the second.
    expect(test.out[1]).toEqual({ at: 250, text: 'b' })
  })

  it('lets all go when the pair is about to be ended, through the faults that take no time', () => {
    const test = virtualFlow(faulty(latency(1000, { name: 'one' }), latency(1000, { name: 'two' })))
    test.push('a')
    test.pass(1500)
    test.push('b')
    test.end()
    test.flow.release()
    expect(test.out.map(({ text }) => text).join('')).toBe('ab[fin]')
    const limited = virtualFlow(faulty(latency(50), fault({ kind: 'limit-data', bytes: 5 })))
    for (const text of ['abc', 'defgh', 'xyz']) {
      limited.push(text)
      limited.pass(10)
    }
    limited.pass(1000)
    expect(limited.out).toEqual([
      { at: 50, text: 'abc' },
      { at: 60, text: 'de' },
      { at: 60, text: '[close]' },
    ])
  })

  it('keeps count of what has passed where faults change places', () => {
    const limit = fault({ kind: 'limit-data', bytes: 5 })
    const test = virtualFlow(faulty(latency(50), limit))
    test.push('abc')
    test.configure([limit, latency(50)])
    expect(test.text()).toBe('abc')
    test.push('defgh')
    test.pass(100)
    expect(test.out.map(({ text }) => text).join('')).toBe('abcde[close]')
  })

  // Faults that lose nothing, in any number, order and state.
  const action: fc.Arbitrary<FaultAction> = fc.oneof(
    fc.record({
      kind: fc.constant('latency' as const),
      delayMs: fc.integer({ min: 0, max: 100 }),
      jitterMs: fc.integer({ min: 0, max: 50 }),
    }),
    fc.record({ kind: fc.constant('bandwidth' as const), bytesPerSecond: fc.integer({ min: 1000, max: 100_000 }) }),
    fc.record({
      kind: fc.constant('slicer' as const),
      averageBytes: fc.integer({ min: 1, max: 50 }),
      variationBytes: fc.integer({ min: 0, max: 60 }),
      delayUs: fc.integer({ min: 0, max: 3000 }),
    }),
    fc.record({ kind: fc.constant('slow-close' as const), delayMs: fc.integer({ min: 0, max: 100 }) }),
    fc.record({ kind: fc.constant('stall' as const), afterBytes: fc.integer({ min: 0, max: 2000 }) }),
  )
  const anyFault = fc.record({
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    on: fc.boolean(),
    toxicity: fc.constantFrom(0.5, 1),
    seed: fc.integer({ min: 0, max: 3 }),
    action,
    trigger: fc.option(
      fc.record({
        pattern: fc.constantFrom({ match: 'always' as const, text: '' }, { match: 'contains' as const, text: '\\x05' }),
        times: fc.option(fc.integer({ min: 1, max: 3 })),
      }),
    ),
  })
  const chain = fc.uniqueArray(anyFault, { maxLength: 4, selector: ({ name }) => name })
  const framing = fc.constantFrom(
    undefined,
    { kind: 'delimiter' as const, delimiter: new Uint8Array([7]) },
    { kind: 'fixed' as const, bytes: 30 },
    { kind: 'idle' as const, idleMs: 5 },
  )
  const intercept = fc.record({
    on: fc.boolean(),
    pattern: fc.constantFrom({ match: 'always' as const, text: '' }, { match: 'contains' as const, text: '\\x09' }),
  })
  const step = fc.oneof(
    fc.record({ what: fc.constant('push' as const), bytes: fc.integer({ min: 1, max: 400 }) }),
    fc.record({ what: fc.constant('pass' as const), ms: fc.integer({ min: 0, max: 60 }) }),
    fc.record({ what: fc.constant('edit' as const), chain, framing, intercept }),
    fc.record({ what: fc.constant('forward' as const), id: fc.integer({ min: 1, max: 10 }) }),
  )

  it('loses no byte and lets none overtake another, for any changes at any time', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 40 }), fc.nat(5), fc.boolean(), (steps, pair, released) => {
        const test = virtualFlow(lab({}), { pair })
        const sent: Buffer[] = []
        let next = 0
        let last: readonly Fault[] = []
        for (const each of steps) {
          if (each.what === 'push') {
            const data = Buffer.from(Array.from({ length: each.bytes }, () => next++ % 251))
            sent.push(data)
            test.push(data)
          } else if (each.what === 'pass') test.pass(each.ms)
          else if (each.what === 'forward') test.held.forward([each.id])
          else {
            last = each.chain
            test.configure(last, { intercept: each.intercept }, each.framing)
          }
        }
        const all = Buffer.concat(sent).toString('latin1')
        expect(all.startsWith(test.text())).toBe(true)
        test.end()
        test.configure(last, { intercept: lab({}).intercept })
        if (released) test.flow.release()
        else test.configure([])
        expect(test.out.map(({ text }) => text).join('')).toBe(`${all}[fin]`)
        expect({ waiting: test.relay.waitingBytes, held: test.held.bytes, paused: [...test.paused] }).toEqual({
          waiting: 0,
          held: 0,
          paused: [],
        })
      }),
      { numRuns: 300 },
    )
  })

  it('tells of a chunk no more than once a fault, and the same for the same seed', () => {
    fc.assert(
      fc.property(chain, fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 20 }), (faults, sizes) => {
        const run = () => {
          const test = virtualFlow(faulty(...faults))
          for (const size of sizes) {
            test.push(new Uint8Array(size).fill(size & 0xff))
            test.pass(size)
          }
          test.pass(10_000)
          return { effects: test.effects(), out: test.out }
        }
        const first = run()
        const marks = first.effects.map(({ fault: name, chunk }) => `${name} ${chunk}`)
        expect(new Set(marks).size).toBe(marks.length)
        expect(run()).toEqual(first)
      }),
      { numRuns: 100 },
    )
  })
})

describe('What waits in faults', () => {
  const mib = 1024 * 1024
  const chunk = new Uint8Array(256 * 1024)

  it('is bounded: the source is not read from while a direction is full, and is again when a quarter of it is free', () => {
    const test = virtualFlow(faulty(latency(1000)))
    let pushed = 0
    while (!test.paused.has('full')) {
      test.push(chunk)
      test.pass(1)
      pushed += chunk.length
    }
    expect(pushed).toBeGreaterThanOrEqual(labBounds.flowBytes - mib)
    expect(pushed).toBeLessThanOrEqual(labBounds.flowBytes + chunk.length)
    while (test.paused.has('full')) test.pass(1)
    expect(pushed - test.bytesOut).toBeLessThanOrEqual(labBounds.flowBytes * 0.75)
    expect(test.relay.waitingBytes).toBeGreaterThan(0)
    test.flow.dispose()
    expect(test.relay.waitingBytes).toBe(0)
  })

  it('is no longer counted when the pair has ended, also where it ended in the middle of a chunk', () => {
    const stall = fault({ kind: 'stall', afterBytes: 10 })
    const test = virtualFlow(faulty(stall, fault({ kind: 'limit-data', bytes: 5 })))
    test.push(chunk)
    expect(test.out.at(-1)?.text).toBe('[close]')
    expect(test.bytesOut).toBe(5)
    expect(test.relay.waitingBytes).toBe(0)
  })

  it('counts what small pieces cost beside their bytes', () => {
    const test = virtualFlow(faulty(latency(1000)))
    let pieces = 0
    while (!test.paused.has('full')) {
      test.push('x')
      pieces++
    }
    expect(pieces).toBeLessThanOrEqual(labBounds.flowBytes / 128)
  })

  it('is little for each pair where many pairs of a relay have much waiting', () => {
    const relay = { held: new HeldChunks(1 as EndpointId, () => {}), waitingBytes: labBounds.relayBytes }
    const test = virtualFlow(faulty(latency(1000)), { relay })
    let pushed = 0
    while (!test.paused.has('full')) {
      test.push(chunk)
      pushed += chunk.length
    }
    expect(pushed).toBeLessThanOrEqual(labBounds.flowFloorBytes + chunk.length)
  })
})

describe('The texts of a lab', () => {
  const relayLab = (flow: Parameters<typeof lab>[0]) => ({ upstream: lab({}), downstream: lab(flow) })

  it.each([
    [
      { faults: [drop({ trigger: { pattern: { match: 'regex', text: '(' }, times: null } })] },
      'lab.downstream.faults.0.trigger.pattern.text',
    ],
    [{ faults: [drop(), fault({ kind: 'refuse' }, { trigger: contains('x') })] }, 'lab.downstream.faults.1'],
    [{ intercept: { on: true, pattern: { match: 'hex', text: '4' } } }, 'lab.downstream.intercept.pattern.text'],
    [{ replacements: [replacement('a', '{{nonsense}}')] }, 'lab.downstream.replacements.0.replace'],
    [{ replacements: [replacement('a', '{{file:/etc/passwd}}')] }, 'lab.downstream.replacements.0.replace'],
    [{ replacements: [replacement('a', '$1')] }, 'lab.downstream.replacements.0.replace'],
  ] as const)('of which one is wrong are refused, with its place: %#', (flow, path) => {
    expect(checkLab(relayLab(flow))).toMatchObject({ ok: false, failure: { code: 'bad-argument', path } })
  })

  it('may be anything in what is off', () => {
    const { intercept } = lab({ intercept: { on: false, pattern: { match: 'regex', text: '(' } } })
    expect(checkLab(relayLab({ intercept, replacements: [replacement('(', '$9', { on: false })] }))).toEqual({
      ok: true,
      value: null,
    })
  })
})
