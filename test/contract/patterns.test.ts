// What patterns find, what they cannot be, and where that stands in their text. Counterparts: preload/contract/patterns.ts,
// pattern-parts.ts, stream-finder.ts.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { patternWindowBytes } from '../../preload/contract/pattern-parts.ts'
import { compilePattern, type Matcher, type Pattern } from '../../preload/contract/patterns.ts'
import { createStreamFinder } from '../../preload/contract/stream-finder.ts'

const latin1 = (text: string) => Uint8Array.from(Buffer.from(text, 'latin1'))
const text = (bytes: Uint8Array | null | undefined) => (bytes == null ? null : Buffer.from(bytes).toString('latin1'))

const compiled = (match: Pattern['match'], pattern: string): Matcher => {
  const result = compilePattern({ match, text: pattern })
  if (!result.ok) throw new Error(result.failure.message)
  return result.value
}
const place = (match: Pattern['match'], pattern: string, message: string) => {
  const found = compiled(match, pattern)(latin1(message))
  return found === null ? null : [found.start, found.end]
}

describe('patterns', () => {
  it.each([
    ['always', '', 'abc', [0, 3]],
    ['always', '', '', [0, 0]],
    ['exact', 'a\\r\\n', 'a\r\n', [0, 3]],
    ['exact', 'a', 'ab', null],
    ['exact', '', '', [0, 0]],
    ['contains', 'bc', 'abcbc', [1, 3]],
    ['contains', 'aab', 'aaab', [1, 4]],
    ['contains', 'x', 'abc', null],
    ['prefix', 'ab', 'abc', [0, 2]],
    ['prefix', 'bc', 'abc', null],
    ['suffix', 'bc', 'abc', [1, 3]],
    ['suffix', 'abcd', 'bcd', null],
    ['regex', 'b+', 'abbc', [1, 3]],
    ['regex', '^\\xff$', '\xff', [0, 1]],
    ['hex', '41 42', 'xAB', [1, 3]],
    ['hex', '4? ?2', 'xAB', [1, 3]],
    ['hex', '4?', 'x1', null],
    ['hex', '??', '\xfe', [0, 1]],
  ] as const)('%s %j in %j lies at %j', (match, pattern, message, expected) => {
    expect(place(match, pattern, message)).toEqual(expected)
  })

  it('tells what groups of a regular expression found, as bytes', () => {
    const found = compiled('regex', '(?<verb>GET|SET) (\\S+)( .*)?')(latin1('SET k\xe9y'))!
    expect(found.groups.map(text)).toEqual(['SET k\xe9y', 'SET', 'k\xe9y', null])
    expect(text(found.named['verb'])).toBe('SET')
    const { groupCount, groupNames } = compiled('regex', '(?<verb>GET|SET) (\\S+)( .*)?')
    expect([groupCount, groupNames]).toEqual([3, ['verb']])
  })

  it.each([
    ['contains', 'ab', 'abxabab', [0, 3, 5]],
    ['contains', 'aa', 'aaaaa', [0, 2]],
    ['regex', 'x*', 'axxb', [0, 1, 3, 4]],
    ['regex', '^a', 'aa', [0]],
    ['hex', '6?', 'a-b', [0, 2]],
    ['suffix', 'a', 'aa', [1]],
    ['prefix', 'a', 'aa', [0]],
    ['always', '', 'aa', [0]],
  ] as const)('finds every %s %j in %j', (match, pattern, message, starts) => {
    const startsOf = (limit: number) =>
      [...compiled(match, pattern).all(latin1(message), limit)].map((found) => found.start)
    expect(startsOf(10)).toEqual(starts)
    expect(startsOf(1)).toEqual(starts.slice(0, 1))
  })

  it.each([
    ['contains', '', 0, 0, 'The pattern is empty'],
    ['contains', 'ab\\q', 2, 2, '\\q is no escape'],
    ['regex', 'GET (\\w+', 4, 1, 'Unterminated group'],
    ['regex', 'a[bc', 1, 1, 'Unterminated character class'],
    ['regex', 'ab)c', 2, 1, 'Unmatched'],
    ['regex', 'ab**', 3, 1, 'Nothing to repeat'],
    ['regex', 'x[z-a]', 4, 1, 'Range out of order'],
    ['regex', 'abc\\', 3, 1, 'at end of pattern'],
    ['hex', '41 4', 3, 1, '“4” has no second digit'],
    ['hex', '41 zz', 3, 1, '“z” is neither a hex digit'],
    ['hex', ' , ', 0, 3, 'The pattern has no bytes'],
    ['hex', '4? '.repeat(1025), 0, 3075, 'at most 1024 bytes'],
  ] as const)('says what is wrong with %s %j, and where', (match, pattern, at, span, words) => {
    const result = compilePattern({ match, text: pattern })
    expect(result).toMatchObject({ ok: false, failure: { code: 'bad-argument', at, span } })
    expect(!result.ok && result.failure.message).toContain(words)
  })

  it('looks at the first 64 KiB of a message where a pattern may cost more than a step a byte', () => {
    const message = `${' '.repeat(patternWindowBytes - 1)}AB`
    expect(place('regex', 'A', message)).not.toBe(null)
    expect(place('regex', 'B', message)).toBe(null)
    expect(place('hex', '4? 4?', message)).toBe(null)
    expect(place('hex', '42', message)).not.toBe(null)
    expect(place('contains', 'B', message)).not.toBe(null)
  })

  it('finds bytes wherever Buffer.indexOf does', () => {
    const few = fc.array(fc.constantFrom(65, 66), { minLength: 1, maxLength: 6 }).map((bytes) => Buffer.from(bytes))
    fc.assert(
      fc.property(few, fc.array(fc.constantFrom(65, 66), { maxLength: 60 }), (wanted, message) => {
        const found = compiled('contains', wanted.toString('latin1'))(Uint8Array.from(message))
        expect(found?.start ?? -1).toBe(Buffer.from(message).indexOf(wanted))
      }),
    )
  })
})

