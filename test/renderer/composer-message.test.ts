// The composer's text to bytes: what is previewed is what is sent, and a mistake is named where it stands.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { maxSendBytes } from '../../preload/contract/checks.ts'
import { textEncodings } from '../../preload/contract/encodings.ts'
import {
  composeMessage,
  convertText,
  draftFor,
  largeTextLength,
  mistakeContext,
  previewBytes,
} from '../../renderer/workbench/composer/message.ts'

const ascii = (bytes: Uint8Array) => String.fromCharCode(...bytes)
const bytesOf = (text: string, mode: 'text' | 'hex' = 'text') => {
  const message = composeMessage(text, mode, 'none')
  if (!message.ok) throw new Error(`“${text}” should be a message`)
  return message.bytes
}

describe('a message', () => {
  test('is its text with the escapes resolved and the line ending behind it', () => {
    const message = composeMessage('PING\\r\\nINFO', 'text', 'crlf')
    expect(message).toMatchObject({ ok: true, endingLength: 2 })
    expect(message.ok && ascii(message.bytes)).toBe('PING\r\nINFO\r\n')
  })

  test('without text is an empty line, and nothing at all without a line ending', () => {
    expect(composeMessage('', 'text', 'lf')).toEqual({ ok: true, bytes: Uint8Array.of(10), endingLength: 1 })
    expect(composeMessage('', 'hex', 'none')).toEqual({ ok: true, bytes: new Uint8Array(0), endingLength: 0 })
  })

  test('names the wrong pair in hex and where it stands', () => {
    expect(composeMessage('48 65 0g 6c', 'hex', 'none')).toMatchObject({
      ok: false,
      problem: 'notation',
      at: 6,
      span: 2,
    })
  })

  test('names the wrong escape in text and where it stands', () => {
    expect(composeMessage('ab\\xZ1', 'text', 'none')).toMatchObject({ ok: false, problem: 'notation', at: 2 })
  })

  test('takes exactly as many bytes as one send does, and says how many there are beyond that', () => {
    const full = 'x'.repeat(maxSendBytes)
    expect(composeMessage(full, 'text', 'none').ok).toBe(true)
    expect(composeMessage(full, 'text', 'lf')).toEqual({ ok: false, problem: 'too-long', length: maxSendBytes + 1 })
  })

  test('is not even parsed where no text of that length can be one', () => {
    const length = maxSendBytes * 4 + 1
    expect(composeMessage('\\'.repeat(length), 'text', 'none')).toEqual({ ok: false, problem: 'too-long', length })
  })
})

describe('recorded bytes that are edited before they are sent', () => {
  test.each(textEncodings)('are the same bytes where a connection is written to in %s', (encoding) => {
    const sent = (bytes: Uint8Array) => {
      const { text, mode } = draftFor(bytes, encoding)
      return composeMessage(text, mode, 'none', encoding)
    }
    for (const text of ['plain', '안녕 é ß', '{{counter}} $1 \\ \r\n'])
      expect(sent(new TextEncoder().encode(text))).toMatchObject({ ok: true, bytes: new TextEncoder().encode(text) })
    // Braces in two bytes each.
    const wide = Uint8Array.from([...'{{now}}'].flatMap((letter) => [letter.charCodeAt(0), 0]))
    expect(sent(wide)).toMatchObject({ ok: true, bytes: wide })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        expect(sent(bytes)).toMatchObject({ ok: true, bytes })
      }),
    )
  })
})

describe('switching between text and hex', () => {
  test('keeps the bytes, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')
        const text = convertText(hex, 'hex', 'text')
        expect(bytesOf(text)).toEqual(bytes)
        expect(bytesOf(convertText(text, 'text', 'hex'), 'hex')).toEqual(bytes)
      }),
    )
  })

  test('leaves a text with a mistake as it is, so that the mistake can be seen', () => {
    expect(convertText('0g', 'hex', 'text')).toBe('0g')
    expect(convertText('\\q', 'text', 'hex')).toBe('\\q')
  })

  test('leaves a large text as it is', () => {
    const large = 'a'.repeat(largeTextLength + 1)
    expect(convertText(large, 'text', 'hex')).toBe(large)
  })
})

describe('the preview', () => {
  const bytes = Uint8Array.from([0x48, 0x69, 0x0d, 0x0a])

  test('shows the typed bytes apart from the line ending', () => {
    expect(previewBytes(bytes, 2, 10)).toEqual({ typed: '48 69', ending: '0D 0A', cut: false })
  })

  test('leaves typed bytes out before it leaves out the line ending', () => {
    expect(previewBytes(bytes, 2, 3)).toEqual({ typed: '48', ending: '0D 0A', cut: true })
    expect(previewBytes(bytes, 2, 1)).toEqual({ typed: '', ending: '0D 0A', cut: true })
  })
})

describe('a mistake', () => {
  test('is shown on one line with what stands around it', () => {
    expect(mistakeContext('ab\n0g cd', 3, 2)).toEqual({ before: 'ab ', wrong: '0g', after: ' cd' })
  })

  test('is cut out of a long line, with marks where text is left out', () => {
    const text = `${'a'.repeat(100)}0g${'b'.repeat(100)}`
    const { before, wrong, after } = mistakeContext(text, 100, 2)
    expect([before, wrong, after]).toEqual([`…${'a'.repeat(24)}`, '0g', `${'b'.repeat(24)}…`])
  })
})
