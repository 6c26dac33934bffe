// Packets out of a capture of Wireshark's or tcpdump's, pcapng or classic pcap, as its bytes come: every number in the file is
// somebody else's, and is looked at before it is believed. Counterparts: layers.ts (what is in a packet), importer.ts.

export interface CapturedPacket {
  /** LINKTYPE_ number (tcpdump.org/linktypes.html). */
  readonly linkType: number
  /** ns since 1970. */
  readonly timeNs: bigint
  /** What was captured: a view, valid until more bytes are pushed. */
  readonly data: Uint8Array
}

export interface PacketFile {
  /** Takes the next bytes of the file; packets that are whole by now come out. */
  push(bytes: Uint8Array): Generator<CapturedPacket>
  /** No more bytes come. */
  end(): void
  /** What is wrong with the file, in sentences; of many packets that are wrong only the first are told of one by one. */
  readonly problems: readonly string[]
  /** True where the first bytes are those of a packet capture. */
  readonly isKnown: boolean
}

/** The longest block or packet that is believed: 64 MiB. Wireshark's own bound is 16 MiB and a little. */
const maxBlockBytes = 64 * 1024 * 1024

/** Packets that are wrong and are told of one by one; of further ones only the number is told. */
export const toldPackets = 20
/** Interfaces of a section that are believed. */
export const maxInterfaces = 100_000
/** Times from here on (the year 2262) are no times, in ns since 1970. */
const endOfTimeNs = 2n ** 63n

/** The first four bytes of a classic pcap file as a big-endian number → byte order and ns of a unit of its fractions. */
const pcapMagics: ReadonlyMap<number, { readonly little: boolean; readonly fractionNs: bigint }> = new Map([
  [0xa1b2c3d4, { little: false, fractionNs: 1000n }],
  [0xd4c3b2a1, { little: true, fractionNs: 1000n }],
  [0xa1b23c4d, { little: false, fractionNs: 1n }],
  [0x4d3cb2a1, { little: true, fractionNs: 1n }],
])
const pcapngMagic = 0x0a0d0d0a
const gzipMagic = 0x1f8b

interface Interface {
  readonly linkType: number
  /** Units of its time in a second. */
  readonly perSecond: bigint
  readonly offsetSeconds: bigint
}

