// From a message as it is written to one that can be sent, once or again and again: encoding and line ending applied, files
// read, macros left to be filled each time. Pure. Counterparts: templates.ts, encodings-codec.ts, main/engine/runs.
import { encodeEnding, encodeText } from './encodings-codec.ts'
import { fail, ok, type Result } from './failure.ts'
import { concatBytes, parseHex } from './notation.ts'
import type { RunMessage, RunStep } from './runs.ts'
import { parseTemplate, type Template, type TemplatePart } from './templates.ts'
import type { SequenceStep, WrittenMessage } from './workspace.ts'

/** A message that was understood, or what is wrong with its text and where (UTF-16 units). */
export type ReadMessage =
  | {
      readonly ok: true
      readonly template: Template
      readonly macros: RunMessage['macros']
      /** The line ending's bytes; they are the template's last part too. */
      readonly ending: Uint8Array
    }
  | { readonly ok: false; readonly message: string; readonly at: number; readonly span: number }

/** Reads a message as it is written. The line ending is part of the template. */
export const readMessage = ({ text, mode, encoding, ending }: WrittenMessage): ReadMessage => {
  const written = mode === 'hex' ? 'utf-8' : encoding
  const literal = mode === 'hex' ? parseHex : (piece: string) => encodeText(piece, encoding)
  const parsed = parseTemplate(text, mode, { captures: false, literal })
  if (!parsed.ok) {
    const { message, at, span } = parsed.failure
    return { ok: false, message, at, span }
  }
  const end = encodeEnding(ending, written)
  const { parts, files } = parsed.value
  const whole: readonly TemplatePart[] = end.length === 0 ? parts : [...parts, { kind: 'bytes', bytes: end }]
  return {
    ok: true,
    template: { parts: whole, files },
    macros: written === 'utf-16le' || written === 'utf-16be' ? written : 'ascii',
    ending: end,
  }
}

/** True where the bytes are other ones each time. */
export const hasMacros = (template: Template): boolean => template.parts.some((part) => part.kind !== 'bytes')

/** Puts the bytes of files in their places; `file` has those of every path that the template names. */
export const runMessage = (
  read: Extract<ReadMessage, { ok: true }>,
  file: (path: string) => Uint8Array,
): RunMessage => {
  const parts: RunMessage['parts'][number][] = []
  for (const part of read.template.parts) {
    if (part.kind === 'file') parts.push({ kind: 'bytes', bytes: file(part.path) })
    else if (part.kind !== 'group' && part.kind !== 'name') parts.push(part)
  }
  return { parts, macros: read.macros }
}

/** All its bytes where it has no macros, so that they are put together once. */
export const plainMessage = (bytes: Uint8Array): RunMessage => ({ parts: [{ kind: 'bytes', bytes }], macros: 'ascii' })

/** The bytes of a message that has no macros; null where it has. */
export const plainBytes = (template: Template): Uint8Array | null =>
  hasMacros(template)
    ? null
    : concatBytes(template.parts.flatMap((part) => (part.kind === 'bytes' ? [part.bytes] : [])))

/** The paths of all files that a sequence's messages name, or what is wrong with one of them. */
export const filesOf = (steps: readonly SequenceStep[]): Result<readonly string[]> => {
  const paths = new Set<string>()
  for (const [i, step] of steps.entries()) {
    if (step.kind !== 'send') continue
    const read = readMessage(step)
    if (!read.ok) return wrongText(i, read)
    for (const path of read.template.files) paths.add(path)
  }
  return ok([...paths])
}

const wrongText = (step: number, { message, at }: Extract<ReadMessage, { ok: false }>): Result<never> =>
  fail('bad-argument', `Step ${step + 1}: ${message} (at character ${at + 1})`, `steps.${step}.text`)

/** The steps of a sequence as the engine takes them; `file` has the bytes of `filesOf`. */
export const runSteps = (
  steps: readonly SequenceStep[],
  file: (path: string) => Uint8Array,
): Result<readonly RunStep[]> => {
  const ready: RunStep[] = []
  for (const [i, step] of steps.entries()) {
    if (step.kind !== 'send') {
      ready.push(step)
      continue
    }
    const read = readMessage(step)
    if (!read.ok) return wrongText(i, read)
    ready.push({ kind: 'send', name: step.name, message: runMessage(read, file) })
  }
  return ok(ready)
}
