// `--sequence FILE`: a sequence out of an exported workspace, ready for the engine. Counterparts: connect-work.ts,
// preload/contract/workspace-document.ts (what the file is).
import { readFileSync } from 'node:fs'
import { maxSendBytes } from '../../preload/contract/checks.ts'
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import type { RunStep } from '../../preload/contract/runs.ts'
import { filesOf, runSteps } from '../../preload/contract/runs-message.ts'
import type { Sequence } from '../../preload/contract/workspace.ts'
import { parseWorkspace } from '../../preload/contract/workspace-document.ts'

const readWhole = (path: string): Result<Uint8Array> => {
  try {
    return ok(readFileSync(path))
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    return fail(code ?? 'not-read', code === 'ENOENT' ? `There is no file ${path}` : `${path}: ${message}`)
  }
}

/** Splits `FILE#NAME` where there is no file of the whole name. */
const split = (words: string): { readonly path: string; readonly name: string | null } => {
  const hash = words.lastIndexOf('#')
  if (hash < 0 || readWhole(words).ok) return { path: words, name: null }
  return { path: words.slice(0, hash), name: words.slice(hash + 1) }
}

const choose = (sequences: readonly Sequence[], name: string | null, path: string): Result<Sequence> => {
  const names = sequences.map((sequence) => `“${sequence.name}”`).join(', ')
  const found = name === null ? sequences : sequences.filter((sequence) => sequence.name === name)
  if (found.length === 1) return ok(found[0]!)
  if (sequences.length === 0) return fail('not-found', `${path} has no sequence`)
  if (name === null)
    return fail('not-found', `${path} has ${sequences.length} sequences; name one: ${path}#NAME (${names})`)
  return fail('not-found', `${path} has ${found.length} sequences “${name}”; there are ${names}`)
}

export interface ReadySequence {
  readonly name: string
  readonly steps: readonly RunStep[]
}

/** The bytes of the files that a message names, by path. */
export const readFiles = (paths: readonly string[]): Result<(path: string) => Uint8Array> => {
  const bytes = new Map<string, Uint8Array>()
  for (const path of paths) {
    const read = readWhole(path)
    if (!read.ok) return read
    if (read.value.length > maxSendBytes)
      return fail('too-large', `${path} has ${read.value.length} bytes; a message has at most ${maxSendBytes}`)
    bytes.set(path, read.value)
  }
  return ok((path) => bytes.get(path) ?? new Uint8Array(0))
}

/** Reads `FILE` or `FILE#NAME`. Failures say what would be right. */
export const readSequence = (words: string): Result<ReadySequence> => {
  const { path, name } = split(words)
  const text = readWhole(path)
  if (!text.ok) return text
  const document = parseWorkspace(new TextDecoder().decode(text.value))
  if (!document.ok) return fail(document.failure.code, `${path}: ${document.failure.message}`)
  const { parts, damaged } = document.value
  if (damaged.length > 0) return fail('damaged', `${path}: ${damaged[0]}`)
  const sequence = choose(parts.sequences ?? [], name, path)
  if (!sequence.ok) return sequence
  const { steps } = sequence.value
  if (steps.length === 0) return fail('not-found', `The sequence “${sequence.value.name}” has no steps`)
  const files = filesOf(steps)
  const bytes = files.ok ? readFiles(files.value) : files
  if (!bytes.ok) return bytes
  const ready = runSteps(steps, bytes.value)
  return ready.ok ? ok({ name: sequence.value.name, steps: ready.value }) : ready
}
