// Reads a stream in sequential code: by bytes, lines or separators. Counterparts: streams.ts (the protocol that feeds it),
// transport.ts (which it pauses). As asyncio.StreamReader; methods that wait give promises.
import { IncompleteReadError, LimitOverrunError, RuntimeError } from './errors.ts'
import type { Transport } from './transport.ts'

/** asyncio's default limit of a reader's buffer, in bytes. Above twice the limit the transport is paused. */
export const defaultLimitBytes = 64 * 1024

export class StreamReader {
  readonly #limitBytes: number
  /** What was fed and not read yet. */
  #buffer: Buffer = Buffer.alloc(0)
  /** Bytes of memory behind it that are free for more. */
  #spareBytes = 0
  #eof = false
  #error: Error | null = null
  #transport: Transport | null = null
  /** We have paused it; what somebody else has paused is not ours to resume. */
  #paused = false
  #wake: (() => void) | null = null

  constructor(limitBytes = defaultLimitBytes) {
    if (!(limitBytes > 0)) throw new RangeError(`limitBytes must be above 0, not ${limitBytes}`)
    this.#limitBytes = limitBytes
  }

  setTransport(transport: Transport): void {
    this.#transport = transport
  }

  feedData(data: Uint8Array): void {
    if (this.#eof) throw new RuntimeError('feedData after feedEof')
    if (data.length === 0) return
    this.#append(data)
    if (!this.#paused && this.#transport !== null && this.#buffer.length > 2 * this.#limitBytes) {
      this.#paused = true
      this.#transport.pauseReading()
    }
    this.#wakeUp()
  }

  feedEof(): void {
    this.#eof = true
    this.#wakeUp()
  }

  setException(error: Error): void {
    this.#error = error
    this.#wakeUp()
  }

  exception(): Error | null {
    return this.#error
  }

  /** True when the peer's FIN was seen and the buffer is empty. */
  atEof(): boolean {
    return this.#eof && this.#buffer.length === 0
  }

  /** Up to `maxBytes`: what there is, or waits for some; empty at eof. Without an argument, everything up to eof. */
  async read(maxBytes = -1): Promise<Uint8Array> {
    this.#throwIfFailed()
    if (maxBytes === 0) return new Uint8Array(0)
    if (maxBytes < 0) {
      const parts: Uint8Array[] = []
      for (;;) {
        const part = await this.read(this.#limitBytes)
        if (part.length === 0) return Buffer.concat(parts)
        parts.push(part)
      }
    }
    if (this.#buffer.length === 0 && !this.#eof) await this.#waitForData('read')
    return this.#take(Math.min(maxBytes, this.#buffer.length))
  }

  /** Exactly `bytes`. Rejects with IncompleteReadError, and what there was, where eof comes first. */
  async readexactly(bytes: number): Promise<Uint8Array> {
    if (bytes < 0) throw new RangeError('readexactly size can not be less than zero')
    this.#throwIfFailed()
    while (this.#buffer.length < bytes) {
      if (this.#eof) throw new IncompleteReadError(this.#take(this.#buffer.length), bytes)
      await this.#waitForData('readexactly')
    }
    return this.#take(bytes)
  }

  /**
   * Up to and including `separator`. Rejects with IncompleteReadError at eof, and with LimitOverrunError where the
   * separator is not within the limit; the bytes then stay in the buffer.
   */
  async readuntil(separator: Uint8Array = Uint8Array.of(0x0a)): Promise<Uint8Array> {
    if (separator.length === 0) throw new RangeError('Separator should be at least one-byte string')
    this.#throwIfFailed()
    let searched = 0
    for (;;) {
      const found = this.#buffer.indexOf(separator, searched)
      if (found >= 0) {
        if (found > this.#limitBytes)
          throw new LimitOverrunError('Separator is found, but chunk is longer than limit', found)
        return this.#take(found + separator.length)
      }
      searched = Math.max(0, this.#buffer.length - separator.length + 1)
      if (searched > this.#limitBytes)
        throw new LimitOverrunError('Separator is not found, and chunk exceed the limit', searched)
      if (this.#eof) throw new IncompleteReadError(this.#take(this.#buffer.length), null)
      await this.#waitForData('readuntil')
    }
  }

  /** A line with its `\n`; at eof what is left. A line beyond the limit is dropped from the buffer and rejected. */
  async readline(): Promise<Uint8Array> {
    try {
      return await this.readuntil()
    } catch (error) {
      if (error instanceof IncompleteReadError) return error.partial
      if (error instanceof LimitOverrunError) {
        this.#take(this.#buffer[error.consumedBytes] === 0x0a ? error.consumedBytes + 1 : this.#buffer.length)
        throw new RangeError(error.message)
      }
      throw error
    }
  }

  /** Lines until eof. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    for (;;) {
      const line = await this.readline()
      if (line.length === 0) return
      yield line
    }
  }

  #throwIfFailed(): void {
    if (this.#error !== null) throw this.#error
  }

  #append(data: Uint8Array): void {
    const { length } = this.#buffer
    if (data.length > this.#spareBytes) {
      // Into new memory, with room to grow: slices of the old are with those who have read them.
      const memory = Buffer.allocUnsafe(Math.max(2 * length, length + data.length))
      memory.set(this.#buffer)
      this.#buffer = memory.subarray(0, length)
      this.#spareBytes = memory.length - length
    }
    this.#buffer = Buffer.from(this.#buffer.buffer, this.#buffer.byteOffset, length + data.length)
    this.#buffer.set(data, length)
    this.#spareBytes -= data.length
  }

  #take(bytes: number): Uint8Array {
    const taken = this.#buffer.subarray(0, bytes)
    this.#buffer = this.#buffer.subarray(bytes)
    if (this.#buffer.length <= this.#limitBytes) this.#resume()
    return taken
  }

  #resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#transport?.resumeReading()
  }

  #wakeUp(): void {
    const wake = this.#wake
    this.#wake = null
    wake?.()
  }

  async #waitForData(method: string): Promise<void> {
    if (this.#wake !== null)
      throw new RuntimeError(`${method}() called while another coroutine is already waiting for incoming data`)
    this.#resume()
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.#throwIfFailed()
  }
}
