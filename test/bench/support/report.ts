// What a run found, as tables: ratios to peers first (paired within a round, then the median), figures after them, and which of the
// issues' goals held. Works from the JSON of a run alone. Counterparts: rounds.ts, run-suites.ts.
import { type CellResult, median, ratiosOf, valuesOf } from './rounds.ts'
import type { Goal, Metric } from './suite.ts'

export interface SuiteResult {
  readonly name: string
  readonly about: string
  readonly rounds: number
  readonly seconds: number
  readonly metrics: readonly Metric[]
  readonly subjects: readonly string[]
  readonly pairs: readonly (readonly [subject: string, base: string])[]
  readonly goals: readonly Goal[]
  /** What could not take part, and why. */
  readonly absent: readonly string[]
  /** The peers' versions. */
  readonly versions: readonly string[]
  readonly cells: readonly CellResult[]
}

/** What a program of its own printed; `exitCode` other than 0: it failed. */
export interface ProgramResult {
  readonly name: string
  readonly about: string
  readonly text: string
  readonly exitCode: number | null
}

export interface RunResult {
  readonly at: string
  readonly commit: string
  readonly machine: string
  readonly node: string
  readonly suites: readonly SuiteResult[]
  readonly programs: readonly ProgramResult[]
}

interface Table {
  readonly caption: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const number = (value: number, digits: number): string =>
  Number.isNaN(value)
    ? '–'
    : value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })

/** The median, and in brackets the least and the most of all rounds where there was more than one. */
const spread = (values: readonly number[], digits: number): string => {
  const middle = number(median(values), digits)
  if (values.length < 2) return middle
  return `${middle} (${number(Math.min(...values), digits)}–${number(Math.max(...values), digits)})`
}

const direction = (metric: Metric) => (metric.better === 'more' ? 'more is better' : 'less is better')

const tableOf = (
  suite: SuiteResult,
  caption: string,
  rows: [label: string, value: (cell: CellResult) => string][],
): Table => ({
  caption,
  head: ['', ...suite.cells.map(({ cell }) => cell)],
  rows: rows
    .map(([label, value]) => [label, ...suite.cells.map(value)])
    .filter((row) => row.slice(1).some((text) => text !== '–')),
})

const tablesOf = (suite: SuiteResult): Table[] => {
  const ratios = suite.metrics
    .filter(({ compared }) => compared)
    .map((metric) =>
      tableOf(
        suite,
        `${metric.title}: ratios (${direction(metric)})`,
        suite.pairs.map(([subject, base]) => [
          `${subject} ÷ ${base}`,
          (cell) => spread(ratiosOf(cell, subject, base, metric.name), 2),
        ]),
      ),
    )
  const figures = suite.metrics.map((metric) =>
    tableOf(
      suite,
      `${metric.title} (${direction(metric)})`,
      suite.subjects.map((subject) => [
        subject,
        (cell) => number(median(valuesOf(cell, subject, metric.name)), metric.digits),
      ]),
    ),
  )
  return [...ratios, ...figures].filter(({ rows }) => rows.length > 0)
}

/** One line a goal and cell that was measured, and one for what was not. */
export const goalLines = (suite: SuiteResult): string[] =>
  suite.goals.flatMap(({ subject, against, metric: name, cells, bound }) => {
    const metric = suite.metrics.find((each) => each.name === name)!
    const what = `${subject}${against === null ? '' : ` ÷ ${against}`}, ${metric.title}`
    const wanted = `${metric.better === 'more' ? 'at least' : 'at most'} ${bound}`
    return cells.map((cell) => {
      const result = suite.cells.find((each) => each.cell === cell)
      const values =
        result === undefined
          ? []
          : against === null
            ? valuesOf(result, subject, name)
            : ratiosOf(result, subject, against, name)
      if (values.length === 0) return `not measured: ${what}, ${cell}: ${wanted}`
      const value = median(values)
      const held = metric.better === 'more' ? value >= bound : value <= bound
      return `${held ? 'held' : 'NOT HELD'}: ${what}, ${cell}: ${number(value, against === null ? metric.digits : 2)}, ${wanted}`
    })
  })

const asText = ({ caption, head, rows }: Table): string => {
  const all = [head, ...rows]
  const widths = head.map((_, i) => Math.max(...all.map((row) => row[i]!.length)))
  const lines = all.map((row) =>
    row.map((text, i) => (i === 0 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))).join('  '),
  )
  return [caption, ...lines.map((line) => `  ${line}`.trimEnd())].join('\n')
}

const asMarkdown = ({ caption, head, rows }: Table): string => {
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`
  return [caption, '', line(head), line(head.map((_, i) => (i === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n')
}

/** The whole run as text for a terminal, or as Markdown. */
export const render = (run: RunResult, markdown: boolean): string => {
  const parts = [`${run.machine}; Node ${run.node}; commit ${run.commit}; ${run.at}`]
  for (const suite of run.suites) {
    parts.push(markdown ? `### ${suite.name}` : `━━ ${suite.name}`, suite.about)
    parts.push(
      suite.rounds === 1
        ? `One round of ${suite.seconds} s: enough to see that it runs, not to compare.`
        : `Medians of ${suite.rounds} rounds of ${suite.seconds} s; the least and the most of the rounds in brackets.`,
    )
    parts.push(...tablesOf(suite).map(markdown ? asMarkdown : asText))
    if (suite.versions.length > 0) parts.push(`Versions: ${suite.versions.join(', ')}.`)
    if (suite.absent.length > 0) parts.push(`Absent: ${suite.absent.join('; ')}.`)
    const goals = (suite.rounds === 1 ? [] : goalLines(suite)).map((line) => (markdown ? `* ${line}` : `  ${line}`))
    if (goals.length > 0) parts.push(['Goals', ...goals].join(markdown ? '\n\n' : '\n').replaceAll('\n\n* ', '\n* '))
  }
  for (const { name, about, text } of run.programs)
    parts.push(
      markdown ? `### ${name}` : `━━ ${name}`,
      about,
      markdown ? `\`\`\`\n${text.trimEnd()}\n\`\`\`` : text.trimEnd(),
    )
  return parts.join('\n\n')
}
