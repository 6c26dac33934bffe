// “Go to” as people write it: numbers of events, and times.
import { expect, test } from 'vitest'
import { parseTarget } from '../../renderer/event-log/go-to.ts'

test.each([
  ['#12345', { seq: 12_345 }],
  ['12345', { seq: 12_345 }],
  [' # 12 345 ', { seq: 12_345 }],
  ['5.008', { at: 5008 }],
  ['5.008431 s', { at: 5008.431 }],
  ['90ms', { at: 90 }],
  ['250 µs', { at: 0.25 }],
  ['2 min', { at: 120_000 }],
  ['1.5h', { at: 5_400_000 }],
  ['2:03', { at: 123_000 }],
  ['1:02:03.5', { at: 3_723_500 }],
])('reads %s', (text, target) => {
  const parsed = parseTarget(text)
  if ('at' in target) expect(parsed).toEqual({ at: expect.closeTo(target.at, 6) })
  else expect(parsed).toEqual(target)
})

test.each(['', 'now', '#', '5 parsecs', '1:2:3:4', '-3', '0x10'])('does not read %j', (text) => {
  expect(parseTarget(text)).toBe(null)
})
