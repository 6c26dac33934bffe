// How bytes are written and read: C escapes, hex, line endings. Counterpart: preload/contract/notation.ts.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  concatBytes,
  dumpCharacter,
  formatEscaped,
  formatHex,
  lineEndingBytes,
  lineEndings,
  type Notation,
  parseEscapes,
  parseHex,
} from '../../preload/contract/notation.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)
const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0))

const bytesOf = (notation: Notation): number[] => {
  if (!notation.ok) throw new Error(`expected bytes, but: ${notation.message}`)
  return [...notation.bytes]
}

/** What was marked as wrong, with the message. */
const wrongIn = (text: string, parse: (text: string) => Notation) => {
  const notation = parse(text)
  if (notation.ok) throw new Error(`expected a failure, but got ${notation.bytes.length} bytes`)
  const { at, span, message } = notation
  return { at, marked: text.slice(at, at + span), message }
}

/** 10 MB of text, as somebody might paste it. */
const pasted = (piece: string) => piece.repeat(Math.ceil(10_000_000 / piece.length))

describe('Text with C escapes', () => {
  it.each([
    ['\\0', 0x00],
    ['\\a', 0x07],
    ['\\b', 0x08],
    ['\\t', 0x09],
    ['\\n', 0x0a],
    ['\\v', 0x0b],
    ['\\f', 0x0c],
    ['\\r', 0x0d],
    ['\\e', 0x1b],
    ['\\\\', 0x5c],
    ['\\"', 0x22],
    ["\\'", 0x27],
    ['\\x00', 0x00],
    ['\\x7f', 0x7f],
    ['\\xFf', 0xff],
    ['\\xaB', 0xab],
  ])('%s is one byte', (text, byte) => {
    expect(bytesOf(parseEscapes(text))).toEqual([byte])
  })

  it('is the exact bytes of A, CR, LF, NUL and 0xFF', () => {
    expect(bytesOf(parseEscapes('A\\r\\n\\x00\\xff'))).toEqual([0x41, 0x0d, 0x0a, 0x00, 0xff])
  })

  it('is UTF-8 where it is no escape, up to the last plane', () => {
    expect(bytesOf(parseEscapes('é\\n€😀'))).toEqual([...utf8('é\n€😀')])
  })

  it('takes \\0 as one zero byte, never as the start of an octal number', () => {
    expect(bytesOf(parseEscapes('\\012'))).toEqual([0x00, 0x31, 0x32])
  })

  it('takes exactly two digits after \\x, and goes on with text', () => {
    expect(bytesOf(parseEscapes('\\x414'))).toEqual([0x41, 0x34])
  })

  it('keeps a line break that was typed', () => {
    expect(bytesOf(parseEscapes('a\r\nb'))).toEqual([0x61, 0x0d, 0x0a, 0x62])
  })

  it('is no bytes where it is empty', () => {
    expect(bytesOf(parseEscapes(''))).toEqual([])
  })

  it.each([
    ['\\xZ1', 0, '\\xZ1'],
    ['ab\\xZ1cd', 2, '\\xZ1'],
    ['ok\\n\\x1', 4, '\\x1'],
    ['\\x', 0, '\\x'],
    ['\\x 1', 0, '\\x 1'],
    ['\\x1😀', 0, '\\x1😀'],
    ['\\x😀1', 0, '\\x😀1'],
    ['a\\q', 1, '\\q'],
    ['a\\N', 1, '\\N'],
    ['é\\😀z', 1, '\\😀'],
    ['\\constructor', 0, '\\c'],
    ['abc\\', 3, '\\'],
    ['\\\\\\', 2, '\\'],
  ])('marks what is wrong in %s', (text, at, marked) => {
    expect(wrongIn(text, parseEscapes)).toMatchObject({ at, marked })
  })

  it('does not take the name of an inherited property for an escape', () => {
    expect(bytesOf(parseEscapes('\\toString'))).toEqual([0x09, ...utf8('oString')])
  })

  it('says what would be right', () => {
    expect(wrongIn('\\xZ1', parseEscapes).message).toBe('\\x takes two hex digits, not “Z1”; for example \\x0d')
    expect(wrongIn('\\q', parseEscapes).message).toContain('\\r \\n \\t \\0 \\xNN')
    expect(wrongIn('\\', parseEscapes).message).toContain('\\\\')
  })

  it('never names half a character in its message', () => {
    for (const text of ['\\x😀', '\\x1😀', '\\😀'])
      expect(wrongIn(text, parseEscapes).message.isWellFormed()).toBe(true)
  })

  it('may be 10 MB long, whatever it is made of', () => {
    for (const [piece, byteCount] of [
      ['a', 1],
      ['\\x00', 1],
      ['a\\n', 2],
      ['é', 2],
      ['€\\t', 4],
    ] as const) {
      const text = pasted(piece)
      expect(parseEscapes(text)).toMatchObject({
        ok: true,
        bytes: { length: (text.length / piece.length) * byteCount },
      })
    }
  })

  it('is wrong at its end after 10 MB that were right', () => {
    const text = `${pasted('a\\n')}\\x`
    expect(wrongIn(text, parseEscapes)).toMatchObject({ at: text.length - 2, marked: '\\x' })
  })
})

