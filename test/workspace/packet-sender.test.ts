// Packet Sender's JSON: what comes in goes out as it was, and its notation is not ours. The packets are of its own starter
// set (src/starter_set.json).
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { SavedMessage } from '../../preload/contract/workspace.ts'
import {
  formatPacketSender,
  fromPacketSenderText,
  parsePacketSender,
  toPacketSenderText,
} from '../../preload/contract/workspace-packet-sender.ts'

const starterSet = [
  {
    asciistring: 'ZG9tYWluIGdvb2dsZS5jb21cclxu',
    errorstring: '',
    fromip: '',
    fromport: '8041183',
    hexstring: '64 6f 6d 61 69 6e 20 67 6f 6f 67 6c 65 2e 63 6f 6d 0d 0a',
    name: 'WHOIS google.com',
    port: '43',
    repeat: 0,
    requestpath: '',
    sendresponse: '0',
    tcporudp: 'TCP',
    toip: '192.34.234.30',
  },
  {
    asciistring: 'e3tUSU1FfX0ge3tSQU5ET019fQ==',
    errorstring: '',
    fromip: '',
    fromport: '2417028088',
    hexstring: '7b 7b 54 49 4d 45 7d 7d 20 7b 7b 52 41 4e 44 4f 4d 7d 7d ',
    name: 'UDP IPv6 localhost macro',
    port: '5000',
    repeat: 2.5,
    requestpath: '',
    sendresponse: '0',
    tcporudp: 'UDP',
    toip: '::1',
  },
  {
    asciistring: 'XGUzXDAwXDAzXGZhXDAwXDAx',
    errorstring: '',
    fromip: 'You',
    fromport: '0',
    hexstring: 'e3 00 03 fa 00 01',
    name: 'binary over SSL',
    port: '465',
    repeat: 0,
    requestpath: '/a?b',
    sendresponse: '0',
    tcporudp: 'SSL',
    toip: '::1',
  },
]

let ids = 0
const newId = () => `id${++ids}`
const imported = (text: string): readonly SavedMessage[] => {
  const messages = parsePacketSender(text, newId)
  if (!messages.ok) throw new Error(messages.failure.message)
  return messages.value
}

describe('An export of Packet Sender', () => {
  it('becomes saved messages in our notation, each with its target where it goes over TCP', () => {
    expect(
      imported(JSON.stringify(starterSet)).map(({ name, text, target }) => [name, text, target?.endpoint]),
    ).toEqual([
      ['WHOIS google.com', 'domain google.com\\r\\n', 'client 192.34.234.30:43'],
      ['UDP IPv6 localhost macro', '\\x7b\\x7bTIME}} \\x7b\\x7bRANDOM}}', undefined],
      ['binary over SSL', '\\xe3\\0\\x03\\xfa\\0\\x01', 'client [::1]:465'],
    ])
  })

  it('goes out as it came in, to the letter', () => {
    const text = `${JSON.stringify(starterSet, null, 4)}\n`
    expect(formatPacketSender(imported(text))).toBe(text)
  })

  it('shows what was changed here, in both of its fields', () => {
    const [message] = imported(JSON.stringify(starterSet))
    const changed: SavedMessage = {
      ...message!,
      name: 'whois',
      text: 'a\\x00 b\\\\',
      ending: 'crlf',
      target: { endpoint: 'client example.test:4343', side: null, name: '' },
    }
    const [packet] = JSON.parse(formatPacketSender([changed]))
    expect(packet).toMatchObject({
      name: 'whois',
      hexstring: '61 00 20 62 5c 0d 0a',
      toip: 'example.test',
      port: '4343',
      fromport: '8041183',
    })
    expect(atob(packet.asciistring)).toBe('a\\00 b\\\\\\r\\n')
  })

  it('knows the macros that both have by their own names', () => {
    const packet = { name: 'm', hexstring: Buffer.from('{{UNIXTIME}}-{{COUNTER}}-{{UNIQUE}}').toString('hex') }
    const messages = imported(JSON.stringify([packet]))
    expect(messages[0]?.text).toBe('{{unix}}-{{counter}}-{{uuid}}')
    const [again] = JSON.parse(formatPacketSender([{ ...messages[0]!, text: '{{unix}}!' }]))
    expect(Buffer.from(again.hexstring.replaceAll(' ', ''), 'hex').toString()).toBe('{{UNIXTIME}}!')
  })

  it('takes a message that was made here', () => {
    const { packetSender: _, ...message } = imported(JSON.stringify(starterSet))[0]!
    const [packet] = JSON.parse(formatPacketSender([message]))
    expect(packet).toMatchObject({ tcporudp: 'TCP', toip: '192.34.234.30', port: '43', errorstring: '' })
    expect(imported(JSON.stringify([packet]))[0]).toMatchObject({ text: message.text, target: message.target })
  })

  it.each([
    ['{', 'It is no JSON'],
    ['{}', 'that is a list of packets'],
    ['[1]', 'Packet 1 has no name'],
    ['[{"name":"x","hexstring":"0g"}]', 'The bytes of packet 1 (“x”) cannot be read'],
  ])('that is none is refused with what is wrong: %s', (text, message) => {
    expect(parsePacketSender(text, newId)).toMatchObject({
      ok: false,
      failure: { message: expect.stringContaining(message) },
    })
  })
})

describe('Packet Sender’s notation', () => {
  it('spells a byte with a backslash and two digits, not with an x', () => {
    expect(toPacketSenderText(Uint8Array.of(0x41, 0x00, 0xff, 0x0d, 0x0a, 0x09, 0x5c))).toBe('A\\00\\ff\\r\\n\\t\\\\')
    expect([...fromPacketSenderText('A\\00\\FF\\r\\n\\t\\\\')]).toEqual([0x41, 0x00, 0xff, 0x0d, 0x0a, 0x09, 0x5c])
  })

  it('comes back as the same bytes, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromPacketSenderText(toPacketSenderText(bytes))).toEqual(bytes)
      }),
    )
  })

  it('round-trips any bytes through a message and an export', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const hexstring = Buffer.from(bytes).toString('hex')
        const [message] = imported(JSON.stringify([{ name: 'n', hexstring }]))
        // Without what came along, so that the bytes are made of the text.
        const { packetSender: _, ...own } = message!
        const [packet] = JSON.parse(formatPacketSender([own]))
        expect(packet.hexstring.replaceAll(' ', '')).toBe(hexstring)
      }),
    )
  })
})
