// What each fault of a relay does to what passes: bytes, order, times and events, on a clock that the test moves. Counterparts:
// main/engine/endpoints/lab/faults/*; relay-lab.test.ts has the same in a real relay, test/bench/faults.bench.ts measures it.
import { describe, expect, it } from 'vitest'
import { fault, faulty, virtualFlow } from './virtual-flow.ts'

const bytes = (length: number): string => Array.from({ length }, (_, i) => String.fromCharCode(i & 0x7f)).join('')

describe('Latency', () => {
  it('lets each chunk go when its time has come, in order and as fast as it came, and says how long it waited', () => {
    const test = virtualFlow(faulty(fault({ kind: 'latency', delayMs: 100, jitterMs: 0 })))
    const first = test.push('one')
    test.pass(30)
    const second = test.push('two')
    test.pass(99)
    expect(test.out).toEqual([{ at: 100, text: 'one' }])
    test.pass(100)
    expect(test.out).toEqual([
      { at: 100, text: 'one' },
      { at: 130, text: 'two' },
    ])
    expect(test.effects()).toEqual([
      { fault: 'latency', chunk: first, effect: { delayedMs: 100 } },
      { fault: 'latency', chunk: second, effect: { delayedMs: 100 } },
    ])
  })

  it('adds a jitter that is never more than it says, keeps the order, and is the same for the same seed and pair', () => {
    const run = (seed: number, pair: number) => {
      const test = virtualFlow(faulty(fault({ kind: 'latency', delayMs: 100, jitterMs: 40 }, { seed })), { pair })
      for (let i = 0; i < 50; i++) {
        test.push(String.fromCharCode(i))
        test.pass(200)
      }
      expect(test.text()).toBe(bytes(50))
      return test.effects().map(({ effect }) => (effect as { delayedMs: number }).delayedMs)
    }
    const delays = run(7, 1)
    for (const delay of delays) {
      expect(delay).toBeGreaterThanOrEqual(60)
      expect(delay).toBeLessThanOrEqual(140)
    }
    expect(new Set(delays).size).toBeGreaterThan(40)
    expect(run(7, 1)).toEqual(delays)
    expect(run(7, 2)).not.toEqual(delays)
    expect(run(8, 1)).not.toEqual(delays)
  })

  it('lets no chunk overtake another when the later one’s time has come first', () => {
    const test = virtualFlow(faulty(fault({ kind: 'latency', delayMs: 100, jitterMs: 100 })))
    for (let i = 0; i < 100; i++) test.push(String.fromCharCode(i))
    test.pass(200)
    expect(test.text()).toBe(bytes(100))
  })

  it('delays the end too, behind the bytes; a reset comes behind the bytes that were sent before it', () => {
    for (const end of ['fin', 'reset'] as const) {
      const test = virtualFlow(faulty(fault({ kind: 'latency', delayMs: 50, jitterMs: 0 })))
      test.push('x')
      test.pass(10)
      test.end(end)
      test.pass(100)
      expect(test.out).toEqual([
        { at: 50, text: 'x' },
        { at: 60, text: `[${end}]` },
      ])
    }
  })

  it('works by a changed delay at once, also for what waits', () => {
    const latency = (delayMs: number) => fault({ kind: 'latency', delayMs, jitterMs: 0 })
    const test = virtualFlow(faulty(latency(1000)))
    test.push('x')
    test.pass(20)
    test.configure([latency(50)])
    test.pass(100)
    expect(test.out).toEqual([{ at: 50, text: 'x' }])
  })
})

