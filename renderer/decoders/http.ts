// The head of an HTTP/1 message (RFC 9112): its first line, its fields, and what follows; a body of JSON as its tree.
// Pure. Counterparts: decoded.ts, json.ts.
import { type Decoded, decodeBounds, type Field, shownBytes, shownHex } from './decoded.ts'
import { decodeJson } from './json.ts'

const decoder = new TextDecoder('latin1')
const requestLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}) (\S+) (HTTP\/1\.[01])$/
const statusLine = /^(HTTP\/1\.[01]) (\d{3})(?: (.*))?$/
/** The longest line that is looked at. */
const longestLine = 16 * 1024

/** The end of the line from `from` on, without its line ending, and where the next begins; null where it has no end. */
const lineAt = (bytes: Uint8Array, from: number): { readonly end: number; readonly next: number } | null => {
  const lf = bytes.indexOf(0x0a, from)
  if (lf < 0 || lf - from > longestLine) return null
  return { end: bytes[lf - 1] === 0x0d && lf > from ? lf - 1 : lf, next: lf + 1 }
}

/** True where the bytes begin as a message does. */
export const looksLikeHttp = (bytes: Uint8Array): boolean => {
  const line = lineAt(bytes.subarray(0, longestLine), 0)
  if (line === null) return false
  const text = decoder.decode(bytes.subarray(0, line.end))
  return requestLine.test(text) || statusLine.test(text)
}

const part = (bytes: Uint8Array, name: string, from: number, to: number): Field => ({
  name,
  value: shownBytes(bytes.subarray(from, to)),
  type: 'text',
  from,
  to,
  children: [],
})

const startLine = (bytes: Uint8Array, end: number): Field | null => {
  const text = decoder.decode(bytes.subarray(0, end))
  const request = requestLine.exec(text)
  const found = request ?? statusLine.exec(text)
  if (found === null) return null
  const names = request === null ? ['version', 'status', 'reason'] : ['method', 'target', 'version']
  const children: Field[] = []
  let at = 0
  for (const [i, name] of names.entries()) {
    const length = (found[i + 1] ?? '').length
    if (length > 0) children.push(part(bytes, name, at, at + length))
    at += length + 1
  }
  return {
    name: request === null ? 'response' : 'request',
    value: shownBytes(bytes.subarray(0, end)),
    type: 'head',
    from: 0,
    to: end,
    children,
  }
}

const shifted = (field: Field, by: number): Field => ({
  ...field,
  from: field.from + by,
  to: field.to + by,
  children: field.children.map((child) => shifted(child, by)),
})

export const decodeHttp = (whole: Uint8Array): Decoded => {
  const bytes = whole.subarray(0, decodeBounds.bytes)
  const first = lineAt(bytes, 0)
  const start = first === null ? null : startLine(bytes, first.end)
  if (first === null || start === null) return { fields: [], end: 0, problem: { code: 'unexpected', at: 0 } }
  const fields: Field[] = [start]
  let json = false
  for (let at = first.next; ; ) {
    const line = lineAt(bytes, at)
    if (line === null) return { fields, end: at, problem: { code: 'ends-early', at } }
    if (line.end === at) {
      at = line.next
      const body = bytes.subarray(at)
      if (body.length === 0) return { fields, end: at, problem: null }
      const tree = json ? decodeJson(body) : null
      const children = tree === null ? [] : tree.fields.map((field) => shifted(field, at))
      const isText = !body.subarray(0, 512).includes(0)
      const value = isText ? shownBytes(body) : shownHex(body)
      fields.push({ name: 'body', value, type: isText ? 'text' : 'bytes', from: at, to: bytes.length, children })
      const problem = tree?.problem == null ? null : { code: tree.problem.code, at: tree.problem.at + at }
      return { fields, end: bytes.length, problem }
    }
    const colon = bytes.indexOf(0x3a, at)
    if (colon < 0 || colon >= line.end) return { fields, end: at, problem: { code: 'unexpected', at } }
    if (fields.length >= decodeBounds.fields) return { fields, end: at, problem: { code: 'too-many', at } }
    const name = shownBytes(bytes.subarray(at, colon))
    let valueAt = colon + 1
    while (valueAt < line.end && (bytes[valueAt] === 0x20 || bytes[valueAt] === 0x09)) valueAt++
    const value = shownBytes(bytes.subarray(valueAt, line.end))
    fields.push({ name, value, type: 'text', from: at, to: line.end, children: [] })
    if (name.toLowerCase() === 'content-type' && /[/+]json\b/i.test(value)) json = true
    at = line.next
  }
}
