// Bytes in the notations of programs and shells. A peer's bytes are hostile: in a command they are data of one `printf`, and
// nothing in them can end its quotes. Pure. Counterparts: copy-as-menu.tsx; test/renderer/copy-as.test.ts asks real shells.
import { formatEscaped, formatHex } from '../../preload/contract/notation.ts'
import type { Address } from '../../preload/contract/vocabulary.ts'

export const copyForms = ['text', 'escaped', 'hex', 'c', 'python', 'base64', 'ncat', 'socat'] as const
export type CopyForm = (typeof copyForms)[number]

/** The most bytes that are copied: 1 MiB; in a command, which has to fit on a line of a terminal, 32 KiB. */
export const maxCopyBytes = 1024 * 1024
export const maxCommandBytes = 32 * 1024

export const mostBytesOf = (form: CopyForm): number =>
  form === 'ncat' || form === 'socat' ? maxCommandBytes : maxCopyBytes

/** Characters that mean themselves in `printf`'s format, in single quotes, in every shell. */
const plain = /^[A-Za-z0-9 .,:;/_=+@^{}()[\]<>?*&$#~|"!]$/

/** `printf '…'` that writes just these bytes: POSIX, so three octal digits for whatever is not plain (`\x41` is not POSIX). */
export const printfOf = (bytes: Uint8Array): string => {
  let format = ''
  for (const byte of bytes) {
    const character = String.fromCharCode(byte)
    format += plain.test(character) ? character : `\\${byte.toString(8).padStart(3, '0')}`
  }
  return `printf '${format}'`
}

/** A host as a shell takes it for one word. Checked hosts need no quotes. */
const shellWord = (text: string): string =>
  /^[A-Za-z0-9_.:%-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

const ncat = (bytes: Uint8Array, { host, port }: Address): string =>
  `${printfOf(bytes)} | ncat ${shellWord(host)} ${port}`

const socat = (bytes: Uint8Array, { host, port }: Address): string => {
  const address = host.includes(':') ? `TCP6:[${host}]:${port}` : `TCP:${host}:${port}`
  return `${printfOf(bytes)} | socat - '${address.replaceAll("'", '')}'`
}

const cArray = (bytes: Uint8Array): string => {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 12)
    lines.push(
      `  ${Array.from(bytes.subarray(at, at + 12), (byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(', ')},`,
    )
  // C has no empty arrays.
  return bytes.length === 0
    ? 'static const unsigned char bytes[1] = { 0 }; /* 0 bytes */'
    : `static const unsigned char bytes[${bytes.length}] = {\n${lines.join('\n')}\n};`
}

const pythonEscapes: Readonly<Record<number, string>> = { 9: '\\t', 10: '\\n', 13: '\\r', 39: "\\'", 92: '\\\\' }

const python = (bytes: Uint8Array): string => {
  let text = ''
  for (const byte of bytes)
    text +=
      pythonEscapes[byte] ??
      (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`)
  return `b'${text}'`
}

const base64 = (bytes: Uint8Array): string => {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** The text for the clipboard. `to`: whom a command sends it to. */
export const copyAs = (form: CopyForm, bytes: Uint8Array, to: Address): string => {
  const data = bytes.subarray(0, mostBytesOf(form))
  switch (form) {
    case 'text':
      return new TextDecoder().decode(data)
    case 'escaped':
      return formatEscaped(data)
    case 'hex':
      return formatHex(data).toUpperCase()
    case 'c':
      return cArray(data)
    case 'python':
      return python(data)
    case 'base64':
      return base64(data)
    case 'ncat':
      return ncat(data, to)
    case 'socat':
      return socat(data, to)
  }
}
