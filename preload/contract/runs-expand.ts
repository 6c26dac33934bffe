// The bytes of a run's message, made anew for each time it is sent. No tables of encodings here: the engine uses it too.
// Counterparts: runs-message.ts (makes the message), templates.ts (fills a part).
import { concatBytes } from './notation.ts'
import type { RunMessage } from './runs.ts'
import { expandTemplate } from './templates.ts'

const wide = (bytes: Uint8Array, littleEndian: boolean): Uint8Array => {
  const pairs = new Uint8Array(bytes.length * 2)
  for (let i = 0; i < bytes.length; i++) pairs[i * 2 + (littleEndian ? 0 : 1)] = bytes[i]!
  return pairs
}

/** `counter`: what `{{counter}}` is; the caller counts. */
export const expandMessage = ({ parts, macros }: RunMessage, counter: number): Uint8Array => {
  // One literal needs no copy: what is written is not changed afterwards.
  const only = parts.length === 1 ? parts[0]! : null
  if (only?.kind === 'bytes') return only.bytes
  const nowMs = Date.now()
  return concatBytes(
    parts.map((part) => {
      if (part.kind === 'bytes') return part.bytes
      const bytes = expandTemplate({ parts: [part], files: [] }, { counter, nowMs })
      // Random bytes are bytes; what the others become is text, all of it ASCII.
      return part.kind === 'random' || macros === 'ascii' ? bytes : wide(bytes, macros === 'utf-16le')
    }),
  )
}