describe('Bandwidth', () => {
  it('lets no more than its bytes a second through, and every byte in order', () => {
    const test = virtualFlow(faulty(fault({ kind: 'bandwidth', bytesPerSecond: 10_000 })))
    const data = bytes(5000)
    const seq = test.push(data)
    test.pass(1000)
    expect(test.text()).toBe(data)
    let sum = 0
    for (const { at, text } of test.out) {
      sum += text.length
      expect(sum).toBeLessThanOrEqual(at * 10 + 1e-6)
    }
    expect(test.out.at(-1)?.at).toBeCloseTo(500, 6)
    expect(test.effects()).toEqual([{ fault: 'bandwidth', chunk: seq, effect: { delayedMs: 500 } }])
  })

  it('carries the end behind the bytes, and does not make up for a silence', () => {
    const test = virtualFlow(faulty(fault({ kind: 'bandwidth', bytesPerSecond: 1000 })))
    test.pass(10_000)
    test.push(bytes(100))
    test.end()
    test.pass(99)
    expect(test.bytesOut).toBeLessThan(100)
    test.pass(1)
    expect(test.out.slice(-1)).toEqual([{ at: 10_100, text: '[fin]' }])
  })
})

describe('Slow close', () => {
  it('holds up the end and nothing else', () => {
    const test = virtualFlow(faulty(fault({ kind: 'slow-close', delayMs: 300 })))
    test.push('x')
    test.end()
    test.pass(299)
    expect(test.out).toEqual([{ at: 0, text: 'x' }])
    test.pass(1)
    expect(test.out.at(-1)).toEqual({ at: 300, text: '[fin]' })
    expect(test.effects()).toEqual([{ fault: 'slow-close', chunk: null, effect: { delayedMs: 300 } }])
  })

  it('is no obstacle to a reset', () => {
    const test = virtualFlow(faulty(fault({ kind: 'slow-close', delayMs: 300 })))
    test.end()
    test.pass(10)
    test.end('reset')
    expect(test.out).toEqual([
      { at: 10, text: '[fin]' },
      { at: 10, text: '[reset]' },
    ])
  })
})

describe('Timeout', () => {
  it('lets no byte through, marks each chunk, and closes the pair', () => {
    const test = virtualFlow(faulty(fault({ kind: 'timeout', timeoutMs: 200 })))
    const first = test.push('abc')
    test.pass(150)
    const second = test.push('de')
    test.pass(100)
    expect(test.out).toEqual([{ at: 200, text: '[close]' }])
    expect(test.effects()).toEqual([
      { fault: 'timeout', chunk: first, effect: { droppedBytes: 3 } },
      { fault: 'timeout', chunk: second, effect: { droppedBytes: 2 } },
      { fault: 'timeout', chunk: null, effect: { ended: 'close' } },
    ])
  })

  it('of 0 never ends by itself, and closes the pair when it is taken away', () => {
    const test = virtualFlow(faulty(fault({ kind: 'timeout', timeoutMs: 0 })))
    test.push('x')
    test.pass(1_000_000)
    expect(test.out).toEqual([])
    test.configure([])
    expect(test.out).toEqual([{ at: 1_000_000, text: '[close]' }])
  })
})

describe('Reset peer and limit time', () => {
  it('let bytes pass until their time, counted from when the pair was made', () => {
    const reset = virtualFlow(faulty(fault({ kind: 'reset-peer', timeoutMs: 100 })))
    const limit = virtualFlow(faulty(fault({ kind: 'limit-time', afterMs: 100 })))
    for (const test of [reset, limit]) {
      test.push('x')
      test.pass(100)
    }
    expect(reset.out).toEqual([
      { at: 0, text: 'x' },
      { at: 100, text: '[both reset]' },
    ])
    expect(reset.effects()).toEqual([{ fault: 'reset-peer', chunk: null, effect: { ended: 'reset' } }])
    expect(limit.out).toEqual([
      { at: 0, text: 'x' },
      { at: 100, text: '[close]' },
    ])
    expect(limit.effects()).toEqual([{ fault: 'limit-time', chunk: null, effect: { ended: 'close' } }])
  })

  it('act at once where they come to a pair whose time has passed', () => {
    const test = virtualFlow(faulty())
    test.pass(500)
    test.configure([fault({ kind: 'limit-time', afterMs: 100 })])
    test.pass(0)
    expect(test.out).toEqual([{ at: 500, text: '[close]' }])
  })
})

