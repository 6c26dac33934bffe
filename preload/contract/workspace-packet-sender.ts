// Packet Sender's saved packets as our saved messages, and back. The format is that of its `Packet::ExportJSON`: a list of
// objects with lower-case names; `hexstring` holds the bytes, `asciistring` the same in its own notation (`\XX` is one byte)
// as base64. What of a packet has no meaning here is kept with the message, so that it comes out as it went in.
import { encodeAscii } from './encodings-codec.ts'
import { fail, ok, type Result } from './failure.ts'
import { concatBytes, formatEscaped, formatHex, parseHex } from './notation.ts'
import { readMessage } from './runs-message.ts'
import type { TemplatePart } from './templates.ts'
import type { JsonObject, SavedMessage, SavedTarget } from './workspace.ts'
import { workspaceLimits } from './workspace-checks.ts'

const letters: Readonly<Record<number, string>> = { 9: '\\t', 10: '\\n', 13: '\\r', 92: '\\\\' }

/** Bytes in Packet Sender's notation: printable ASCII as it is, `\n \r \t \\`, and every other byte as `\XX`. */
export const toPacketSenderText = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => {
    const letter = letters[byte]
    if (letter !== undefined) return letter
    return byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : `\\${byte.toString(16).padStart(2, '0')}`
  }).join('')

/** Packet Sender's notation to bytes, as it reads it: after a backslash one or two hex digits are one byte. */
export const fromPacketSenderText = (text: string): Uint8Array => {
  const bytes: number[] = []
  for (const [piece, digits, letter] of text.matchAll(/\\(?:([0-9A-Fa-f]{1,2})|([nrt\\]))|[\s\S]/g)) {
    if (digits !== undefined) bytes.push(Number.parseInt(digits, 16))
    else if (letter !== undefined) bytes.push({ n: 0x0a, r: 0x0d, t: 0x09 }[letter] ?? 0x5c)
    // It is Latin-1, which has no character above these.
    else if (piece.charCodeAt(0) <= 0xff && piece !== '\\') bytes.push(piece.charCodeAt(0))
  }
  return Uint8Array.from(bytes)
}

const macros = { UNIXTIME: 'unix', COUNTER: 'counter', UNIQUE: 'uuid' } as const
const packetSenderMacro = { unix: 'UNIXTIME', counter: 'COUNTER', uuid: 'UNIQUE' } as const

/** Bytes as our text: the macros that both know by our names, every other pair of braces as bytes. */
const textOf = (bytes: Uint8Array): string =>
  formatEscaped(bytes).replace(/\{\{(?:(UNIXTIME|COUNTER|UNIQUE)\}\})?/g, (_, name?: keyof typeof macros) =>
    name === undefined ? '\\x7b\\x7b' : `{{${macros[name]}}}`,
  )

const partBytes = (part: TemplatePart): Uint8Array => {
  switch (part.kind) {
    case 'bytes':
      return part.bytes
    case 'unix':
    case 'counter':
    case 'uuid':
      return encodeAscii(`{{${packetSenderMacro[part.kind]}}}`, 'utf-8')
    // Packet Sender has nothing like these; they stand there as text.
    case 'now':
      return encodeAscii('{{now}}', 'utf-8')
    case 'random':
      return encodeAscii(`{{random:${part.count}}}`, 'utf-8')
    case 'file':
      return new TextEncoder().encode(`{{file:${part.path}}}`)
    case 'group':
    case 'name':
      return new Uint8Array(0)
  }
}

/** The bytes of a message as Packet Sender would have them; none where the message cannot be read. */
const bytesOf = (message: SavedMessage): Uint8Array => {
  const read = readMessage(message)
  return read.ok ? concatBytes(read.template.parts.map(partBytes)) : new Uint8Array(0)
}

const words = (packet: JsonObject, name: string): string => {
  const value = packet[name]
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : ''
}

const latin1 = (base64: string): string | null => {
  try {
    return atob(base64)
  } catch {
    return null
  }
}

