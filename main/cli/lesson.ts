// `wireloop lesson`: runs a lesson and says whether what it claims held. Counterpart: main/lesson-host.ts, which runs it.
import { type Command, Option } from 'commander'
import type { LessonInfo, LessonRun, LessonStep } from '../../preload/contract/lessons.ts'
import { createLessonHost } from '../lesson-host.ts'
import { formatFailure } from './human-line.ts'
import { createLineQueue } from './line-queue.ts'
import { done, failed, type Outcome, type Run } from './outcome.ts'

/** A lesson's words may be anybody's once it can be changed: what would move a terminal's cursor is spelled out. */
const printable = (text: string): string =>
  text.replace(/\p{C}/gu, (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`)

interface LessonOptions {
  readonly json?: true
}

export const defineLesson = (program: Command, version: string, run: Run): void => {
  const command = program
    .command('lesson')
    .summary('run a lesson about the event loop and check its claims')
    .description(
      'Runs a lesson in a thread of its own and prints its steps, what it printed, and its claims as held or not held ' +
        'by what was recorded. Without a name it lists the lessons. Exits with 1 where a claim did not hold.',
    )
    .argument('[NAME]', 'which lesson; none lists them')
    .addOption(new Option('--json', 'print one JSON object per line, and nothing else, on standard output'))
    .version(version, '--version', 'print the version')
    .helpOption('--help', 'print this help')
  command.action((name: string | undefined, options: LessonOptions) => {
    const names = lessonNames()
    if (name !== undefined && !names.includes(name))
      command.error(`error: There is no lesson “${printable(name)}”. There are: ${names.join(', ')}`)
    return run(() => (name === undefined ? list(options) : runOne(name, options)))
  })
}

const lessonNames = (): readonly string[] =>
  createLessonHost()
    .list()
    .map((lesson) => lesson.name)

const print = async (lines: readonly string[]): Promise<Outcome> => {
  // Nothing here can be dropped: a run is bounded, and so are its lines.
  const queue = createLineQueue(process.stdout, String)
  for (const line of lines) queue.push((parts) => parts.text(line))
  await queue.end()
  return done
}

const ms = (time: number): string => `${time.toFixed(3)} ms`.padStart(13)

const list = (options: LessonOptions): Promise<Outcome> => {
  const lessons = createLessonHost().list()
  const width = Math.max(...lessons.map((lesson) => lesson.name.length))
  const line = (lesson: LessonInfo) =>
    `${String(lesson.number).padStart(2)}  ${lesson.name.padEnd(width)}  ${lesson.title}`
  const json = ({ name, number, title, summary }: LessonInfo) =>
    JSON.stringify({ kind: 'lesson', name, number, title, summary })
  return print(lessons.map(options.json ? json : line))
}

const where = (step: LessonStep): string => {
  if (step.line === 0) return step.waitedMs > 0 ? `poll waits ${step.waitedMs.toFixed(3)} ms` : 'the end'
  const turn = step.turn === 'callback' ? step.phase : step.turn
  return `line ${step.line}, ${step.runs}, ${turn}, iteration ${step.iteration}`
}

const withoutTicks = (text: string): string => text.replaceAll('`', '')

const humanLines = (lesson: LessonInfo, run: LessonRun): string[] => {
  const printed = run.console.map((line) => ({ at: line.at, text: `${ms(line.at)}  > ${printable(line.text)}` }))
  const steps = run.steps.map((step) => ({
    at: step.at,
    text: `${ms(step.at)}  ${where(step)}${step.text === null ? '' : `: ${withoutTicks(step.text)}`}`,
  }))
  const ending = run.error === null ? [] : [`${run.ending}: ${place(run)}${printable(run.error.message)}`]
  return [
    `${lesson.number}. ${lesson.title}`,
    ...[...steps, ...printed].sort((a, b) => a.at - b.at).map((each) => each.text),
    ...ending,
    ...run.claims.map(
      (claim) => `${claim.held ? 'held    ' : 'NOT HELD'}  ${withoutTicks(claim.text)} (${printable(claim.seen)})`,
    ),
  ]
}

const place = ({ error }: LessonRun): string => (error?.line === undefined ? '' : `line ${error.line}: `)

const jsonLines = (run: LessonRun): string[] => [
  ...run.steps.map((step, i) => JSON.stringify({ kind: 'step', number: i + 1, ...step })),
  ...run.console.map((line) => JSON.stringify({ kind: 'console', ...line })),
  ...run.claims.map((claim) => JSON.stringify({ kind: 'claim', ...claim })),
  JSON.stringify({
    kind: 'lesson-ended',
    lesson: run.lesson,
    ending: run.ending,
    error: run.error,
    durationMs: run.durationMs,
    held: run.claims.filter((claim) => claim.held).length,
    claims: run.claims.length,
  }),
]

const runOne = async (name: string, options: LessonOptions): Promise<Outcome> => {
  const host = createLessonHost()
  const result = await host.run({ lesson: name })
  if (!result.ok) return failed(formatFailure(result.failure))
  const run = result.value
  const lesson = host.list().find((each) => each.name === name)!
  await print(options.json ? jsonLines(run) : humanLines(lesson, run))
  if (run.ending !== 'finished') return failed(`The lesson ended otherwise than it should (${run.ending})`)
  const missed = run.claims.filter((claim) => !claim.held).length
  return missed === 0 ? done : failed(`${missed} of ${run.claims.length} claims did not hold`)
}
