// Text in other encodings: the bytes are those that ICU reads back, what cannot be written is named where it stands.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { textEncodings } from '../../preload/contract/encodings.ts'
import { decodeText, encodeAscii, encodeEnding, encodeText } from '../../preload/contract/encodings-codec.ts'
import { formatHex } from '../../preload/contract/notation.ts'
import { expandMessage } from '../../preload/contract/runs-expand.ts'
import { readMessage, runMessage } from '../../preload/contract/runs-message.ts'

const hexOf = (text: string, encoding: (typeof textEncodings)[number]): string => {
  const encoded = encodeText(text, encoding)
  if (!encoded.ok) throw new Error(encoded.message)
  return formatHex(encoded.bytes)
}

describe('Text', () => {
  it.each([
    ['utf-8', '가힣', 'ea b0 80 ed 9e a3'],
    ['euc-kr', '한글', 'c7 d1 b1 db'],
    // In CP949 (UHC), not in KS X 1001.
    ['euc-kr', '똠방', '8c 63 b9 e6'],
    ['gbk', '中文', 'd6 d0 ce c4'],
    ['shift_jis', 'テスト', '83 65 83 58 83 67'],
    ['latin1', 'café', '63 61 66 e9'],
    ['utf-16le', 'A한😀', '41 00 5c d5 3d d8 00 de'],
    ['utf-16be', 'A한😀', '00 41 d5 5c d8 3d de 00'],
  ] as const)('in %s: %s is %s', (encoding, text, hex) => {
    expect(hexOf(text, encoding)).toBe(hex)
  })

  it('writes an escaped character in the encoding, and an escaped byte as it is', () => {
    expect(hexOf('a\\r\\n\\xff', 'utf-16le')).toBe('61 00 0d 00 0a 00 ff')
    expect(hexOf('한\\n\\x00', 'euc-kr')).toBe('c7 d1 0a 00')
    expect(formatHex(encodeEnding('crlf', 'utf-16be'))).toBe('00 0d 00 0a')
    expect(formatHex(encodeEnding('crlf', 'gbk'))).toBe('0d 0a')
  })

  it.each([
    ['latin1', 'naïve €5', 6, '€'],
    ['euc-kr', 'ab 한글 😀', 6, '😀'],
    ['gbk', '中\\n文 가', 5, '가'],
    ['shift_jis', '\\x41あ한', 5, '한'],
  ] as const)('in %s names the character that cannot be written, at its place: %s', (encoding, text, at, character) => {
    expect(encodeText(text, encoding)).toMatchObject({
      ok: false,
      at,
      span: character.length,
      message: expect.stringContaining(`“${character}”`),
    })
  })

  it('names a wrong escape as in UTF-8', () => {
    for (const encoding of textEncodings) expect(encodeText('한\\q', encoding)).toMatchObject({ ok: false, at: 1 })
  })

  it('is read as it was written, whatever can be written', () => {
    const encodings = ['latin1', 'euc-kr', 'gbk', 'shift_jis', 'utf-16le', 'utf-16be'] as const
    // Of the whole plane of common characters, in steps: all of it would take seconds.
    for (const encoding of encodings)
      for (let point = 0x20; point < 0xd800; point += 7) {
        const character = String.fromCodePoint(point)
        const encoded = encodeText(character, encoding)
        // The standard's Shift_JIS writes three characters that it reads as others.
        if (!encoded.ok || character === '\\' || '¥‾−'.includes(character)) continue
        const read = decodeText(encoded.bytes, encoding)
        if (!read.startsWith('\\x')) expect(read).toBe(character)
        expect(encodeText(read, encoding)).toEqual(encoded)
      }
  })

  it('comes back from bytes as text that stands for the same bytes, in every encoding', () => {
    fc.assert(
      fc.property(fc.constantFrom(...textEncodings), fc.uint8Array({ maxLength: 40 }), (encoding, bytes) => {
        const again = encodeText(decodeText(bytes, encoding), encoding)
        expect(again).toEqual({ ok: true, bytes })
      }),
    )
    expect(decodeText(Uint8Array.of(0xc7, 0xd1, 0x0d, 0x0a), 'euc-kr')).toBe('한\\r\\n')
  })
})

describe('A macro', () => {
  it('is written in the encoding of its message, and its line ending too', () => {
    const read = readMessage({ text: 'n={{counter}}', mode: 'text', encoding: 'utf-16le', ending: 'lf' })
    if (!read.ok) throw new Error(read.message)
    const bytes = expandMessage(
      runMessage(read, () => new Uint8Array(0)),
      12,
    )
    expect(new TextDecoder('utf-16le').decode(bytes)).toBe('n=12\n')
    expect(encodeAscii('12', 'utf-16be')).toEqual(Uint8Array.of(0, 0x31, 0, 0x32))
  })

  it('takes the bytes of a file as they are', () => {
    const read = readMessage({ text: 'a{{file:/x}}b', mode: 'text', encoding: 'utf-8', ending: 'none' })
    if (!read.ok) throw new Error(read.message)
    expect(read.template.files).toEqual(['/x'])
    expect(
      expandMessage(
        runMessage(read, () => Uint8Array.of(0, 255)),
        1,
      ),
    ).toEqual(Uint8Array.of(0x61, 0, 255, 0x62))
  })

  it('that there is not is named where it stands', () => {
    expect(readMessage({ text: 'ab {{nope}}', mode: 'text', encoding: 'euc-kr', ending: 'none' })).toMatchObject({
      ok: false,
      at: 3,
      span: 8,
    })
  })
})
