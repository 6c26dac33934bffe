// The words of `wireloop connect` that say what is sent and what is waited for. Counterparts: connect.ts, connect-work.ts
// (does it), options.ts (what all commands take).
import { existsSync, statSync } from 'node:fs'
import { InvalidArgumentError } from 'commander'
import { type TextEncoding, textEncodings } from '../../preload/contract/encodings.ts'
import { encodeEnding, encodeText } from '../../preload/contract/encodings-codec.ts'
import { concatBytes, type LineEnding } from '../../preload/contract/notation.ts'
import { compilePattern, type Pattern } from '../../preload/contract/patterns.ts'
import type { RunMessage } from '../../preload/contract/runs.ts'
import { expandMessage } from '../../preload/contract/runs-expand.ts'
import { plainMessage, readMessage, runMessage } from '../../preload/contract/runs-message.ts'
import { milliseconds, positiveCount } from './options.ts'
import { type ReadySequence, readFiles, readSequence } from './sequence-file.ts'

/** When the job is done: the peer has closed, so many bytes have come, or nothing has moved for so long. */
export type Until =
  | { readonly on: 'closed' }
  | { readonly on: 'bytes'; readonly count: number }
  | { readonly on: 'idle'; readonly idleMs: number }

export const untilText = (text: string): Until => {
  if (text === 'closed') return { on: 'closed' }
  const [, word, number] = /^(bytes|idle)=(.*)$/s.exec(text) ?? []
  if (word === undefined || number === undefined)
    throw new InvalidArgumentError('Use closed, bytes=N or idle=MS, such as idle=500.')
  return word === 'bytes' ? { on: 'bytes', count: positiveCount(number) } : { on: 'idle', idleMs: milliseconds(number) }
}

const prefixes = { 'text:': 'contains', 'hex:': 'hex', 'regex:': 'regex' } as const

/** A regular expression over the bytes, or with `text:` text with C escapes, or with `hex:` hex with `?` for any digit. */
export const expectedPattern = (words: string): Pattern => {
  const prefix = (Object.keys(prefixes) as (keyof typeof prefixes)[]).find((each) => words.startsWith(each))
  const pattern: Pattern =
    prefix === undefined
      ? { match: 'regex', text: words }
      : { match: prefixes[prefix], text: words.slice(prefix.length) }
  const compiled = compilePattern(pattern)
  if (compiled.ok) return pattern
  throw new InvalidArgumentError(`${compiled.failure.message} (at character ${compiled.failure.at + 1}).`)
}

export interface Repeat {
  readonly everyMs: number
  /** Null: until the connection ends. */
  readonly times: number | null
}

export const repeatText = (text: string): Repeat => {
  const [, every, times] = /^(\d+)(?:x(\d+))?$/.exec(text) ?? []
  if (every === undefined)
    throw new InvalidArgumentError('Use EVERYMS or EVERYMSxN, such as 100 or 100x20 for 20 times, 100 ms apart.')
  return { everyMs: milliseconds(every), times: times === undefined ? null : positiveCount(times) }
}

export const encodingName = (text: string): TextEncoding => {
  const name = textEncodings.find((each) => each === text.toLowerCase())
  if (name === undefined) throw new InvalidArgumentError(`Use ${textEncodings.join(', ')}.`)
  return name
}

export const sendFilePath = (path: string): string => {
  if (!existsSync(path)) throw new InvalidArgumentError(`There is no file ${path}.`)
  if (statSync(path).isDirectory()) throw new InvalidArgumentError(`${path} is a folder.`)
  return path
}

export const sequenceFile = (words: string): ReadySequence => {
  const sequence = readSequence(words)
  if (!sequence.ok) throw new InvalidArgumentError(`${sequence.failure.message}.`)
  return sequence.value
}

export interface SendOptions {
  /** As it was written. */
  readonly send: readonly string[]
  readonly eol: LineEnding
  readonly encoding: TextEncoding
  /** Fills `{{counter}}` and its like. */
  readonly macros?: true
}

const written = (text: string, { eol, encoding, macros }: SendOptions): RunMessage => {
  if (macros !== true) {
    const bytes = encodeText(text, encoding)
    if (!bytes.ok) throw new InvalidArgumentError(`${bytes.message} (at character ${bytes.at + 1})`)
    return plainMessage(concatBytes([bytes.bytes, encodeEnding(eol, encoding)]))
  }
  const read = readMessage({ text, mode: 'text', encoding, ending: eol })
  if (!read.ok) throw new InvalidArgumentError(`${read.message} (at character ${read.at + 1})`)
  const files = readFiles(read.template.files)
  if (!files.ok) throw new InvalidArgumentError(files.failure.message)
  return runMessage(read, files.value)
}

/** What each `--send` stands for. Throws an InvalidArgumentError that says what is wrong with one. */
export const messagesOf = (options: SendOptions): readonly RunMessage[] =>
  options.send.map((text) => written(text, options))

/** Each message's bytes, as they are sent once. */
export const openingOf = (messages: readonly RunMessage[]): readonly Uint8Array[] =>
  messages.map((message, i) => expandMessage(message, i + 1))

/** All messages as one. */
export const joined = (messages: readonly RunMessage[]): RunMessage => ({
  parts: messages.flatMap(({ parts }) => parts),
  macros: messages[0]?.macros ?? 'ascii',
})
