// A held chunk as text that is edited: its bytes there and back, and what of it was changed.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editTextOf, parseEdited, tokensOf } from '../../renderer/relay/edit-text.ts'
import { diffTokens, mostChanges } from '../../renderer/relay/token-diff.ts'

const bytesOf = (text: string) => new TextEncoder().encode(text)

describe('The text of a held chunk', () => {
  it('stands for the same bytes, whatever they are', () => {
    const anyBytes = fc.oneof(
      fc.uint8Array({ maxLength: 500 }),
      fc
        .array(fc.constantFrom('\r\n', '\n', '\r', 'GET /', '\\n', '\\', 'é', '\0'), { maxLength: 30 })
        .map((parts) => bytesOf(parts.join(''))),
    )
    fc.assert(
      fc.property(anyBytes, fc.constantFrom('text' as const, 'hex' as const), (bytes, mode) => {
        const parsed = parseEdited(editTextOf(bytes, mode), mode)
        expect(parsed).toEqual({ ok: true, bytes })
      }),
    )
  })

  it('has a line for each line of the chunk, and breaks what has none', () => {
    expect(editTextOf(bytesOf('GET / HTTP/1.1\r\nHost: a\r\n\r\nbody\\n'), 'text')).toBe(
      'GET / HTTP/1.1\\r\\n\nHost: a\\r\\n\n\\r\\n\nbody\\\\n',
    )
    expect(
      editTextOf(new Uint8Array(18), 'hex')
        .split('\n')
        .map((line) => line.length),
    ).toEqual([47, 5])
    const long = editTextOf(new Uint8Array(10_000), 'text').split('\n')
    expect(Math.max(...long.map((line) => line.length))).toBeLessThan(2010)
  })

  it('tells where it stands for no bytes, line breaks counted', () => {
    expect(parseEdited('ab\\r\\n\ncd\\q', 'text')).toMatchObject({ ok: false, at: 9 })
    expect(parseEdited('41 4\n42', 'hex')).toMatchObject({ ok: false, at: 3 })
  })

  it('is compared by words, escapes and pairs of digits', () => {
    expect(tokensOf('Length: 15\\r\\n\n{"a":9.99}', 'text').map(({ text }) => text)).toEqual([
      'Length',
      ':',
      ' ',
      '15',
      '\\r\\n',
      '{',
      '"',
      'a',
      '"',
      ':',
      '9.99',
      '}',
    ])
    expect(tokensOf('4A 4b\n4', 'hex').map(({ text }) => text)).toEqual(['4a', '4b', '4'])
  })
})

describe('What was changed', () => {
  const apply = (a: readonly string[], b: readonly string[]) => {
    const made: string[] = []
    let at = 0
    for (const { aFrom, aTo, bFrom, bTo } of diffTokens(a, b)) {
      made.push(...a.slice(at, aFrom), ...b.slice(bFrom, bTo))
      at = aTo
    }
    return [...made, ...a.slice(at)]
  }

  it('is the words in question and no others', () => {
    const words = (text: string) => tokensOf(text, 'text').map(({ text: word }) => word)
    const a = words('Content-Length: 15\\r\\n{"amount":9.99}')
    const b = words('Content-Length: 16\\r\\n{"amount":99.99}')
    expect(diffTokens(a, b).map((hunk) => [a.slice(hunk.aFrom, hunk.aTo), b.slice(hunk.bFrom, hunk.bTo)])).toEqual([
      [['15'], ['16']],
      [['9.99'], ['99.99']],
    ])
    expect(diffTokens(a, a)).toEqual([])
  })

  it('makes the one text of the other, also beyond the bound', () => {
    const letters = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 60 })
    fc.assert(
      fc.property(letters, letters, (a, b) => {
        expect(apply(a, b)).toEqual(b)
      }),
    )
    const a = Array.from({ length: 2 * mostChanges }, (_, i) => `a${i}`)
    const b = a.map((word) => `${word}!`)
    expect(diffTokens(['same', ...a], ['same', ...b])).toEqual([{ aFrom: 1, aTo: 601, bFrom: 1, bTo: 601 }])
  })

  it('is no more than it takes', () => {
    const letters = fc.array(fc.constantFrom('a', 'b'), { maxLength: 20 })
    const longestCommon = (a: readonly string[], b: readonly string[]): number => {
      let row = new Array<number>(b.length + 1).fill(0)
      for (const letter of a) {
        const next = [0]
        for (const [j, other] of b.entries())
          next.push(letter === other ? row[j]! + 1 : Math.max(row[j + 1]!, next[j]!))
        row = next
      }
      return row.at(-1)!
    }
    fc.assert(
      fc.property(letters, letters, (a, b) => {
        const changed = diffTokens(a, b).reduce((sum, hunk) => sum + hunk.aTo - hunk.aFrom + hunk.bTo - hunk.bFrom, 0)
        expect(changed).toBe(a.length + b.length - 2 * longestCommon(a, b))
      }),
    )
  })
})
