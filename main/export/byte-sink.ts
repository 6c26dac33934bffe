// Bytes on their way out: written one after the other into memory that is used again, and taken as chunks.
// Counterparts: the writers beside this, which fill it; exporting.ts, which hands the chunks on.

const firstBytes = 256 * 1024

export interface ByteSink {
  readonly length: number
  /** Makes room for `count` bytes at the end and answers where it begins in `bytes`. */
  reserve(count: number): number
  /** Valid until the next `reserve`. */
  readonly bytes: Buffer
  write(data: Uint8Array): void
  text(text: string): void
  /** All that was written since, in memory of its own; null where that is nothing. */
  take(): Uint8Array<ArrayBuffer> | null
}

export const createByteSink = (): ByteSink => {
  let bytes = Buffer.allocUnsafeSlow(firstBytes)
  let length = 0
  const reserve = (count: number): number => {
    const from = length
    length += count
    if (length > bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(length, bytes.length * 2))
      bytes.copy(larger, 0, 0, from)
      bytes = larger
    }
    return from
  }
  return {
    get length() {
      return length
    },
    get bytes() {
      return bytes
    },
    reserve,
    write(data) {
      const at = reserve(data.length)
      bytes.set(data, at)
    },
    text(text) {
      const at = reserve(Buffer.byteLength(text))
      bytes.write(text, at)
    },
    take() {
      if (length === 0) return null
      const taken = new Uint8Array(length)
      taken.set(bytes.subarray(0, length))
      length = 0
      // One large piece is not to be paid for ever after.
      if (bytes.length > firstBytes * 16) bytes = Buffer.allocUnsafeSlow(firstBytes)
      return taken
    },
  }
}