export const createPacketFile = (): PacketFile => {
  const problems: string[] = []
  let pending = new Uint8Array(0)
  let offset = 0
  let kind: 'unknown' | 'pcap' | 'pcapng' = 'unknown'
  let little = true
  let fractionNs = 1000n
  let linkType = 0
  let interfaces: Interface[] = []
  let lastNs = 0n
  let stopped = false
  let wrongPackets = 0

  const view = () => new DataView(pending.buffer, pending.byteOffset, pending.byteLength)
  const take = (bytes: number) => {
    pending = pending.subarray(bytes)
    offset += bytes
  }
  const stop = (what: string) => {
    problems.push(`${what} at byte ${offset}; it was read up to there`)
    pending = new Uint8Array(0)
    stopped = true
  }

  const wrong = (what: string) => {
    if (++wrongPackets <= toldPackets) problems.push(what)
  }

  const begin = (): boolean => {
    if (pending.length < 4) return false
    const magic = view().getUint32(0, false)
    const pcap = pcapMagics.get(magic)
    if (magic === pcapngMagic) {
      kind = 'pcapng'
      return true
    }
    if (pcap === undefined) {
      stop(
        magic >>> 16 === gzipMagic
          ? 'The file is compressed; unpack it first (gunzip). It is no packet capture'
          : 'This is neither pcapng nor pcap: it begins with other bytes',
      )
      return false
    }
    if (pending.length < 24) return false
    little = pcap.little
    fractionNs = pcap.fractionNs
    linkType = view().getUint32(20, little) & 0xffff
    kind = 'pcap'
    take(24)
    return true
  }

  /** The next packet of a classic file; null where more bytes are needed. */
  const nextRecord = (): CapturedPacket | null => {
    if (pending.length < 16) return null
    const header = view()
    const captured = header.getUint32(8, little)
    if (captured > maxBlockBytes) {
      stop(`A packet says that it has ${captured} bytes`)
      return null
    }
    if (pending.length < 16 + captured) return null
    const timeNs =
      BigInt(header.getUint32(0, little)) * 1_000_000_000n + BigInt(header.getUint32(4, little)) * fractionNs
    const data = pending.subarray(16, 16 + captured)
    take(16 + captured)
    return { linkType, timeNs, data }
  }

  /** Time's resolution and offset, out of an interface's options. */
  const readInterface = (block: DataView): Interface => {
    let perSecond = 1_000_000n
    let offsetSeconds = 0n
    for (let at = 16; at + 4 <= block.byteLength - 4; ) {
      const code = block.getUint16(at, little)
      const length = block.getUint16(at + 2, little)
      if (code === 0 || at + 4 + length > block.byteLength - 4) break
      if (code === 9 && length >= 1) {
        const value = block.getUint8(at + 4)
        // More digits than there are in a second's worth of anything are nobody's clock.
        const exponent = BigInt(Math.min(value & 0x7f, 60))
        perSecond = (value & 0x80) === 0 ? 10n ** exponent : 2n ** exponent
      }
      if (code === 14 && length >= 8) offsetSeconds = block.getBigInt64(at + 4, little)
      at += 4 + ((length + 3) & ~3)
    }
    return { linkType: block.getUint16(8, little), perSecond, offsetSeconds }
  }

  const timeOf = ({ perSecond, offsetSeconds }: Interface, high: number, low: number): bigint =>
    offsetSeconds * 1_000_000_000n + (((BigInt(high) << 32n) | BigInt(low)) * 1_000_000_000n) / perSecond

  /** The packet of a block, where it is one. */
  const packetIn = (type: number, block: DataView, bytes: Uint8Array): CapturedPacket | null => {
    // Enhanced (6) and the old one (2) have the same places from the times on; a simple one (3) has neither time nor interface.
    if (type === 3) {
      const of = interfaces[0]
      if (of === undefined || bytes.length < 16) return null
      const captured = Math.min(block.getUint32(8, little), bytes.length - 16)
      return { linkType: of.linkType, timeNs: lastNs, data: bytes.subarray(12, 12 + captured) }
    }
    if (bytes.length < 32) return null
    const of = interfaces[type === 6 ? block.getUint32(8, little) : block.getUint16(8, little)]
    const captured = block.getUint32(20, little)
    if (of === undefined || captured > bytes.length - 32) {
      wrong(`A packet at byte ${offset} does not fit into its block, or is of no interface`)
      return null
    }
    const timeNs = timeOf(of, block.getUint32(12, little), block.getUint32(16, little))
    if (timeNs >= 0n && timeNs < endOfTimeNs) lastNs = timeNs
    else wrong(`The time of a packet at byte ${offset} is no time; that of the packet before it takes its place`)
    return { linkType: of.linkType, timeNs: lastNs, data: bytes.subarray(28, 28 + captured) }
  }

  /** The next block; null where more bytes are needed. */
  const nextBlock = (): { packet: CapturedPacket | null } | null => {
    if (pending.length < 12) return null
    const header = view()
    const type = header.getUint32(0, little)
    // The same in both byte orders; what follows it says which one holds.
    if (type === pcapngMagic) {
      const order = header.getUint32(8, true)
      if (order !== 0x1a2b3c4d && order !== 0x4d3c2b1a) {
        stop('A section begins without its byte order')
        return null
      }
      little = order === 0x1a2b3c4d
    }
    const length = header.getUint32(4, little)
    if (length < 12 || length > maxBlockBytes || length % 4 !== 0) {
      stop(`A block says that it has ${length} bytes`)
      return null
    }
    if (pending.length < length) return null
    const bytes = pending.subarray(0, length)
    const block = new DataView(bytes.buffer, bytes.byteOffset, length)
    if (type === pcapngMagic) interfaces = []
    else if (type === 1 && length >= 20) {
      if (interfaces.length >= maxInterfaces) {
        stop(`A section has more than ${maxInterfaces} interfaces`)
        return null
      }
      interfaces.push(readInterface(block))
    }
    const packet = type === 6 || type === 2 || type === 3 ? packetIn(type, block, bytes) : null
    take(length)
    return { packet }
  }

  return {
    problems,
    get isKnown() {
      return kind !== 'unknown'
    },
    *push(bytes) {
      if (stopped) return
      if (pending.length === 0) pending = new Uint8Array(bytes)
      else {
        const joined = new Uint8Array(pending.length + bytes.length)
        joined.set(pending)
        joined.set(bytes, pending.length)
        pending = joined
      }
      if (kind === 'unknown' && !begin()) return
      for (;;) {
        if (kind === 'pcap') {
          const packet = nextRecord()
          if (packet === null) return
          yield packet
        } else {
          const block = nextBlock()
          if (block === null) return
          if (block.packet !== null) yield block.packet
        }
      }
    },
    end() {
      if (wrongPackets > toldPackets) problems.push(`${wrongPackets - toldPackets} more packets are wrong`)
      if (stopped) return
      if (kind === 'unknown')
        stop(offset + pending.length === 0 ? 'The file is empty' : 'This is neither pcapng nor pcap: it ends')
      else if (pending.length > 0) stop('The file ends within a packet')
    },
  }
}
