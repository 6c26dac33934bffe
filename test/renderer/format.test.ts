// Numbers, sizes and times as the screen writes them.
import { describe, expect, test } from 'vitest'
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  formatSize,
  formatWallClock,
  splitSeconds,
} from '../../renderer/ui/format.ts'

/** Narrow no-break spaces as plain ones, which are easier to read here. */
const plain = (text: string) => text.replaceAll('\u202f', ' ')

test('counts are grouped in threes by a space that keeps the number together', () => {
  expect([0, 999, 1000, 16_384, 1_234_567].map((count) => plain(formatCount(count)))).toEqual([
    '0',
    '999',
    '1 000',
    '16 384',
    '1 234 567',
  ])
  expect(formatCount(16_384)).toContain('\u202f')
})

test('bytes are exact', () => {
  expect(plain(formatBytes(16_384))).toBe('16 384 B')
})

test('sizes and rates have at most three digits and name their unit', () => {
  const sizes = [0, 248, 999, 1000, 1434, 93_184, 1_023_999, 1024 ** 2 * 1.5, 1024 ** 3 * 64, 1024 ** 4 * 2]
  expect(sizes.map((size) => plain(formatSize(size)))).toEqual([
    '0 B',
    '248 B',
    '999 B',
    '1.0 KiB',
    '1.4 KiB',
    '91 KiB',
    '1.0 MiB',
    '1.5 MiB',
    '64 GiB',
    '2.0 TiB',
  ])
  expect(plain(formatRate(93_184))).toBe('91 KiB/s')
})

describe('a moment', () => {
  test('is split where the microseconds begin', () => {
    expect(splitSeconds(5008.431)).toEqual(['5.008', '431'])
    expect(splitSeconds(0)).toEqual(['0.000', '000'])
    expect(splitSeconds(3_600_000.0005).map(plain)).toEqual(['3 600.000', '001'])
  })

  test('carries when it is rounded', () => {
    expect(splitSeconds(1999.9996)).toEqual(['2.000', '000'])
  })

  test('before the start has its sign', () => {
    expect(splitSeconds(-1.5)).toEqual(['-0.001', '500'])
  })
})

test('a length of time is in the unit that suits it', () => {
  const lengths = [0, 0.0421, 0.442, 18.02, 804.6, 1548, 125_000, 3_660_000]
  expect(lengths.map((ms) => plain(formatDuration(ms)))).toEqual([
    '0 µs',
    '42 µs',
    '442 µs',
    '18.02 ms',
    '804.6 ms',
    '1.548 s',
    '2 min 05 s',
    '1 h 01 min',
  ])
  // A table's column is as wide as `12 min 05 s` with narrow spaces, and it must not break there.
  expect(lengths.map((ms) => formatDuration(ms)).join('')).not.toContain(' ')
})

test('the wall clock is local and has milliseconds', () => {
  const moment = new Date(2026, 10, 22, 4, 3, 2, 8).getTime()
  expect(formatWallClock(moment)).toBe('04:03:02.008')
})
