// The three blocks of a pcapng file that we write: section header, interface description, enhanced packet. All lengths and
// numbers little-endian, times in nanoseconds (draft-ietf-opsawg-pcapng). Counterparts: frames.ts (the packets themselves).
import type { ByteSink } from './byte-sink.ts'

const sectionHeader = 0x0a0d0d0a
const interfaceDescription = 1
const enhancedPacket = 6
const linkTypeEthernet = 1
/** A comment, or another text of an option, is at most 65,535 bytes. */
const maxOptionBytes = 65_535

const padded = (length: number): number => (length + 3) & ~3

const encoder = new TextEncoder()

/** The text as UTF-8, cut to what an option holds without cutting a character. */
const optionText = (text: string): Uint8Array => {
  const target = new Uint8Array(Math.min(maxOptionBytes, text.length * 3))
  return target.subarray(0, encoder.encodeInto(text, target).written)
}

interface Option {
  readonly code: number
  readonly value: Uint8Array
}

const optionBytes = (options: readonly Option[]): number =>
  options.length === 0 ? 0 : options.reduce((sum, { value }) => sum + 4 + padded(value.length), 4)

const putOptions = (to: Buffer, at: number, options: readonly Option[]): number => {
  if (options.length === 0) return at
  for (const { code, value } of options) {
    to.writeUInt16LE(code, at)
    to.writeUInt16LE(value.length, at + 2)
    to.set(value, at + 4)
    to.fill(0, at + 4 + value.length, at + 4 + padded(value.length))
    at += 4 + padded(value.length)
  }
  to.writeUInt32LE(0, at)
  return at + 4
}

const textOption = (code: number, text: string): readonly Option[] =>
  text === '' ? [] : [{ code, value: optionText(text) }]

export const putSectionHeader = (sink: ByteSink, application: string): void => {
  const options = textOption(4, application)
  const length = 28 + optionBytes(options)
  const at = sink.reserve(length)
  const to = sink.bytes
  to.writeUInt32LE(sectionHeader, at)
  to.writeUInt32LE(length, at + 4)
  to.writeUInt32LE(0x1a2b3c4d, at + 8)
  to.writeUInt16LE(1, at + 12)
  to.writeUInt16LE(0, at + 14)
  // How long the section is nobody knows yet.
  to.writeBigInt64LE(-1n, at + 16)
  to.writeUInt32LE(length, putOptions(to, at + 24, options))
}

/** Ethernet, any length of packet, times in nanoseconds. */
export const putInterface = (sink: ByteSink, name: string, description: string): void => {
  const options = [...textOption(2, name), ...textOption(3, description), { code: 9, value: new Uint8Array([9]) }]
  const length = 20 + optionBytes(options)
  const at = sink.reserve(length)
  const to = sink.bytes
  to.writeUInt32LE(interfaceDescription, at)
  to.writeUInt32LE(length, at + 4)
  to.writeUInt16LE(linkTypeEthernet, at + 8)
  to.writeUInt16LE(0, at + 10)
  to.writeUInt32LE(0, at + 12)
  to.writeUInt32LE(length, putOptions(to, at + 16, options))
}

/** What stands around one packet. */
export interface PacketFacts {
  readonly interfaceId: number
  /** ns since 1970. */
  readonly timeNs: bigint
  readonly bytes: number
  readonly direction: 'inbound' | 'outbound'
  /** One option each; none where empty. */
  readonly comments: readonly string[]
}

/** Writes a packet whose bytes `fill` puts into the buffer at the place it is given. */
export const putPacket = (sink: ByteSink, packet: PacketFacts, fill: (to: Buffer, at: number) => void): void => {
  const { bytes, timeNs } = packet
  const flags = new Uint8Array(4)
  flags[0] = packet.direction === 'inbound' ? 1 : 2
  const options = [...packet.comments.flatMap((comment) => textOption(1, comment)), { code: 2, value: flags }]
  const length = 32 + padded(bytes) + optionBytes(options)
  const at = sink.reserve(length)
  const to = sink.bytes
  to.writeUInt32LE(enhancedPacket, at)
  to.writeUInt32LE(length, at + 4)
  to.writeUInt32LE(packet.interfaceId, at + 8)
  to.writeUInt32LE(Number(timeNs >> 32n), at + 12)
  to.writeUInt32LE(Number(timeNs & 0xffff_ffffn), at + 16)
  to.writeUInt32LE(bytes, at + 20)
  to.writeUInt32LE(bytes, at + 24)
  fill(to, at + 28)
  to.fill(0, at + 28 + bytes, at + 28 + padded(bytes))
  to.writeUInt32LE(length, putOptions(to, at + 28 + padded(bytes), options))
}
