// Bytes as the inspector and the table show them: a peer's bytes never come out as anything but harmless text.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseEscapes } from '../../preload/contract/notation.ts'
import { textParts } from '../../renderer/ui/text-parts.ts'
import { dumpRows, firstShown, mostShown, nextShown } from '../../renderer/workbench/inspector/hex-dump.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const endings = { 'CR,LF': '\r\n', CR: '\r', LF: '\n' } as const

describe('bytes as text', () => {
  test('have their line ends as tokens, CR LF as one', () => {
    expect(textParts(bytes('a\r\nb\rc\n'))).toEqual([
      { kind: 'plain', text: 'a' },
      { kind: 'line-end', names: ['CR', 'LF'] },
      { kind: 'plain', text: 'b' },
      { kind: 'line-end', names: ['CR'] },
      { kind: 'plain', text: 'c' },
      { kind: 'line-end', names: ['LF'] },
    ])
  })

  test('have what cannot be shown as escapes, neighbours together', () => {
    expect(textParts(Uint8Array.of(0x61, 0x00, 0xff, 0x1b, 0x62))).toEqual([
      { kind: 'plain', text: 'a' },
      { kind: 'escaped', text: '\\0\\xff\\x1b' },
      { kind: 'plain', text: 'b' },
    ])
  })

  test('keep text of any language', () => {
    expect(textParts(bytes('grüße 👋'))).toEqual([{ kind: 'plain', text: 'grüße 👋' }])
  })

  test('say exactly the bytes they were made from, and hold no control character', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (any) => {
        const parts = textParts(any)
        const said = parts.map((part) =>
          part.kind === 'line-end' ? endings[part.names.join(',') as keyof typeof endings] : part.text,
        )
        const back = parseEscapes(said.join(''))
        expect(back.ok && back.bytes).toEqual(any)
        for (const part of parts) if (part.kind !== 'line-end') expect(part.text).not.toMatch(/\p{Cc}|\p{Cf}/u)
      }),
    )
  })
})

describe('a hex dump', () => {
  test('has eight bytes a line with a gap in the middle, and dims what does not print', () => {
    expect(dumpRows(bytes('+PONG\r\n$2'), 128)).toEqual([
      {
        offset: '0000',
        runs: [
          { text: '2B 50 4F 4E  47', quiet: false, marked: false },
          { text: ' 0D 0A', quiet: true, marked: false },
          { text: ' 24', quiet: false, marked: false },
        ],
        characters: '+PONG··$',
      },
      { offset: '0008', runs: [{ text: '32', quiet: false, marked: false }], characters: '2' },
    ])
  })

  test('marks bytes, and not the spaces around them', () => {
    const [row] = dumpRows(bytes('+PONG!'), 128, (offset) => offset >= 1 && offset < 5)
    expect(row?.runs).toEqual([
      { text: '2B ', quiet: false, marked: false },
      { text: '50 4F 4E  47', quiet: false, marked: true },
      { text: ' 21', quiet: false, marked: false },
    ])
    expect(dumpRows(bytes('PONG'), 128, () => true)[0]?.runs).toEqual([
      { text: '50 4F 4E 47', quiet: false, marked: true },
    ])
  })

  test('stops where it is told to, and widens its offsets where it must', () => {
    expect(dumpRows(new Uint8Array(100), 12)).toHaveLength(2)
    expect(dumpRows(new Uint8Array(0x10008), 0x10008).at(-1)?.offset).toBe('10000')
  })

  test('shows four times as much each time, up to its limit', () => {
    expect(nextShown(firstShown, 228, mostShown)).toBe(228)
    expect(nextShown(firstShown, 1_000_000, mostShown)).toBe(512)
    expect(nextShown(mostShown, 1_000_000, mostShown)).toBe(mostShown)
  })
})
