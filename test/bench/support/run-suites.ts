// Runs suites and programs as the command line asks, and prints what they found. Counterparts: ../bench.ts (all suites), suite.ts, report.ts.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, release, tmpdir, totalmem } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { compileLoad } from './load.ts'
import { probeCostText } from './probe-cost.ts'
import { type ProgramResult, type RunResult, render, type SuiteResult } from './report.ts'
import { type CellResult, runCell } from './rounds.ts'
import type { BenchProgram, Settings, Suite } from './suite.ts'

const usage = (
  suites: readonly { readonly name: string; readonly about: string }[],
) => `npm run bench -- [SUITE]… [options]

${suites.map(({ name, about }) => `  ${name.padEnd(12)} ${about}`).join('\n')}

  --rounds N          rounds of every cell (5)
  --seconds S         measured time of one sample (1)
  --warm S            time under load before it (0.5)
  --cells A,B         only these cells
  --subjects A,B      only these subjects
  --json FILE         writes every sample of every round
  --from FILE         measures nothing: shows a file that --json wrote
  --save-probe-cost FILE   writes what the suite \`probe\` found, as the Loop screen shows it (renderer/loop/probe-cost.json)
  --markdown          prints Markdown
  --smoke             one short round of everything: does it still run?
  --list              names suites, cells and subjects`

