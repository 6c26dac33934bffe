// A relay's lab while it is edited: the order of its faults, what is taken away and brought back, and their values as written.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkSpec } from '../../preload/contract/checks.ts'
import { faultKinds } from '../../preload/contract/faults.ts'
import {
  draftOf,
  faultsOn,
  labOf,
  withBack,
  withChanged,
  withFault,
  withMoved,
  without,
  withReplacement,
} from '../../renderer/relay/chain.ts'
import { faultFields, fieldValue, freshActions, toxicityField, withValue } from '../../renderer/relay/kinds.ts'
import { parseQuantity, showQuantity, stepQuantity } from '../../renderer/relay/quantities.ts'

const relay = {
  role: 'relay',
  name: 'r',
  host: '::1',
  port: 1,
  upstreamHost: '::1',
  upstreamPort: 1,
  connectTimeoutMs: 1,
}

describe('A chain of faults that is edited', () => {
  it('is nothing at all until something is put into it', () => {
    const empty = draftOf(undefined)
    expect(labOf(empty)).toBeUndefined()
    const intercepting = { ...empty.upstream, intercept: { ...empty.upstream.intercept, on: true } }
    expect(labOf({ ...empty, upstream: intercepting })).toBeDefined()
  })

  it('takes every kind as it is made new, each under a name of its own', () => {
    let flow = draftOf(undefined).upstream
    for (const kind of [...faultKinds, ...faultKinds]) flow = withFault(flow, kind, 7)
    flow = withReplacement(withReplacement(flow, 'replace'), 'replace')
    const replacements = withChanged(flow.replacements, flow.replacements[0]!.key, {
      ...flow.replacements[0]!.value,
      pattern: { match: 'always' as const, text: '' },
    })
    const lab = labOf({ upstream: { ...flow, replacements: replacements.slice(0, 1) }, downstream: flow })!
    expect(new Set(lab.upstream.faults.map(({ name }) => name)).size).toBe(26)
    const whole = { ...lab, downstream: { ...lab.downstream, replacements: [] } }
    expect(checkSpec({ ...relay, lab: whole })).toMatchObject({ ok: true })
    expect(faultsOn(whole)).toBe(52)
    expect(labOf(draftOf(whole))).toEqual(whole)
  })

  it('has what was taken away back at its place', () => {
    const flow = faultKinds.slice(0, 4).reduce((draft, kind) => withFault(draft, kind, 1), draftOf(undefined).upstream)
    fc.assert(
      fc.property(fc.nat(3), fc.nat(5), (taken, to) => {
        const item = flow.faults[taken]!
        expect(withBack(without(flow.faults, item.key), item, taken)).toEqual(flow.faults)
        expect(withBack(flow.faults, item, 0)).toEqual(flow.faults)
        const moved = withMoved(flow.faults, item.key, to)
        expect(moved.indexOf(item)).toBe(Math.min(to, 3))
        expect(without(moved, item.key)).toEqual(without(flow.faults, item.key))
      }),
    )
  })
})

describe('A value of a fault', () => {
  const fields = faultKinds.flatMap((kind) => faultFields[kind].map((field) => ({ kind, field })))

  it('is read back as it is shown', () => {
    for (const { kind, field } of fields) {
      const shown = showQuantity(field.unit, fieldValue(freshActions[kind], field))
      expect(parseQuantity(shown.number, field, shown.unit)).toEqual({
        ok: true,
        value: fieldValue(freshActions[kind], field),
      })
    }
    fc.assert(
      fc.property(fc.nat(2 ** 31), (bytes) => {
        const field = faultFields['limit-data'][0]!
        const { number, unit } = showQuantity('bytes', bytes)
        expect(parseQuantity(`${number} ${unit}`, field, 'B')).toEqual({ ok: true, value: bytes })
      }),
    )
  })

  it('takes the units that people write, and says what is wrong with others', () => {
    const size = faultFields.bandwidth[0]!
    const time = faultFields.latency[0]!
    for (const [text, value] of [
      ['64', 65_536],
      ['64 KiB', 65_536],
      ['64k', 65_536],
      ['64 KB', 64_000],
      ['1.5M', 1_572_864],
      ['16 384 B', 16_384],
    ] as const)
      expect(parseQuantity(text, size, 'KiB')).toEqual({ ok: true, value })
    expect(parseQuantity('1.5 s', time, 'ms')).toEqual({ ok: true, value: 1500 })
    expect(parseQuantity('5', toxicityField, '%')).toEqual({ ok: true, value: 0.05 })
    for (const [text, problem] of [
      ['', 'unreadable'],
      ['fast', 'unreadable'],
      ['5 parsecs', 'unreadable'],
      ['0.3 B', 'not-whole'],
      ['0', 'too-small'],
      ['9e20', 'too-large'],
    ] as const)
      expect(parseQuantity(text, size, 'KiB')).toEqual({ ok: false, problem })
  })

  it('steps in the unit that it is shown in, and within its bounds', () => {
    const [size, time] = [faultFields.bandwidth[0]!, faultFields.latency[0]!]
    expect(stepQuantity(size, 65_536, 1)).toBe(66_560)
    expect(stepQuantity(time, 120, -10)).toBe(110)
    expect(stepQuantity(time, 5, -10)).toBe(0)
    expect(stepQuantity(toxicityField, 1, 1)).toBe(1)
    expect(stepQuantity(toxicityField, 0.05, 1)).toBe(0.06)
    for (const { kind, field } of fields)
      for (const by of [1, -1]) {
        const next = stepQuantity(field, fieldValue(freshActions[kind], field), by)
        expect(
          checkSpec({
            ...relay,
            lab: labOf({
              ...draftOf(undefined),
              upstream: {
                ...draftOf(undefined).upstream,
                faults: [
                  {
                    key: 1,
                    value: {
                      name: 'a',
                      on: true,
                      toxicity: 1,
                      seed: 1,
                      trigger: null,
                      action: withValue(freshActions[kind], field, next),
                    },
                  },
                ],
              },
            }),
          }),
        ).toMatchObject({ ok: true })
      }
  })
})