/** The bytes of a packet: of `hexstring`, or where that is missing of `asciistring`. Null where neither can be read. */
const packetBytes = (packet: JsonObject): Uint8Array | null => {
  if (typeof packet['hexstring'] === 'string') {
    const hex = parseHex(packet['hexstring'])
    return hex.ok ? hex.bytes : null
  }
  const text = latin1(words(packet, 'asciistring'))
  return text === null ? null : fromPacketSenderText(text)
}

const overTcp = (packet: JsonObject): boolean => /tcp|ssl/i.test(words(packet, 'tcporudp'))

const targetOf = (packet: JsonObject): SavedTarget | null => {
  const host = words(packet, 'toip')
  const port = words(packet, 'port')
  if (!overTcp(packet) || host === '' || !/^[1-9]\d{0,4}$/.test(port)) return null
  return { endpoint: `client ${host.includes(':') ? `[${host}]` : host}:${port}`, side: null, name: '' }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Reads an export of Packet Sender. `newId` makes an id a message. Failures name the packet that cannot be read; packets that
 * do not go over TCP come along without a target.
 */
export const parsePacketSender = (text: string, newId: () => string): Result<readonly SavedMessage[]> => {
  let packets: unknown
  try {
    packets = JSON.parse(text)
  } catch (error) {
    return fail('not-packets', `It is no JSON: ${(error as Error).message}`)
  }
  if (!Array.isArray(packets)) return fail('not-packets', 'It is no export of Packet Sender: that is a list of packets')
  if (packets.length > workspaceLimits.messages)
    return fail('too-many', `${packets.length} packets are more than the ${workspaceLimits.messages} that are kept`)
  const messages: SavedMessage[] = []
  for (const [i, packet] of packets.entries()) {
    if (!isRecord(packet) || typeof packet['name'] !== 'string')
      return fail('not-packets', `Packet ${i + 1} has no name, so it is none of Packet Sender's`)
    const bytes = packetBytes(packet)
    if (bytes === null) return fail('not-packets', `The bytes of packet ${i + 1} (“${packet['name']}”) cannot be read`)
    messages.push({
      id: newId(),
      name: packet['name'].slice(0, 100),
      folder: 'Packet Sender',
      key: null,
      target: targetOf(packet),
      text: textOf(bytes),
      mode: 'text',
      encoding: 'utf-8',
      ending: 'none',
      packetSender: packet,
    })
  }
  return ok(messages)
}

const freshPacket: JsonObject = {
  errorstring: '',
  fromip: 'You',
  fromport: '0',
  repeat: 0,
  requestpath: '',
  sendresponse: '0',
  tcporudp: 'TCP',
}

const sameBytes = (a: Uint8Array, b: Uint8Array | null): boolean =>
  b !== null && a.length === b.length && a.every((byte, i) => byte === b[i])

const addressOf = (target: SavedTarget | null): { readonly toip: string; readonly port: string } | null => {
  const [, host, port] = /^client (.+):(\d+)$/.exec(target?.endpoint ?? '') ?? []
  return host === undefined || port === undefined ? null : { toip: host.replace(/^\[(.*)\]$/, '$1'), port }
}

const packetOf = (message: SavedMessage): JsonObject => {
  const kept = message.packetSender ?? freshPacket
  const bytes = bytesOf(message)
  const same = message.packetSender !== undefined && sameBytes(bytes, packetBytes(kept))
  const address = addressOf(message.target)
  const moved = address !== null && (words(kept, 'toip') !== address.toip || words(kept, 'port') !== address.port)
  const packet: Record<string, unknown> = {
    // Packet Sender passes over packets without a name.
    ...kept,
    name: words(kept, 'name').slice(0, 100) === message.name ? kept['name'] : message.name || 'unnamed',
    ...(same ? {} : { hexstring: formatHex(bytes), asciistring: btoa(toPacketSenderText(bytes)) }),
    ...(moved ? address : {}),
  }
  for (const name of ['toip', 'port']) packet[name] ??= ''
  // Qt writes the fields of an object in this order.
  return Object.fromEntries(Object.entries(packet).toSorted(([a], [b]) => (a < b ? -1 : 1)))
}

/** Saved messages as Packet Sender imports them. What came from it and was not changed is as it was. */
export const formatPacketSender = (messages: readonly SavedMessage[]): string =>
  `${JSON.stringify(messages.map(packetOf), null, 4)}\n`
