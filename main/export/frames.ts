// Ethernet, IPv4 or IPv6, and TCP around a piece of a stream, with right lengths and checksums (RFC 791, 8200, 9293).
// Counterparts: tcp-talk.ts (which says what is in them), pcapng-blocks.ts (which puts them into the file).
import { isIP } from 'node:net'
import type { Address } from '../../preload/contract/vocabulary.ts'

/** The most bytes of a stream in one packet: what fits into an IPv4 packet of 65,535 bytes. */
export const maxSegmentBytes = 65_495

export const tcpFlags = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const

/** An end of a connection as it stands in packets. */
export interface WireEnd {
  /** 4 bytes of an IPv4 or 16 of an IPv6 address. */
  readonly ip: Uint8Array
  readonly port: number
}

const ipv6Groups = (text: string): number[] =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16))

/** The bytes of a numeric address; null for a name. An IPv4 address in an IPv6 one (`::ffff:1.2.3.4`) is IPv4 on the wire. */
export const addressBytes = (host: string): Uint8Array | null => {
  const bare = host.replace(/%.*$/, '')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1]
  const text = mapped ?? bare
  if (isIP(text) === 4) return Uint8Array.from(text.split('.'), Number)
  if (isIP(text) !== 6) return null
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text)
  const hex =
    dotted === null
      ? text
      : `${dotted[1]}${((Number(dotted[2]) << 8) | Number(dotted[3])).toString(16)}:${((Number(dotted[4]) << 8) | Number(dotted[5])).toString(16)}`
  const [before = '', after] = hex.split('::')
  const head = ipv6Groups(before)
  const tail = after === undefined ? [] : ipv6Groups(after)
  const groups = [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail]
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]))
}

/** Null where the host is no number. */
export const wireEnd = (address: Address): WireEnd | null => {
  const ip = addressBytes(address.host)
  return ip === null ? null : { ip, port: address.port }
}

const headerBytes = (v6: boolean, options: number): number => 14 + (v6 ? 40 : 20) + 20 + options

/** MSS, window scale 14, SACK permitted: in SYN packets only. */
const synOptions = Uint8Array.of(2, 4, maxSegmentBytes >> 8, maxSegmentBytes & 0xff, 1, 3, 3, 14, 1, 1, 4, 2)

export interface Segment {
  readonly from: WireEnd
  readonly to: WireEnd
  readonly seq: number
  readonly ack: number
  readonly flags: number
  readonly payload: Uint8Array
}

const optionsOf = (segment: Segment): number => ((segment.flags & tcpFlags.syn) === 0 ? 0 : synOptions.length)

/** Bytes of the whole packet. */
export const frameBytes = (segment: Segment): number =>
  headerBytes(segment.from.ip.length === 16, optionsOf(segment)) + segment.payload.length

const sum16 = (bytes: Uint8Array, from: number, to: number): number => {
  let sum = 0
  const even = to - ((to - from) & 1)
  for (let i = from; i < even; i += 2) sum += (bytes[i]! << 8) | bytes[i + 1]!
  return even < to ? sum + (bytes[even]! << 8) : sum
}

const folded = (sum: number): number => {
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000)
  return ~sum & 0xffff
}

/** A hardware address that nobody has (locally administered), made of the IP address. */
const putHardwareAddress = (to: Buffer, at: number, ip: Uint8Array): void => {
  to[at] = 2
  to[at + 1] = 0
  to.set(ip.subarray(-4), at + 2)
}

/** Writes the packet; `frameBytes` says how many bytes it takes. */
export const putFrame = (to: Buffer, at: number, segment: Segment): void => {
  const { from, to: far, payload } = segment
  const v6 = from.ip.length === 16
  const options = optionsOf(segment)
  putHardwareAddress(to, at, far.ip)
  putHardwareAddress(to, at + 6, from.ip)
  to.writeUInt16BE(v6 ? 0x86dd : 0x0800, at + 12)
  const ip = at + 14
  const tcpBytes = 20 + options + payload.length
  let tcp: number
  if (v6) {
    tcp = ip + 40
    to.writeUInt32BE(0x6000_0000, ip)
    to.writeUInt16BE(tcpBytes, ip + 4)
    to[ip + 6] = 6
    to[ip + 7] = 64
    to.set(from.ip, ip + 8)
    to.set(far.ip, ip + 24)
  } else {
    tcp = ip + 20
    to.fill(0, ip, tcp)
    to[ip] = 0x45
    to.writeUInt16BE(20 + tcpBytes, ip + 2)
    // Not to be cut into fragments; its identification is then of no meaning (RFC 6864).
    to.writeUInt16BE(0x4000, ip + 6)
    to[ip + 8] = 64
    to[ip + 9] = 6
    to.set(from.ip, ip + 12)
    to.set(far.ip, ip + 16)
    to.writeUInt16BE(folded(sum16(to, ip, tcp)), ip + 10)
  }
  to.writeUInt16BE(from.port, tcp)
  to.writeUInt16BE(far.port, tcp + 2)
  to.writeUInt32BE(segment.seq, tcp + 4)
  to.writeUInt32BE((segment.flags & tcpFlags.ack) === 0 ? 0 : segment.ack, tcp + 8)
  to.writeUInt16BE(((20 + options) << 10) | segment.flags, tcp + 12)
  to.writeUInt16BE(0xffff, tcp + 14)
  to.writeUInt32BE(0, tcp + 16)
  if (options > 0) to.set(synOptions, tcp + 20)
  to.set(payload, tcp + 20 + options)
  const end = tcp + tcpBytes
  const pseudo = sum16(from.ip, 0, from.ip.length) + sum16(far.ip, 0, far.ip.length) + 6 + tcpBytes
  to.writeUInt16BE(folded(pseudo + sum16(to, tcp, end)), tcp + 16)
}
