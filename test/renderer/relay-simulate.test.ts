// What the relay sheet says that a chain of faults does to one write. Counterpart: test/engine, where the engine does it.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Fault, FaultAction } from '../../preload/contract/faults.ts'
import { faultKinds } from '../../preload/contract/faults.ts'
import { freshActions } from '../../renderer/relay/kinds.ts'
import { simulate, tellingBytes } from '../../renderer/relay/simulate.ts'

const fault = (action: FaultAction, more: Partial<Fault> = {}): Fault => ({
  name: action.kind,
  on: true,
  toxicity: 1,
  seed: 1,
  action,
  trigger: null,
  ...more,
})
const run = (bytes: number, ...actions: FaultAction[]) =>
  simulate(
    actions.map((action) => fault(action)),
    bytes,
  )
const times = (simulated: ReturnType<typeof simulate>) => simulated.leaving.map(({ atMs }) => atMs)

describe('A simulated write', () => {
  it('leaves at once and whole where no fault is on', () => {
    const off = fault(freshActions.drop, { on: false })
    const never = fault(freshActions.drop, { toxicity: 0 })
    const { leaving, ending, lostBytes } = simulate([off, never], 98)
    expect(leaving).toEqual([{ atMs: 0, earliestMs: 0, latestMs: 0, bytes: 98 }])
    expect([ending, lostBytes]).toEqual([null, 0])
  })

  it('leaves within the jitter around the delay', () => {
    expect(run(98, freshActions.latency).leaving).toEqual([{ atMs: 120, earliestMs: 90, latestMs: 150, bytes: 98 }])
    expect(run(98, { kind: 'latency', delayMs: 10, jitterMs: 30 }).leaving[0]).toMatchObject({ earliestMs: 0 })
  })

  it('takes as long as its size and the rate say, and is cut behind it', () => {
    const slow = run(16 * 1024, freshActions.bandwidth)
    expect(times(slow).at(-1)).toBeCloseTo(250)
    const sliced = run(16 * 1024, freshActions.bandwidth, freshActions.slicer)
    expect(sliced.leaving.every(({ bytes }) => bytes <= 1024)).toBe(true)
    expect(times(sliced).at(-1)).toBeCloseTo(250)
    const apart = run(4096, { kind: 'slicer', averageBytes: 1024, variationBytes: 0, delayUs: 10_000 })
    expect(times(apart)).toEqual([0, 10, 20, 30])
  })

  it('ends where a limit is reached, and waits for ever where it stalls', () => {
    const limited = run(16 * 1024, { kind: 'limit-data', bytes: 4096 }, freshActions.latency)
    expect(limited).toMatchObject({ lostBytes: 12 * 1024, ending: { how: 'close', atMs: 120 } })
    expect(run(100, { kind: 'limit-data', bytes: 4096 }).ending).toBeNull()
    expect(run(16 * 1024, freshActions.stall)).toMatchObject({ stuckBytes: 12 * 1024, ending: null })
    expect(run(98, freshActions.timeout)).toMatchObject({ leaving: [], lostBytes: 98, ending: { atMs: 1000 } })
    expect(run(98, { kind: 'timeout', timeoutMs: 0 })).toMatchObject({ lostBytes: 98, ending: null })
  })

  it('leaves before an end in order, which waits behind it, where it was past the fault by then', () => {
    const limit: FaultAction = { kind: 'limit-time', afterMs: 100 }
    expect(run(98, limit, freshActions.latency)).toMatchObject({ lostBytes: 0, ending: { how: 'close', atMs: 220 } })
    expect(run(98, freshActions.latency, limit)).toMatchObject({ lostBytes: 98, ending: { how: 'close', atMs: 100 } })
  })

  it('loses what would leave after the pair was reset', () => {
    const late = run(98, freshActions.latency, { kind: 'reset-peer', timeoutMs: 100 })
    expect(late).toMatchObject({ leaving: [], lostBytes: 98, ending: { how: 'reset', atMs: 100 } })
  })

  it('tells what is left to chance: bits, and the part of the pairs', () => {
    const simulated = simulate(
      [
        fault({ kind: 'corrupt', bitRate: 0.01 }, { toxicity: 0.5 }),
        fault(freshActions['slow-close'], { toxicity: 0.5 }),
      ],
      1000,
    )
    expect(simulated).toMatchObject({ flippedBits: 80, share: 0.25, endLaterMs: 1000, onMatch: false })
  })

  it('loses no byte untold, and leaves in order, whatever the chain', () => {
    const actions = fc.array(
      fc.oneof(
        fc.constantFrom(...faultKinds.map((kind): FaultAction => freshActions[kind])),
        fc.record({
          kind: fc.constant('latency' as const),
          delayMs: fc.nat(1000),
          jitterMs: fc.nat(1000),
        }),
        fc.record({
          kind: fc.constant('slicer' as const),
          averageBytes: fc.integer({ min: 1, max: 5000 }),
          variationBytes: fc.nat(10),
          delayUs: fc.nat(10_000),
        }),
        fc.record({ kind: fc.constant('bandwidth' as const), bytesPerSecond: fc.integer({ min: 1, max: 1e6 }) }),
      ),
      { maxLength: 5 },
    )
    fc.assert(
      fc.property(actions, fc.integer({ min: 1, max: 65_536 }), (chain, bytes) => {
        const simulated = run(bytes, ...chain)
        const left = simulated.leaving.reduce((sum, piece) => sum + piece.bytes, 0)
        expect(left + simulated.lostBytes + simulated.stuckBytes).toBe(bytes)
        for (const [i, piece] of simulated.leaving.entries()) {
          expect(piece.earliestMs).toBeLessThanOrEqual(piece.atMs)
          expect(piece.latestMs).toBeGreaterThanOrEqual(piece.atMs)
          if (i > 0) expect(piece.atMs).toBeGreaterThanOrEqual(simulated.leaving[i - 1]!.atMs)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('is as large as it takes to show what the chain does', () => {
    expect(tellingBytes([fault(freshActions.latency)])).toBe(98)
    expect(tellingBytes([fault(freshActions.slicer)])).toBe(16 * 1024)
    expect(tellingBytes([fault(freshActions.slicer, { on: false })])).toBe(98)
  })
})