describe('patterns in a stream', () => {
  const push = (match: Pattern['match'], pattern: string, ...chunks: string[]) => {
    const finder = createStreamFinder(compiled(match, pattern))
    for (const [i, chunk] of chunks.entries()) {
      const found = finder.push(latin1(chunk))
      if (found !== null) return { chunk: i, start: found.start, end: found.end, rest: text(finder.rest()) }
    }
    return { rest: text(finder.rest()) }
  }

  it.each([
    ['contains', 'OK\\r\\n', ['+', 'O', 'K\r', '\n+NEXT'], { chunk: 3, start: 1, end: 5, rest: '+NEXT' }],
    ['regex', 'id=(\\d+);', ['xid', '=4', '2;y'], { chunk: 2, start: 1, end: 7, rest: 'y' }],
    ['hex', '4? 42', ['A', 'B'], { chunk: 1, start: 0, end: 2, rest: '' }],
    ['prefix', 'ab', ['a', 'bc'], { chunk: 1, start: 0, end: 2, rest: 'c' }],
    ['prefix', 'b', ['a', 'b'], { rest: 'ab' }],
    ['suffix', '$ ', ['a$ b', '$', ' '], { chunk: 2, start: 4, end: 6, rest: '' }],
    ['exact', 'ab', ['a', 'b'], { chunk: 1, start: 0, end: 2, rest: '' }],
    ['always', '', ['', 'a'], { chunk: 1, start: 0, end: 1, rest: '' }],
  ] as const)('%s %j is found in %j', (match, pattern, chunks, expected) => {
    expect(push(match, pattern, ...chunks)).toEqual(expected)
  })

  it('keeps no more than its window, and still finds what lies in the middle of a large chunk', () => {
    const finder = createStreamFinder(compiled('regex', 'NEEDLE'))
    for (let i = 0; i < 5; i++) expect(finder.push(latin1('.'.repeat(50_000)))).toBe(null)
    expect(finder.window.length).toBe(patternWindowBytes)
    const found = finder.push(latin1(`${'.'.repeat(100_000)}NEEDLE${'.'.repeat(100_000)}`))
    expect(found).toMatchObject({ start: 350_000, end: 350_006 })
    expect(finder.rest().length).toBe(100_000)
  })

  it('finds the same in any chunking, and hands on what came behind it', () => {
    const anyText = fc.array(fc.constantFrom(65, 66), { maxLength: 80 }).map((bytes) => Uint8Array.from(bytes))
    fc.assert(
      fc.property(anyText, fc.integer({ min: 1, max: 7 }), (stream, size) => {
        const whole = createStreamFinder(compiled('contains', 'ABBA'))
        const expected = whole.push(stream)
        const finder = createStreamFinder(compiled('contains', 'ABBA'))
        let found = null
        let from = 0
        for (; from < stream.length && found === null; from += size)
          found = finder.push(stream.slice(from, from + size))
        expect(found?.end).toBe(expected?.end)
        if (found !== null) expect([...finder.rest(), ...stream.slice(from)]).toEqual([...stream.slice(found.end)])
      }),
    )
  })
})
