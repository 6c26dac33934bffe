// The filter language: what is read, what is refused and how, and that a filter written out is the same filter again.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatFilter, formatParts } from '../../preload/contract/filter-format.ts'
import {
  allOf,
  anyOf,
  combine,
  type FilterPart,
  type FilterTerm,
  maxFilterDepth,
  parseFilter,
  withEndpointIds,
} from '../../preload/contract/filter-language.ts'
import type { EndpointId } from '../../preload/contract/vocabulary.ts'
import { filterParts } from '../support/filters.ts'

const read = (text: string): FilterPart | null => {
  const parsed = parseFilter(text)
  if (!parsed.ok) throw new Error(parsed.error.message)
  return parsed.part
}
const refused = (text: string) => {
  const parsed = parseFilter(text)
  if (parsed.ok) throw new Error(`${text} was read`)
  return [parsed.error.message, text.slice(parsed.error.at, parsed.error.end)]
}
const kind = (name: string) => ({ by: 'kind', kind: name }) as FilterTerm
const conn = (id: number) => ({ by: 'connection', id }) as FilterTerm

describe('The filter language', () => {
  test('has a term for everything that is known of an event', () => {
    expect(read('kind:data-received')).toEqual(kind('data-received'))
    expect(read('conn:3')).toEqual(conn(3))
    expect(read('connection:#3')).toEqual(conn(3))
    expect(read('endpoint:#2')).toEqual({ by: 'endpoint', id: 2 })
    expect(read('endpoint:redis')).toEqual({ by: 'endpoint-name', name: 'redis' })
    expect(read('endpoint:"my relay"')).toEqual({ by: 'endpoint-name', name: 'my relay' })
    expect(read('dir:in')).toEqual({ by: 'direction', direction: 'in' })
    expect(read('size>1024')).toEqual({ by: 'size', is: '>', bytes: 1024 })
    expect(read('size<4KiB')).toEqual({ by: 'size', is: '<', bytes: 4096 })
    expect(read('size=0')).toEqual({ by: 'size', is: '=', bytes: 0 })
    expect(read('bytes~/PO.G/i')).toEqual({ by: 'bytes', pattern: 'PO.G', ignoreCase: true })
    expect(read('/a b\\/c/')).toEqual({ by: 'bytes', pattern: 'a b\\/c', ignoreCase: false })
    expect(read('hex:"0d 0A ?? 4?"')).toEqual({ by: 'hex', pattern: '0d0a??4?' })
    expect(read('text:"two\\r\\nlines"')).toEqual({ by: 'text', text: 'two\r\nlines' })
    expect(read('cause:reset-by-peer')).toEqual({ by: 'cause', cause: 'reset-by-peer' })
    expect(read('at>5.008')).toEqual({ by: 'at', is: '>', ms: 5008 })
    expect(read('at<90ms')).toEqual({ by: 'at', is: '<', ms: 90 })
    expect(read('at>=1:02:03')).toEqual({ by: 'at', is: '>=', ms: 3_723_000 })
    expect(read('slow>10')).toEqual({ by: 'slow', is: '>', ms: 10 })
    expect(read('marked:')).toEqual({ by: 'marked', note: '' })
    expect(read('marked:later conn:1')).toEqual({ by: 'and', parts: [{ by: 'marked', note: 'later' }, conn(1)] })
    expect(read('PONG')).toEqual({ by: 'text', text: 'PONG' })
    expect(read('http://localhost')).toEqual({ by: 'text', text: 'http://localhost' })
    expect(read('  ')).toBeNull()
  })

  test('takes several of one sort side by side as either, and different sorts as both', () => {
    const either = { by: 'or', parts: [kind('data-sent'), kind('eof-sent')] }
    expect(read('kind:data-sent conn:3 kind:eof-sent')).toEqual({ by: 'and', parts: [either, conn(3)] })
    expect(read('kind:data-sent,eof-sent')).toEqual(either)
    expect(read('kind:data-sent and kind:eof-sent')).toEqual({
      by: 'and',
      parts: [kind('data-sent'), kind('eof-sent')],
    })
    expect(read('kind:data')).toEqual({ by: 'or', parts: [kind('data-received'), kind('data-sent')] })
  })

  test('binds not before and, and and before or', () => {
    expect(read('not conn:1 and conn:2 or conn:3')).toEqual({
      by: 'or',
      parts: [{ by: 'and', parts: [{ by: 'not', part: conn(1) }, conn(2)] }, conn(3)],
    })
    expect(read('!(conn:1 or conn:2)')).toEqual({ by: 'not', part: { by: 'or', parts: [conn(1), conn(2)] } })
  })

  test('says what is wrong, where, and what would be right', () => {
    expect(refused('conn:3 kind:recieved')).toEqual([
      '“recieved” is no kind of event; is eof-received meant?',
      'recieved',
    ])
    expect(refused('kind:received')[0]).toContain('is eof-received meant?')
    expect(refused('bytes~/(/')).toEqual(['This is no regular expression: Unterminated group', '/(/'])
    expect(refused('bytes~/a/x')[0]).toContain('i stands for either case')
    expect(refused('/a')[0]).toBe('The closing / is missing')
    expect(refused('hex:0d0')[0]).toContain('in pairs')
    expect(refused('hex:0g')).toEqual(['“g” is no hex digit (0-9, a-f, ? for any)', '0g'])
    expect(refused('size>big')).toEqual(['A size is a number of bytes: size>1024 or size<4KiB', 'big'])
    expect(refused('kind>data-sent')).toEqual(['kind> means nothing; write kind:', 'kind>data-sent'])
    expect(refused('conn:1 (conn:2')).toEqual(['The closing “)” is missing', '('])
    expect(refused('conn:1)')).toEqual(['There is no “(” for this “)”', ')'])
    expect(refused('conn:1 or')).toEqual(['A term belongs here, for example kind:data-received, not the end', ''])
    expect(refused('text:"a\\q"')[0]).toContain('\\q is no escape')
    expect(refused('('.repeat(5000))[0]).toContain('at most 4096 characters')
    expect(refused('not '.repeat(maxFilterDepth + 1))[0]).toContain('deep')
    expect(refused('a '.repeat(501))[0]).toContain('at most 500 terms')
  })

  test('tells which stretch of the text is which part', () => {
    const text = 'conn:3  (kind:data-sent or /x/) not text:b'
    const parsed = parseFilter(text)
    if (!parsed.ok) throw new Error('not read')
    expect(parsed.pieces.map(({ from, to }) => text.slice(from, to))).toEqual([
      'conn:3',
      '(kind:data-sent or /x/)',
      'not text:b',
    ])
    const whole = parseFilter(' conn:3 or conn:4 ')
    expect(whole.ok && whole.pieces.map(({ from, to }) => [from, to])).toEqual([[1, 17]])
  })

  test('writes a filter so that the same one is read from it', () => {
    fc.assert(
      fc.property(filterParts, (part) => {
        expect(read(formatFilter(part))).toEqual(part)
      }),
      { numRuns: 500 },
    )
  })

  test('means the same taken apart into chips and put together again', () => {
    fc.assert(
      fc.property(fc.array(filterParts, { minLength: 1, maxLength: 4 }), (parts) => {
        const text = formatParts(parts)
        const parsed = parseFilter(text)
        if (!parsed.ok) throw new Error(parsed.error.message)
        expect(parsed.part).toEqual(combine(parts))
        expect(combine(parsed.pieces.map((piece) => piece.part))).toEqual(parsed.part)
      }),
      { numRuns: 300 },
    )
  })

  test('never throws, whatever is typed', () => {
    const pieces = [
      'kind:',
      'conn:3',
      '(',
      ')',
      'or ',
      'and ',
      'not ',
      '"',
      '/',
      '\\',
      'size>',
      'hex:',
      ' ',
      'a',
      '!',
      '~',
      'text:',
    ]
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(fc.constantFrom(...pieces)).map((all) => all.join('')),
        ),
        (text) => {
          const parsed = parseFilter(text)
          if (!parsed.ok) {
            expect(parsed.error.at).toBeLessThanOrEqual(parsed.error.end)
            expect(parsed.error.end).toBeLessThanOrEqual(text.length + 1)
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  test('asks for endpoints by number where it is asked by name', () => {
    const ids = (name: string) => (name === 'Echo' ? [1 as EndpointId, 4 as EndpointId] : [])
    expect(formatFilter(withEndpointIds(read('endpoint:Echo size>1')!, ids))).toBe(
      '(endpoint:#1 or endpoint:#4) size>1',
    )
    expect(formatFilter(withEndpointIds(read('not endpoint:gone')!, ids))).toBe('not endpoint:#4294967295')
  })

  test('keeps to its normal form', () => {
    expect(allOf([conn(1)])).toEqual(conn(1))
    expect(anyOf([conn(1), anyOf([conn(2), conn(3)])])).toEqual({ by: 'or', parts: [conn(1), conn(2), conn(3)] })
  })
})