describe('Slicer', () => {
  it('cuts a chunk into slices of one size, so many microseconds apart, and says how many', () => {
    const test = virtualFlow(faulty(fault({ kind: 'slicer', averageBytes: 10, variationBytes: 0, delayUs: 2000 })))
    const seq = test.push(bytes(95))
    test.pass(100)
    expect(test.out.map(({ text }) => text.length)).toEqual([...Array(9).fill(10), 5])
    expect(test.out.map(({ at }) => at)).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18])
    expect(test.text()).toBe(bytes(95))
    expect(test.effects()).toEqual([{ fault: 'slicer', chunk: seq, effect: { slices: 10, delayedMs: 18 } }])
  })

  it('varies their size about the average, within its bounds', () => {
    const test = virtualFlow(faulty(fault({ kind: 'slicer', averageBytes: 1024, variationBytes: 512, delayUs: 10 })))
    test.push(bytes(480_000))
    test.pass(1000)
    const sizes = test.out.map(({ text }) => text.length)
    for (const size of sizes.slice(0, -1)) {
      expect(size).toBeGreaterThanOrEqual(512)
      expect(size).toBeLessThanOrEqual(1536)
    }
    // As toxiproxy's own test has it: about 480 of them, and the bytes as they were.
    expect(sizes.length).toBeGreaterThan(430)
    expect(sizes.length).toBeLessThan(530)
    expect(test.text()).toBe(bytes(480_000))
  })

  it('says nothing of a chunk that it had not to cut', () => {
    const test = virtualFlow(faulty(fault({ kind: 'slicer', averageBytes: 10, variationBytes: 0, delayUs: 2000 })))
    test.push(bytes(10))
    test.pass(100)
    expect(test.text()).toBe(bytes(10))
    expect(test.effects()).toEqual([])
  })

  it('cuts nothing while the sink takes no more', () => {
    const test = virtualFlow(faulty(fault({ kind: 'slicer', averageBytes: 1, variationBytes: 0, delayUs: 0 })))
    test.sinkPaused = true
    test.push(bytes(1000))
    test.pass(100)
    expect(test.out).toEqual([])
    test.sinkPaused = false
    test.flow.wake()
    test.pass(100)
    expect(test.text()).toBe(bytes(1000))
    expect(test.out.length).toBe(1000)
  })

  it('marks a chunk once where another fault delays its slices', () => {
    const test = virtualFlow(
      faulty(
        fault({ kind: 'slicer', averageBytes: 1, variationBytes: 0, delayUs: 0 }),
        fault({ kind: 'latency', delayMs: 5, jitterMs: 0 }),
      ),
    )
    const seq = test.push(bytes(20))
    test.pass(10)
    expect(test.effects()).toEqual([
      { fault: 'slicer', chunk: seq, effect: { slices: 20 } },
      { fault: 'latency', chunk: seq, effect: { delayedMs: 5 } },
    ])
  })
})

describe('Limit data', () => {
  it.each([
    { limit: 100, chunks: [50, 40], out: [50, 40], ended: false },
    { limit: 100, chunks: [100], out: [100], ended: true },
    { limit: 100, chunks: [150], out: [100], ended: true },
    { limit: 100, chunks: [25, 25, 25, 25], out: [25, 25, 25, 25], ended: true },
    { limit: 100, chunks: [90, 20], out: [90, 10], ended: true },
    { limit: 0, chunks: [100], out: [], ended: true },
  ])('of $limit lets $out of $chunks through, as toxiproxy’s', ({ limit, chunks, out, ended }) => {
    const test = virtualFlow(faulty(fault({ kind: 'limit-data', bytes: limit })))
    for (const length of chunks) test.push(bytes(length))
    expect(test.out.filter(({ text }) => text !== '[close]').map(({ text }) => text.length)).toEqual(out)
    expect(test.out.some(({ text }) => text === '[close]')).toBe(ended)
  })

  it('says where it cut, and keeps its count when its limit is changed', () => {
    const limit = (count: number) => fault({ kind: 'limit-data', bytes: count })
    const test = virtualFlow(faulty(limit(1000)))
    test.push(bytes(90))
    test.configure([limit(100)])
    const seq = test.push(bytes(20))
    expect(test.bytesOut).toBe(100)
    expect(test.effects()).toEqual([
      { fault: 'limit-data', chunk: seq, effect: { cutAt: 10, droppedBytes: 10, ended: 'close' } },
    ])
  })
})

