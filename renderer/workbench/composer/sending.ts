// Sends a message as it is written: macros filled, files that it names read, to one connection, once or again and again.
// Counterparts: message.ts (text to bytes), composer.tsx, saved.ts, main/engine/runs (repeats it).
import type { CommandMethods } from '../../../preload/contract/api.ts'
import { maxSendBytes } from '../../../preload/contract/checks.ts'
import { fail, ok, type Result } from '../../../preload/contract/failure.ts'
import type { RunInfo, RunMessage } from '../../../preload/contract/runs.ts'
import { expandMessage } from '../../../preload/contract/runs-expand.ts'
import { plainMessage, runMessage } from '../../../preload/contract/runs-message.ts'
import type { ConnectionId } from '../../../preload/contract/vocabulary.ts'
import type { WrittenMessage } from '../../../preload/contract/workspace.ts'
import { composerStore } from '../../stores/composer.ts'
import { runsStore } from '../../stores/runs.ts'
import { composeMessage, type Message } from './message.ts'

type FileCommands = Pick<CommandMethods, 'readMessageFile'>

/** Reads files for messages that name them, each once. */
export const readFiles = async (
  commands: FileCommands,
  paths: readonly string[],
): Promise<Result<(path: string) => Uint8Array>> => {
  const bytes = new Map<string, Uint8Array>()
  for (const path of new Set(paths)) {
    const read = await commands.readMessageFile({ path })
    if (!read.ok) return read
    bytes.set(path, read.value)
  }
  return ok((path) => bytes.get(path) ?? new Uint8Array(0))
}

/** What is wrong with a message, in a sentence. */
export const messageProblem = (message: Extract<Message, { ok: false }>): string =>
  message.problem === 'too-long'
    ? `${message.length} bytes are more than the ${maxSendBytes} that one message takes`
    : `${message.message} (at ${message.at + 1})`

/** A message that is ready to be sent any number of times. */
const readyMessage = async (commands: FileCommands, message: Message): Promise<Result<RunMessage>> => {
  if (!message.ok) return fail('bad-argument', messageProblem(message))
  if (message.macros === undefined) return ok(plainMessage(message.bytes))
  const files = await readFiles(commands, message.macros.template.files)
  return files.ok ? ok(runMessage(message.macros, files.value)) : files
}

/** Sends it once; remembered in the history where it was. */
export const sendMessage = async (
  commands: CommandMethods,
  connection: ConnectionId,
  written: WrittenMessage,
): Promise<Result<number>> => {
  const { text, mode, ending, encoding } = written
  const message = composeMessage(text, mode, ending, encoding)
  const ready = await readyMessage(commands, message)
  if (!ready.ok) return ready
  const counts = message.ok && message.macros !== undefined
  const data = expandMessage(ready.value, counts ? composerStore.getState().count() : 0)
  const sent = await commands.send({ connection, data })
  if (sent.ok) composerStore.getState().remember({ text, mode, ending, encoding })
  return sent
}

/** Lets the engine send it again and again. */
export const repeatMessage = async (
  commands: CommandMethods,
  connection: ConnectionId,
  written: WrittenMessage,
  { everyMs, times }: { readonly everyMs: number; readonly times: number | null },
): Promise<Result<RunInfo>> => {
  const { text, mode, ending, encoding } = written
  const ready = await readyMessage(commands, composeMessage(text, mode, ending, encoding))
  if (!ready.ok) return ready
  const started = await commands.startRun({
    run: { kind: 'repeat', name: text.slice(0, 60), on: { connection }, message: ready.value, everyMs, times },
  })
  if (started.ok) runsStore.getState().takeRun(started.value)
  return started
}
