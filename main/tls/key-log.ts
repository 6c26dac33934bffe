// The secrets of TLS sessions, in the NSS key log format that Wireshark reads, for endpoints that ask for it. Whoever has
// this file can read what such a session carried: it is written for its owner only, and its size is bounded.
// Counterparts: ../engine-host.ts (tells of the lines), endpoints' `keyLog`.
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** Beyond, the file begins anew, and the one before it is kept as `.1`. */
const maxBytes = 16 * 1024 * 1024

export interface KeyLog {
  readonly path: string
  /** At once: a handshake has few lines, and Wireshark may wait for them. */
  write(line: string): void
  dispose(): void
}

/** The file is opened with its first line. `onError` is told once that it cannot be written, and why. */
export const createKeyLog = (path: string, onError: (error: Error) => void): KeyLog => {
  let file: number | null = null
  let bytes = 0
  let failed = false

  const end = () => {
    if (file !== null) closeSync(file)
    file = null
  }
  const open = (): number => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
    const opened = openSync(path, 'a', 0o600)
    bytes = fstatSync(opened).size
    return opened
  }

  return {
    path,
    write(line) {
      if (failed) return
      try {
        file ??= open()
        if (bytes >= maxBytes) {
          end()
          rmSync(`${path}.1`, { force: true })
          renameSync(path, `${path}.1`)
          file = open()
        }
        bytes += writeSync(file, line)
      } catch (error) {
        failed = true
        onError(error instanceof Error ? error : new Error(String(error)))
      }
    },
    dispose: end,
  }
}
