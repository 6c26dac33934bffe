// The secrets of TLS sessions, in the NSS key log format that Wireshark reads, for endpoints that ask for it. Whoever has
// this file can read what such a session carried: it is written for its owner only, and its size is bounded.
// Counterparts: ../engine-host.ts (tells of the lines), endpoints' `keyLog`.
import { createWriteStream, mkdirSync, renameSync, rmSync, statSync, type WriteStream } from 'node:fs'
import { dirname } from 'node:path'

/** Beyond, the file begins anew, and the one before it is kept as `.1`. */
const maxBytes = 16 * 1024 * 1024

export interface KeyLog {
  readonly path: string
  write(line: string): void
  /** Resolves when all is written. */
  dispose(): Promise<void>
}

/** The file is opened with its first line. `onError` is told once that it cannot be written, and why. */
export const createKeyLog = (path: string, onError: (error: Error) => void): KeyLog => {
  let stream: WriteStream | null = null
  let bytes = 0
  let failed = false

  const refuse = (error: Error) => {
    if (!failed) onError(error)
    failed = true
  }
  const end = (): Promise<void> => {
    const open = stream
    stream = null
    return open === null || open.destroyed ? Promise.resolve() : new Promise((resolve) => open.end(() => resolve()))
  }
  const open = (): WriteStream => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0
    if (bytes >= maxBytes) {
      rmSync(`${path}.1`, { force: true })
      renameSync(path, `${path}.1`)
      bytes = 0
    }
    return createWriteStream(path, { flags: 'a', mode: 0o600 }).on('error', refuse)
  }

  return {
    path,
    write(line) {
      if (failed) return
      try {
        if (bytes >= maxBytes) void end()
        stream ??= open()
        stream.write(line)
        bytes += line.length
      } catch (error) {
        refuse(error instanceof Error ? error : new Error(String(error)))
      }
    },
    dispose: end,
  }
}