describe('Corrupt', () => {
  const flipped = (test: ReturnType<typeof virtualFlow>, sent: Buffer): number[] => {
    const came = Buffer.from(test.text(), 'latin1')
    const places: number[] = []
    for (let i = 0; i < sent.length; i++)
      for (let bit = 0; bit < 8; bit++) if (((came[i]! ^ sent[i]!) & (0x80 >> bit)) !== 0) places.push(i * 8 + bit)
    return places
  }

  it('flips about as many bits as it says, the same ones for the same seed and pair, however the bytes come', () => {
    const sent = Buffer.from(bytes(100_000), 'latin1')
    const run = (chunkBytes: number, seed = 3) => {
      const test = virtualFlow(faulty(fault({ kind: 'corrupt', bitRate: 0.001 }, { seed })))
      for (let at = 0; at < sent.length; at += chunkBytes) test.push(sent.subarray(at, at + chunkBytes))
      const places = flipped(test, sent)
      const told = test.effects().reduce((sum, { effect }) => sum + (effect as { flippedBits: number }).flippedBits, 0)
      expect(told).toBe(places.length)
      return places
    }
    const whole = run(sent.length)
    // 800,000 bits at 0.001: 800 ± 28 (one deviation).
    expect(whole.length).toBeGreaterThan(650)
    expect(whole.length).toBeLessThan(950)
    expect(run(1000)).toEqual(whole)
    expect(run(17)).toEqual(whole)
    expect(run(1000, 4)).not.toEqual(whole)
  })

  it('names the first byte that it changed, and marks no chunk that it left alone', () => {
    const all = virtualFlow(faulty(fault({ kind: 'corrupt', bitRate: 1 })))
    const seq = all.push('\x00\xff')
    expect(all.out).toEqual([{ at: 0, text: '\xff\x00' }])
    expect(all.effects()).toEqual([{ fault: 'corrupt', chunk: seq, effect: { flippedBits: 16, firstFlippedAt: 0 } }])
    const none = virtualFlow(faulty(fault({ kind: 'corrupt', bitRate: 0 })))
    none.push('abc')
    expect(none.text()).toBe('abc')
    expect(none.effects()).toEqual([])
  })
})

describe('Drop', () => {
  it('throws bytes away and carries the end over', () => {
    const test = virtualFlow(faulty(fault({ kind: 'drop' })))
    const seq = test.push('abc')
    test.end()
    expect(test.out).toEqual([{ at: 0, text: '[fin]' }])
    expect(test.effects()).toEqual([{ fault: 'drop', chunk: seq, effect: { droppedBytes: 3 } }])
  })
})

describe('Stall', () => {
  it('passes so many bytes, reads no more, and goes on when it is taken away, with all that waited', () => {
    const test = virtualFlow(faulty(fault({ kind: 'stall', afterBytes: 5 })))
    test.push('abc')
    expect(test.paused).toEqual(new Set())
    const cut = test.push('defgh')
    expect(test.paused).toEqual(new Set(['stalled']))
    // What had been read already.
    const behind = test.push('ij')
    test.end()
    test.pass(1_000_000)
    expect(test.text()).toBe('abcde')
    expect(test.effects()).toEqual([
      { fault: 'stall', chunk: cut, effect: { cutAt: 2 } },
      { fault: 'stall', chunk: behind, effect: { cutAt: 0 } },
    ])
    test.configure([])
    expect(test.text()).toBe('abcdefghij')
    expect(test.out.at(-1)?.text).toBe('[fin]')
    expect(test.paused).toEqual(new Set())
  })

  it('of 0 reads nothing from the start', () => {
    const test = virtualFlow(faulty(fault({ kind: 'stall', afterBytes: 0 })))
    expect(test.paused).toEqual(new Set(['stalled']))
  })
})
