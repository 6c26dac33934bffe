// The memory that sockets read into: one block for all of a thread's connections, where Node would allocate 64 KiB for
// every read and leave them to the garbage collector. It stays in the processor's cache, and ten thousand idle
// connections cost nothing. Counterparts: node-sockets.ts (reads into it), socket-transport.ts (writes out of it).

/** What one read takes at most, in bytes: asyncio’s `max_size`. libuv suggests 64 KiB, which costs bulk more reads than bytes. */
export const blockBytes = 256 * 1024

/** Overwritten by the next read of any connection. */
export const readBlock = Buffer.allocUnsafeSlow(blockBytes)

/** What to hand to a socket, which may keep it for a while: bytes that lie in the block are copied. */
export const lasting = (data: Uint8Array): Uint8Array => (data.buffer === readBlock.buffer ? Buffer.from(data) : data)
