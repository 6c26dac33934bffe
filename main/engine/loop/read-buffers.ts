// The memory that sockets read into: reused, where Node would allocate 64 KiB for every read and leave them to the garbage
// collector. Counterpart: socket-transport.ts, which reads into it and writes out of it.
//
// Quiet connections all read into one shared block, so ten thousand idle ones cost nothing. A connection that fills large
// reads gets a block of its own, which it can send from without a copy: the block is pinned until the kernel has taken
// the bytes, and the connection reads into another one meanwhile.

/** What one read takes at most, in bytes; libuv suggests the same. */
export const blockBytes = 64 * 1024
/** Blocks kept for reuse: 4 MiB a thread. */
const maxFreeBlocks = 64
/** A read at least this large marks a busy connection. */
const busyReadBytes = 16 * 1024
/** Smaller reads in a row after which it is a quiet one again. */
const quietReads = 64
/** Below this size copying is cheaper than pinning. */
const copyBelowBytes = 4 * 1024

export class Block {
  readonly bytes = Buffer.allocUnsafeSlow(blockBytes)
  /** Writes that the kernel has not taken yet, from this block. */
  pins = 0
  /** True while a connection reads into it. */
  held = true
}

const shared = new Block()
const free: Block[] = []
/** The block whose bytes are being delivered to a protocol right now. */
let delivering: Block | null = null

const giveBack = (block: Block): void => {
  if (block.held || block.pins > 0 || block === shared) return
  if (free.length < maxFreeBlocks) free.push(block)
}

/** The block to pin while `data` is written, null where `data` is nobody's read buffer. */
const borrowedFrom = (data: Uint8Array): Block | null =>
  delivering !== null && data.buffer === delivering.bytes.buffer ? delivering : null

/**
 * What to hand to the socket for bytes that may lie in a read buffer: the same bytes with the block they pin (to be
 * unpinned when the write is done), or a copy that is free of it.
 */
export const outgoing = (data: Uint8Array): { readonly data: Uint8Array; readonly pinned: Block | null } => {
  const block = borrowedFrom(data)
  if (block === null) return { data, pinned: null }
  if (block === shared || data.length < copyBelowBytes) return { data: Buffer.from(data), pinned: null }
  block.pins++
  return { data, pinned: block }
}

export const unpin = (block: Block): void => {
  block.pins--
  giveBack(block)
}

/** The read side of one connection: which block it reads into. */
export class ReadSide {
  #block = shared
  #smallReads = 0

  /** The memory for the next read. */
  next(): Uint8Array {
    return this.#block.bytes
  }

  /** Delivers a read of `length` bytes and chooses the block of the next one. */
  deliver(length: number, receive: (data: Uint8Array) => void): void {
    const block = this.#block
    const outer = delivering
    delivering = block
    try {
      receive(block.bytes.subarray(0, length))
    } finally {
      delivering = outer
    }
    if (length >= busyReadBytes) {
      this.#smallReads = 0
      if (block === shared || block.pins > 0) this.#moveTo(this.#take())
    } else if (block !== shared && (++this.#smallReads > quietReads || block.pins > 0)) {
      this.#smallReads = 0
      this.#moveTo(shared)
    }
  }

  dispose(): void {
    this.#moveTo(shared)
  }

  #take(): Block {
    const block = free.pop() ?? new Block()
    block.held = true
    return block
  }

  #moveTo(block: Block): void {
    const left = this.#block
    this.#block = block
    if (left === shared) return
    left.held = false
    giveBack(left)
  }
}