describe('Hex', () => {
  it.each([
    '48656c6c6f',
    '48 65 6c 6c 6f',
    '48 65 6C 6C 6F',
    '0x48 0x65 0x6c 0x6c 0x6f',
    '0x48,0x65,0X6c,0x6c,0x6f',
    '48:65:6c:6c:6f',
    '48-65-6c-6c-6f',
    '48;65;6c;6c;6f',
    '  4865\n6c6c\r\n\t6f  ',
    '0x48656c6c6f',
  ])('is the same bytes written as %j', (text) => {
    expect(bytesOf(parseHex(text))).toEqual([...utf8('Hello')])
  })

  it('is no bytes where there are only separators', () => {
    expect(bytesOf(parseHex(' ,:;-\n'))).toEqual([])
  })

  it('takes 00 for a byte, and 0x only before a digit', () => {
    expect(bytesOf(parseHex('00'))).toEqual([0])
    expect(bytesOf(parseHex('0x00 0x'.slice(0, 4)))).toEqual([0])
    expect(wrongIn('00 0x', parseHex)).toMatchObject({ at: 3, marked: '0x' })
    expect(wrongIn('00x12', parseHex)).toMatchObject({ at: 2, marked: 'x' })
  })

  it.each([
    ['0g', 0, '0g'],
    ['00 0g', 3, '0g'],
    ['g0', 0, 'g'],
    ['abc', 2, 'c'],
    ['a b', 0, 'a '],
    ['12 3', 3, '3'],
    ['00\n1', 3, '1'],
    ['00 zz', 3, 'z'],
    ['00 😀', 3, '😀'],
    ['00 1😀', 3, '1😀'],
    ['１２', 0, '１'],
  ])('marks what is wrong in %j', (text, at, marked) => {
    expect(wrongIn(text, parseHex)).toMatchObject({ at, marked })
  })

  it('says what would be right', () => {
    expect(wrongIn('0g', parseHex).message).toBe('“0g” is not a pair of hex digits; write 0 as 00')
    expect(wrongIn('abc', parseHex).message).toBe('“c” is not a pair of hex digits; write c as 0c')
    expect(wrongIn('zz', parseHex).message).toBe('“z” is not a hex digit (0-9, a-f)')
    expect(wrongIn('😀', parseHex).message.isWellFormed()).toBe(true)
  })

  it('may be 10 MB long, and wrong at its end', () => {
    for (const piece of ['00', '00 ', '0x00,', ' ']) {
      const text = pasted(piece)
      expect(parseHex(text)).toMatchObject({
        ok: true,
        bytes: { length: piece === ' ' ? 0 : text.length / piece.length },
      })
      expect(wrongIn(`${text}g`, parseHex)).toMatchObject({ at: text.length, marked: 'g' })
    }
  })

  it('reads back what formatHex wrote, for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        expect(bytesOf(parseHex(formatHex(bytes)))).toEqual([...bytes])
      }),
    )
  })

  it('is written as pairs with a space between', () => {
    expect(formatHex(Uint8Array.of())).toBe('')
    expect(formatHex(Uint8Array.of(0))).toBe('00')
    expect(formatHex(Uint8Array.of(0, 15, 255))).toBe('00 0f ff')
  })
})

