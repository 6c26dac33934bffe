// A captured packet down to its piece of a TCP stream. Link layers: Ethernet with VLAN tags, Linux cooked (SLL, SLL2), loopback
// (NULL, LOOP), raw IP. Whatever is no whole TCP header is passed over. Counterparts: packet-file.ts, flows.ts.
import type { CapturedPacket } from './packet-file.ts'

export interface TcpPacket {
  /** Numeric addresses as text. */
  readonly fromHost: string
  readonly fromPort: number
  readonly toHost: string
  readonly toPort: number
  readonly seq: number
  readonly ack: number
  /** FIN 1, SYN 2, RST 4, ACK 16. */
  readonly flags: number
  /** What was captured of its payload, and how long that was on the wire. */
  readonly payload: Uint8Array
  readonly payloadBytes: number
}

const ipv4Type = 0x0800
const ipv6Type = 0x86dd

const u16 = (data: Uint8Array, at: number): number => ((data[at] ?? 0) << 8) | (data[at + 1] ?? 0)
const u32 = (data: Uint8Array, at: number): number => u16(data, at) * 0x10000 + u16(data, at + 2)

const byEtherType = (type: number, data: Uint8Array, at: number): number | null =>
  (type === ipv4Type || type === ipv6Type) && at < data.length ? at : null

/** Where the IP packet begins; null where there is none. */
const ipStart = ({ linkType, data }: CapturedPacket): number | null => {
  switch (linkType) {
    case 1: {
      let at = 12
      while (u16(data, at) === 0x8100 || u16(data, at) === 0x88a8) at += 4
      return byEtherType(u16(data, at), data, at + 2)
    }
    case 0:
    case 108:
      // The number of the address family differs between systems and byte orders; the IP version says the same.
      return data.length > 4 ? 4 : null
    case 12:
    case 14:
    case 101:
    case 228:
    case 229:
      return 0
    case 113:
      return byEtherType(u16(data, 14), data, 16)
    case 276:
      return byEtherType(u16(data, 0), data, 20)
    default:
      return null
  }
}

/** True for link layers that are known. */
export const knowsLinkType = (linkType: number): boolean =>
  [0, 1, 12, 14, 101, 108, 113, 228, 229, 276].includes(linkType)

const ipv4Text = (data: Uint8Array, at: number): string => `${data[at]}.${data[at + 1]}.${data[at + 2]}.${data[at + 3]}`

/** RFC 5952: lower case, the longest run of zeros left out. */
const ipv6Text = (data: Uint8Array, at: number): string => {
  const groups = Array.from({ length: 8 }, (_, i) => u16(data, at + i * 2))
  let best = { from: 0, length: 1 }
  for (let from = 0; from < 8; from++) {
    let length = 0
    while (from + length < 8 && groups[from + length] === 0) length++
    if (length > best.length) best = { from, length }
  }
  const words = groups.map((group) => group.toString(16))
  if (best.length === 1) return words.join(':')
  return `${words.slice(0, best.from).join(':')}::${words.slice(best.from + best.length).join(':')}`
}

interface Ip {
  readonly from: string
  readonly to: string
  /** Where TCP begins, and where the packet ends on the wire. */
  readonly tcp: number
  readonly end: number
}

const readIpv4 = (data: Uint8Array, at: number): Ip | null => {
  if (data.length < at + 20) return null
  const headerBytes = (data[at]! & 15) * 4
  const fragment = u16(data, at + 6) & 0x3fff
  if (headerBytes < 20 || data[at + 9] !== 6 || fragment !== 0) return null
  // 0 where the system cuts it into packets only later (segmentation offload).
  const total = u16(data, at + 2) || data.length - at
  return { from: ipv4Text(data, at + 12), to: ipv4Text(data, at + 16), tcp: at + headerBytes, end: at + total }
}

/** Extension headers that may stand before TCP (RFC 8200, 4): hop-by-hop, routing, destination options. */
const extensions: ReadonlySet<number> = new Set([0, 43, 60])

const readIpv6 = (data: Uint8Array, at: number): Ip | null => {
  if (data.length < at + 40) return null
  let next = data[at + 6]!
  let tcp = at + 40
  const end = u16(data, at + 4) === 0 ? data.length : at + 40 + u16(data, at + 4)
  while (extensions.has(next) && tcp + 8 <= data.length) {
    next = data[tcp]!
    tcp += (data[tcp + 1]! + 1) * 8
  }
  return next === 6 ? { from: ipv6Text(data, at + 8), to: ipv6Text(data, at + 24), tcp, end } : null
}

/** Null for what is not TCP, is a fragment, or is not there to the end of its headers. */
export const readTcp = (packet: CapturedPacket): TcpPacket | null => {
  const { data } = packet
  const at = ipStart(packet)
  if (at === null || at >= data.length) return null
  const version = data[at]! >> 4
  const ip = version === 4 ? readIpv4(data, at) : version === 6 ? readIpv6(data, at) : null
  if (ip === null || data.length < ip.tcp + 20) return null
  const payloadAt = ip.tcp + (data[ip.tcp + 12]! >> 4) * 4
  if (payloadAt < ip.tcp + 20 || payloadAt > ip.end) return null
  const [fromPort, toPort] = [u16(data, ip.tcp), u16(data, ip.tcp + 2)]
  if (fromPort === 0 || toPort === 0) return null
  return {
    fromHost: ip.from,
    fromPort,
    toHost: ip.to,
    toPort,
    seq: u32(data, ip.tcp + 4),
    ack: u32(data, ip.tcp + 8),
    flags: data[ip.tcp + 13]!,
    payload: data.subarray(Math.min(payloadAt, data.length), Math.min(ip.end, data.length)),
    payloadBytes: ip.end - payloadAt,
  }
}