const options = {
  rounds: { type: 'string', default: '5' },
  seconds: { type: 'string', default: '1' },
  warm: { type: 'string', default: '0.5' },
  cells: { type: 'string' },
  subjects: { type: 'string' },
  json: { type: 'string' },
  from: { type: 'string' },
  'save-probe-cost': { type: 'string' },
  markdown: { type: 'boolean', default: false },
  smoke: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/** What is wrong with the command line or the machine, in a sentence. */
class Refusal extends Error {}

/** Those that were asked for, all where none were; throws where one is in none of the suites. */
const pick = (what: string, asked: string | undefined, known: readonly string[]): ((name: string) => boolean) => {
  if (asked === undefined) return () => true
  const names = asked.split(',').map((name) => name.trim())
  for (const name of names)
    if (!known.includes(name))
      throw new Refusal(`There is no ${what} ${name}; there are ${[...new Set(known)].join(', ')}`)
  return (name) => names.includes(name)
}

const positive = (name: string, text: string): number => {
  const value = Number(text)
  if (!(value > 0)) throw new Refusal(`--${name} is a number above 0, not ${text}`)
  return value
}

const scriptOf = (file: string) => path.join(import.meta.dirname, '..', file)

const commit = (): string => {
  try {
    const git = (...args: string[]) => execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain') === '' ? '' : ' with changes'}`
  } catch {
    return 'unknown'
  }
}

const machine = (): string =>
  `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`

const run = async (
  all: readonly Suite[],
  allPrograms: readonly BenchProgram[],
  argv: readonly string[],
): Promise<void> => {
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true })
  if (values.help) return console.log(usage([...all, ...allPrograms]))
  const named = positionals.length > 0
  const wanted = pick(
    'suite',
    named ? positionals.join(',') : undefined,
    [...all, ...allPrograms].map(({ name }) => name),
  )
  const suites = all.filter(({ name }) => wanted(name))
  const programs = allPrograms.filter(({ name, onlyNamed }) => wanted(name) && (named || !onlyNamed))
  if (values.list) {
    for (const { name, about, cells, subjects } of suites)
      console.log(
        `${name}: ${about}\n  cells: ${cells.join(', ')}\n  subjects: ${subjects.map((each) => each.name).join(', ')}`,
      )
    return
  }
  const saveProbeCost = (found: RunResult) => {
    const file = values['save-probe-cost']
    if (file !== undefined) writeFileSync(file, probeCostText(found))
  }
  if (values.from !== undefined) {
    const found: RunResult = JSON.parse(readFileSync(values.from, 'utf8'))
    console.log(render(found, values.markdown))
    return saveProbeCost(found)
  }
  if (process.platform !== 'linux') throw new Refusal('The benchmarks read /proc and use epoll: they run on Linux')

  const rounds = values.smoke ? 1 : positive('rounds', values.rounds)
  const seconds = values.smoke ? 0.1 : positive('seconds', values.seconds)
  const warmSeconds = values.smoke ? 0.05 : positive('warm', values.warm)
  const pickCell = pick(
    'cell',
    values.cells,
    suites.flatMap(({ cells }) => cells),
  )
  const pickSubject = pick(
    'subject',
    values.subjects,
    suites.flatMap(({ subjects }) => subjects.map(({ name }) => name)),
  )

  const directory = mkdtempSync(path.join(tmpdir(), 'wireloop-bench-'))
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }))
  const settings: Settings = { load: compileLoad(directory), directory, seconds, warmSeconds, smoke: values.smoke }

  const runOne = async (suite: Suite): Promise<SuiteResult> => {
    const asked = suite.subjects.filter(({ name }) => pickSubject(name))
    const absent = asked.flatMap((subject) => {
      const why = subject.missing()
      return why === null ? [] : [`${subject.name} (${why})`]
    })
    if (absent.length > 0) console.error(`${suite.name}: absent: ${absent.join('; ')}`)
    const present = asked.filter((subject) => subject.missing() === null)
    const subjects = present.map(({ name }) => name)
    const versions = present.flatMap((subject) => {
      const version = subject.version()
      return version === '' ? [] : [`${subject.name} ${version}`]
    })
    const cells: CellResult[] = []
    const cellNames = values.smoke && values.cells === undefined ? suite.smokeCells : suite.cells.filter(pickCell)
    for (const cell of cellNames)
      cells.push(
        await runCell(
          suite,
          cell,
          subjects,
          rounds,
          (subject) => suite.measure(subject, cell, settings),
          console.error,
        ),
      )
    const { name, about, metrics, pairs, goals } = suite
    return { name, about, rounds, seconds, metrics, subjects, pairs, goals, absent, versions, cells }
  }

  const runProgram = async ({ name, about, file, args, smoke }: BenchProgram): Promise<ProgramResult> => {
    const options = values.smoke ? (smoke ?? []) : args
    console.error([`${name}:`, file, ...options].join(' '))
    const child = spawn(process.execPath, ['--expose-gc', scriptOf(file), ...options], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    const [exitCode] = await once(child, 'close')
    return { name, about, text, exitCode }
  }

  const results: SuiteResult[] = []
  const texts: ProgramResult[] = []
  const result = (): RunResult => ({
    at: new Date().toISOString(),
    commit: commit(),
    machine: machine(),
    node: process.versions.node,
    suites: results,
    programs: texts,
  })
  // After each one, so that a run that is broken off has not been for nothing.
  const save = () => {
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(result(), null, 1)}\n`)
  }
  for (const suite of suites.filter(({ cells }) => values.smoke || cells.some(pickCell))) {
    results.push(await runOne(suite))
    save()
  }
  for (const program of programs) {
    if (values.smoke && program.smoke === null) continue
    if (!existsSync(scriptOf(program.file))) {
      console.error(`absent: ${program.name} (there is no test/bench/${program.file})`)
      continue
    }
    texts.push(await runProgram(program))
    save()
  }
  console.log(render(result(), values.markdown))
  saveProbeCost(result())
  const failed = results.flatMap(({ name, cells }) =>
    cells.flatMap(({ cell, samples }) =>
      Object.entries(samples).flatMap(([subject, list]) => (list.includes(null) ? [`${name} ${cell} ${subject}`] : [])),
    ),
  )
  failed.push(...texts.filter(({ exitCode }) => exitCode !== 0).map(({ name }) => name))
  if (failed.length > 0) {
    console.error(`Failed: ${failed.join('; ')}`)
    process.exitCode = 1
  }
}

/** Runs what `argv` asks for; progress goes to stderr, the result to stdout. Exit code 2 for wrong usage, 1 where one failed. */
export const runSuites = async (...[suites, programs, argv]: Parameters<typeof run>): Promise<void> => {
  try {
    await run(suites, programs, argv)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    if (!(error instanceof Refusal) && !code.startsWith('ERR_PARSE_ARGS')) throw error
    console.error((error as Error).message)
    process.exitCode = 2
  }
}
