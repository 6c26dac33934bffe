// Which decoder reads a payload: the one that was chosen for its endpoint, or the first that knows the bytes. Never throws,
// whatever a peer has sent. Counterparts: the decoders beside it, decoded-view.tsx, choice.ts (what was chosen).
import type { TextEncoding } from '../../preload/contract/encodings.ts'
import type { Decoded } from './decoded.ts'
import { decodeHttp, looksLikeHttp } from './http.ts'
import { decodeJson } from './json.ts'
import { decodeMsgpack, looksLikeMsgpack } from './msgpack.ts'
import { decodeProtobuf, looksLikeProtobuf } from './protobuf.ts'
import { decodeResp, looksLikeResp } from './resp.ts'
import { decodeText, guessEncoding } from './texts.ts'

export const formats = ['http', 'resp', 'json', 'msgpack', 'protobuf'] as const
export type Format = (typeof formats)[number]

/** A decoder, or text in an encoding. */
export type DecoderId = Format | `text:${TextEncoding}`

const byFormat: Readonly<Record<Format, (bytes: Uint8Array) => Decoded>> = {
  http: decodeHttp,
  resp: decodeResp,
  json: decodeJson,
  msgpack: decodeMsgpack,
  protobuf: decodeProtobuf,
}

const encodingOf = (id: DecoderId): TextEncoding | null =>
  id.startsWith('text:') ? (id.slice(5) as TextEncoding) : null

/** Reads bytes as what they are said to be. */
export const decodeAs = (id: DecoderId, bytes: Uint8Array): Decoded => {
  const encoding = encodingOf(id)
  return encoding === null ? byFormat[id as Format](bytes) : decodeText(bytes, encoding)
}

/** The first byte that is no white space; -1 for none. */
const firstByte = (bytes: Uint8Array): number => bytes.find((byte) => byte > 0x20) ?? -1

/** What the bytes are; null where nothing knows them. */
export const detect = (bytes: Uint8Array): DecoderId | null => {
  if (bytes.length === 0) return null
  if (looksLikeHttp(bytes)) return 'http'
  const first = firstByte(bytes.subarray(0, 64))
  if (first === 0x7b || first === 0x5b) {
    const { fields, problem } = decodeJson(bytes)
    if (fields.length > 0 || (problem !== null && problem.code !== 'unexpected')) return 'json'
  }
  if (looksLikeResp(bytes)) return 'resp'
  if (looksLikeMsgpack(bytes)) {
    const { fields, problem } = decodeMsgpack(bytes)
    if (fields.length > 0 && (problem === null || problem.code === 'ends-early')) return 'msgpack'
  }
  const encoding = guessEncoding(bytes)
  if (encoding === 'utf-8' || encoding === 'utf-16le' || encoding === 'utf-16be') return `text:${encoding}`
  if (looksLikeProtobuf(bytes)) return 'protobuf'
  return encoding === null ? null : `text:${encoding}`
}
