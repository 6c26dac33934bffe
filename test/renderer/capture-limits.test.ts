// Limits of a recording as they are typed, and names of capture files: what is meant, and what is refused.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CaptureLimits } from '../../preload/contract/captures.ts'
import { checkCommand, minCaptureBytes } from '../../preload/contract/checks.ts'
import { copyName, fileNameOf, withoutExtension } from '../../renderer/capture/file-name.ts'
import { maxSnapBytes, parseLimits, toFields } from '../../renderer/capture/limits.ts'

const gib = 1024 ** 3
const empty = { size: '', unit: 'GiB', days: '', snap: '' } as const

describe('limits as they are typed', () => {
  it('are shown in the unit that suits them, and empty where there is none', () => {
    expect(toFields({ maxBytes: 4 * gib, maxDays: null, snapBytes: null })).toEqual({ ...empty, size: '4' })
    expect(toFields({ maxBytes: 64 * 1024 ** 2, maxDays: 0.5, snapBytes: 0 })).toEqual({
      size: '64',
      unit: 'MiB',
      days: '0.5',
      snap: '0',
    })
    expect(toFields({ maxBytes: Number.MAX_SAFE_INTEGER, maxDays: null, snapBytes: null }).size).toBe('')
  })

  it('may be written with spaces between digits and with either point', () => {
    expect(parseLimits({ size: ' 1 024 ', unit: 'MiB', days: '0,5', snap: '65 536' }).limits).toEqual({
      maxBytes: gib,
      maxDays: 0.5,
      snapBytes: 65_536,
    })
    expect(parseLimits(empty).limits).toEqual({
      maxBytes: Number.MAX_SAFE_INTEGER,
      maxDays: null,
      snapBytes: null,
    })
  })

  it.each([
    { fields: { ...empty, size: '7.9', unit: 'MiB' as const }, problems: { size: 'size' } },
    { fields: { ...empty, size: '-4' }, problems: { size: 'size' } },
    { fields: { ...empty, size: '1e3' }, problems: { size: 'size' } },
    { fields: { ...empty, size: '99999999999' }, problems: { size: 'sizeTooLarge' } },
    { fields: { ...empty, days: '0' }, problems: { days: 'days' } },
    { fields: { ...empty, days: '36501' }, problems: { days: 'days' } },
    { fields: { ...empty, days: 'soon', snap: '1.5' }, problems: { days: 'days', snap: 'snap' } },
    { fields: { ...empty, snap: String(maxSnapBytes + 1) }, problems: { snap: 'snap' } },
  ])('are refused field by field: $fields', ({ fields, problems }) => {
    expect(parseLimits(fields)).toEqual({ limits: null, problems })
  })

  it('are taken by the host whenever the page takes them', () => {
    const typed = fc.oneof(fc.string({ maxLength: 12 }), fc.double({ noNaN: true }).map(String), fc.nat().map(String))
    fc.assert(
      fc.property(typed, fc.constantFrom('MiB' as const, 'GiB' as const), typed, typed, (size, unit, days, snap) => {
        const { limits } = parseLimits({ size, unit, days, snap })
        return limits === null || checkCommand('setCaptureLimits', { limits }).ok
      }),
    )
  })

  it('come back as they were, to three digits behind the point', () => {
    const limits: fc.Arbitrary<CaptureLimits> = fc.record({
      maxBytes: fc.integer({ min: minCaptureBytes, max: 2 ** 45 }),
      maxDays: fc.option(fc.integer({ min: 1, max: 36_500_000 }).map((thousandths) => thousandths / 1000)),
      snapBytes: fc.option(fc.integer({ min: 0, max: maxSnapBytes })),
    })
    fc.assert(
      fc.property(limits, (before) => {
        const after = parseLimits(toFields(before)).limits
        const unit = before.maxBytes >= gib ? gib : 1024 ** 2
        // Half of a thousandth of the unit; at the lower edge that may be below what a capture has at least.
        if (after === null) return before.maxBytes < minCaptureBytes + unit / 1000
        return (
          Math.abs(after.maxBytes - before.maxBytes) <= unit / 1000 &&
          after.maxDays === before.maxDays &&
          after.snapBytes === before.snapBytes
        )
      }),
    )
  })
})

describe('names of capture files', () => {
  it('are shown and typed without the extension that all have', () => {
    expect(withoutExtension('2026-11-22 21.33.58.wireloop')).toBe('2026-11-22 21.33.58')
    expect(withoutExtension('other.db')).toBe('other.db')
    expect(copyName('a.wireloop')).toBe('a copy')
    expect(fileNameOf(' kept ')).toBe('kept.wireloop')
    expect(fileNameOf('kept.wireloop')).toBe('kept.wireloop')
  })

  it.each(['', ' ', '.', '..', '../kept', 'a/b', 'a\\b', 'c:d', 'a*', 'tab\there', '.hidden', 'a'.repeat(181)])(
    '%j is none',
    (typed) => {
      expect(fileNameOf(typed)).toBeNull()
    },
  )

  it('that the page takes are plain file names to the host too', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (typed) => {
        const name = fileNameOf(typed)
        return name === null || checkCommand('saveCapture', { capture: 'x', name }).ok
      }),
    )
  })
})
