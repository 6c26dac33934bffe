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
  const valuesIn = (metric: Metric, subject: string) => (cell: CellResult) =>
    number(median(valuesOf(cell, subject, metric.name)), metric.digits)
  const first = suite.metrics.filter((metric, i) => i === 0 || metric.compared)
  const figures = first.map((metric) =>
    tableOf(
      suite,
      `${metric.title} (${direction(metric)})`,
      suite.subjects.map((subject) => [subject, valuesIn(metric, subject)]),
    ),
  )
  const others = suite.metrics.filter((metric) => !first.includes(metric))
  const more = tableOf(
    suite,
    'More',
    others.flatMap((metric) =>
      suite.subjects.map((subject): [string, (cell: CellResult) => string] => [
        `${subject}: ${metric.title}`,
        valuesIn(metric, subject),
      ]),
    ),
  )
  return [...ratios, ...figures, more].filter(({ rows }) => rows.length > 0)
}

/** What the issues ask, what was measured of it, and whether that holds; goals of which nothing was measured are left out. */
const goalTable = (suites: readonly SuiteResult[]): Table => ({
  caption: 'Goals',
  head: ['', 'wanted', 'measured', 'held'],
  rows: suites.flatMap((suite) =>
    suite.goals.flatMap(({ subject, against, metric: name, cells, bound }) => {
      const metric = suite.metrics.find((each) => each.name === name)!
      const measured = suite.cells
        .filter(({ cell }) => cells.includes(cell))
        .map((result) => {
          const values = against === null ? valuesOf(result, subject, name) : ratiosOf(result, subject, against, name)
          return { cell: result.cell, value: median(values) }
        })
        .filter(({ value }) => !Number.isNaN(value))
      if (measured.length === 0) return []
      const held = measured.every(({ value }) => (metric.better === 'more' ? value >= bound : value <= bound))
      const digits = against === null ? metric.digits : 2
      return [
        [
          `${suite.name}: ${subject}${against === null ? '' : ` ÷ ${against}`}, ${metric.title}`,
          `${metric.better === 'more' ? 'at least' : 'at most'} ${bound}`,
          measured.map(({ cell, value }) => `${cell}: ${number(value, digits)}`).join(', '),
          held ? 'yes' : 'NO',
        ],
      ]
    }),
  ),
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
  }
  for (const { name, about, text } of run.programs)
    parts.push(
      markdown ? `### ${name}` : `━━ ${name}`,
      about,
      markdown ? `\`\`\`\n${text.trimEnd()}\n\`\`\`` : text.trimEnd(),
    )
  // One round compares nothing.
  const goals = goalTable(run.suites.filter(({ rounds }) => rounds > 1))
  if (goals.rows.length > 0) parts.push(markdown ? asMarkdown(goals) : asText(goals))
  return parts.join('\n\n')
}