describe('Bytes shown as text', () => {
  it.each([
    ['Hello World!', 'Hello World!'],
    ['a\r\n\t\0b', 'a\\r\\n\\t\\0b'],
    ['C:\\temp', 'C:\\\\temp'],
    ['\x1b[2Jgone\x07', '\\x1b[2Jgone\\x07'],
    ['\x7f\x80\xff', '\\x7f\\x80\\xff'],
  ])('shows %j as %j', (text, shown) => {
    expect(formatEscaped(latin1(text))).toBe(shown)
  })

  it('shows letters and signs of every script as they are', () => {
    expect(formatEscaped(utf8('naïve — 日本語 עברית ½ 😀'))).toBe('naïve — 日本語 עברית ½ 😀')
  })

  it.each([
    ['\u202e', 'right-to-left override'],
    ['\u2066', 'isolate'],
    ['\u200b', 'zero-width space'],
    ['\u200d', 'zero-width joiner'],
    ['\ufeff', 'byte order mark'],
    ['\u2028', 'line separator'],
    ['\u2029', 'paragraph separator'],
    ['\u0085', 'next line'],
    ['\u00ad', 'soft hyphen'],
    ['\u3164', 'Hangul filler'],
    ['\ufe0f', 'variation selector'],
    ['\u{e0041}', 'tag letter'],
    ['\ue000', 'private use character'],
    ['\uffff', 'noncharacter'],
  ])('shows %j (%s) as the bytes it is', (character) => {
    const bytes = utf8(character)
    expect(formatEscaped(bytes)).toBe(Array.from(bytes, (byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''))
  })

  it.each([
    ['a lone continuation byte', [0x80]],
    ['a sequence cut short', [0xe2, 0x82]],
    ['a sequence cut short by a letter', [0xe2, 0x41, 0x82]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['an overlong slash of three bytes', [0xe0, 0x80, 0xaf]],
    ['an overlong slash of four bytes', [0xf0, 0x80, 0x80, 0xaf]],
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a code point above U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
    ['a first byte that UTF-8 has no use for', [0xf5, 0x80, 0x80, 0x80]],
  ])('shows %s byte by byte', (_, bytes) => {
    const shown = bytes.map((byte) => (byte === 0x41 ? 'A' : `\\x${byte.toString(16)}`)).join('')
    expect(formatEscaped(Uint8Array.from(bytes))).toBe(shown)
  })

  const anyBytes = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }),
    fc.string({ unit: 'binary', maxLength: 500 }).map(utf8),
    fc.string({ unit: 'grapheme', maxLength: 500 }).map(utf8),
    // text with bytes knocked out of it
    fc
      .tuple(fc.string({ unit: 'binary', maxLength: 500 }).map(utf8), fc.uint8Array({ maxLength: 20 }))
      .map(([bytes, noise]) => {
        for (const [i, byte] of noise.entries()) bytes[(byte * 31 + i * 17) % Math.max(1, bytes.length)] = byte
        return bytes
      }),
  )

  it('is read back by parseEscapes as the very same bytes', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        expect(bytesOf(parseEscapes(formatEscaped(bytes)))).toEqual([...bytes])
      }),
      { numRuns: 500 },
    )
  })

  it('never holds a control, format, bidi, surrogate or invisible character', () => {
    fc.assert(
      fc.property(anyBytes, (bytes) => {
        const text = formatEscaped(bytes)
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Bidi_Control}\p{DI}]/u)
        expect(text.isWellFormed()).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('agrees with TextDecoder on what is UTF-8', () => {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
    const decodes = (bytes: Uint8Array): string | null => {
      try {
        return decoder.decode(bytes)
      } catch {
        return null
      }
    }
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 4 }), (bytes) => {
        const text = decodes(bytes)
        // Text without any escape stands for itself, and only then.
        if (text === null) expect(formatEscaped(bytes)).toContain('\\x')
        else if (!/[\p{C}\p{Zl}\p{Zp}\p{DI}\\]/u.test(text)) expect(formatEscaped(bytes)).toBe(text)
      }),
      { numRuns: 2000 },
    )
  })

  it('may be 10 MB of the worst that a peer can send', () => {
    const worst = new Uint8Array(10_000_000)
    // first bytes of sequences that never go on
    for (let i = 0; i < worst.length; i++) worst[i] = [0xe2, 0xf0, 0xc3][i % 3]!
    expect(formatEscaped(worst).length).toBe(40_000_000)
    expect(formatEscaped(worst.fill(0x61))).toBe('a'.repeat(10_000_000))
    expect(formatHex(worst).length).toBe(29_999_999)
  })
})

describe('Line endings', () => {
  it('are the bytes they are named for', () => {
    expect(Object.fromEntries(lineEndings.map((name) => [name, [...lineEndingBytes[name]]]))).toEqual({
      none: [],
      lf: [10],
      cr: [13],
      crlf: [13, 10],
    })
  })

  it('follow the bytes they end', () => {
    expect([...concatBytes([utf8('hi'), lineEndingBytes.crlf])]).toEqual([0x68, 0x69, 13, 10])
    expect([...concatBytes([])]).toEqual([])
  })
})

describe('The character beside a byte in a hex dump', () => {
  it('is the printable ASCII character, and a middle dot for everything else', () => {
    const shown = Array.from({ length: 256 }, (_, byte) => dumpCharacter(byte))
    expect(shown.slice(0x20, 0x7f).join('')).toBe(
      String.fromCharCode(...Array.from({ length: 95 }, (_, i) => 0x20 + i)),
    )
    expect(new Set([...shown.slice(0, 0x20), ...shown.slice(0x7f)])).toEqual(new Set(['·']))
  })
})
