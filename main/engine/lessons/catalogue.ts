// The fourteen lessons in teaching order, and where their text is. Counterparts: code/*.ts (the text that is shown and
// run), about/*.ts (the words around it and the claims).
import { readFileSync } from 'node:fs'
import { backpressure } from './about/backpressure.ts'
import { blockingTheLoop } from './about/blocking-the-loop.ts'
import { coroutines } from './about/coroutines.ts'
import { echo } from './about/echo.ts'
import { futuresAndExecutors } from './about/futures-and-executors.ts'
import { generators } from './about/generators.ts'
import { gracefulShutdown } from './about/graceful-shutdown.ts'
import { microtasksAndTicks } from './about/microtasks-and-ticks.ts'
import { multiplexing } from './about/multiplexing.ts'
import { phases } from './about/phases.ts'
import { protocolsAndTransports } from './about/protocols-and-transports.ts'
import { relay } from './about/relay.ts'
import { streamsOrProtocols } from './about/streams-or-protocols.ts'
import { tasks } from './about/tasks.ts'
import type { Lesson } from './lesson.ts'

export const lessons: readonly Lesson[] = [
  echo,
  protocolsAndTransports,
  relay,
  multiplexing,
  phases,
  futuresAndExecutors,
  tasks,
  coroutines,
  generators,
  microtasksAndTicks,
  blockingTheLoop,
  backpressure,
  streamsOrProtocols,
  gracefulShutdown,
]

// Beside this file in the sources; beside the bundle in a build, which copies them as they are (electron.vite.config.ts).
const folder = import.meta.url.endsWith('.ts')
  ? new URL('./code/', import.meta.url)
  : new URL(import.meta.url.includes('/chunks/') ? '../lessons/' : './lessons/', import.meta.url)

const texts = new Map<string, string>()

/** The lesson's file, as it is. */
export const lessonSource = (lesson: Lesson): string => {
  let text = texts.get(lesson.name)
  if (text === undefined) {
    text = readFileSync(new URL(`${lesson.name}.ts`, folder), 'utf8')
    texts.set(lesson.name, text)
  }
  return text
}
